"""Find new publications and read the numbers of every one that is due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from analytics.services import collecting, tracking
from socialhub.management.periodic import PeriodicCommand


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        return {"new": tracking.sweep(), **collecting.collect(now)}
