"""Make the report of the last complete month once it is due, and queue it for its subscribers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from analytics.services.reports import scheduling
from socialhub.management.periodic import PeriodicCommand


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        return scheduling.run_monthly(now)
