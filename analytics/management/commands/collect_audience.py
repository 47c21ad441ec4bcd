"""Read how many follow each account, where today's number is missing or older than 6 hours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from analytics.services import audience
from socialhub.management.periodic import PeriodicCommand


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        return audience.collect(now)
