"""Every kind of sync, registered: import this where runs are carried out."""

from __future__ import annotations

# Imported for what they register in runs.PARTS.
from crm.services.odoo import (  # noqa: F401
    catalogue,
    exporting,
    images,
    pulling,
    revenue,
    scanning,
)
from crm.services.odoo.runs import execute, run_now

__all__ = ["execute", "run_now"]
