"""The wire client: talks to one Odoo, 16 or later, over XML-RPC or JSON-2.

Plain dataclasses go in and out; it knows no rows and no tasks. What real servers do is written
down in docs/odoo-api.md.
"""

from crm.odoo import errors
from crm.odoo.client import Client
from crm.odoo.opening import open_client
from crm.odoo.shapes import (
    CallRecord,
    FieldInfo,
    Record,
    Reference,
    Target,
    TransportName,
    Upserted,
    Version,
)
from crm.odoo.urls import clean_url, record_url
from crm.odoo.values import Html, html

__all__ = [
    "CallRecord",
    "Client",
    "FieldInfo",
    "Html",
    "Record",
    "Reference",
    "Target",
    "TransportName",
    "Upserted",
    "Version",
    "clean_url",
    "errors",
    "html",
    "open_client",
    "record_url",
]
