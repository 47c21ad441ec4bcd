"""Keep one snapshot a day of old days, drop old months, make months ahead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from analytics.services import compacting
from socialhub.management.periodic import PeriodicCommand


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        return compacting.compact(now)
