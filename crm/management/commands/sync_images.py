"""Read the pictures of products and services from Odoo."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crm.models import SyncKind
from crm.services.odoo import parts
from socialhub.management.periodic import PeriodicCommand


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        return parts.run_now(SyncKind.IMAGES, now)
