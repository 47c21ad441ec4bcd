"""Compare the rollups with the facts and put right what differs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from analytics.services import rebuilding
from socialhub.management.periodic import PeriodicCommand


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        return rebuilding.repair(now)
