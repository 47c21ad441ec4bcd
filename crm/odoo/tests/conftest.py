"""A scripted Odoo and clients that know it already, for both transports."""

from __future__ import annotations

import pytest

from crm.odoo import open_client
from crm.odoo.tests.scripted import ScriptedOdoo

FIELDS = {
    "crm.lead": {
        "id": {"type": "integer"},
        "name": {"type": "char", "string": "Opportunity", "required": True},
        "description": {"type": "html"},
        "partner_id": {"type": "many2one", "relation": "res.partner"},
        "tag_ids": {"type": "many2many", "relation": "crm.tag"},
        "email_from": {"type": "char"},
        "write_date": {"type": "datetime", "readonly": True},
    },
    "product.template": {
        "id": {"type": "integer"},
        "name": {"type": "char"},
        "write_date": {"type": "datetime"},
    },
}
VERSIONS = {"xmlrpc": "17.0", "json2": "19.0"}


@pytest.fixture
def server():
    server = ScriptedOdoo()
    yield server
    server.close()


@pytest.fixture
def waits():
    """The waits the client asked for, in seconds; none is really waited."""
    return []


@pytest.fixture
def records():
    """What the client told its observer."""
    return []


@pytest.fixture(params=["xmlrpc", "json2"])
def client(request, server, waits, records):
    return known(server, request.param, waits, records)


@pytest.fixture
def xmlrpc(server, waits, records):
    return known(server, "xmlrpc", waits, records)


@pytest.fixture
def json2(server, waits, records):
    return known(server, "json2", waits, records)


def known(server, transport, waits, records):
    state = {
        "version": VERSIONS[transport],
        "transport": transport,
        "uid": 7,
        "fields": FIELDS,
    }
    return open_client(
        server.target, state=state, sleep=waits.append, observe=records.append, timeout=5
    )
