"""Send the reports that wait to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from analytics.services.reports import delivering
from socialhub.management.periodic import PeriodicCommand


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        return delivering.deliver(now)
