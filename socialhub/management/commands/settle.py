"""Look at every unknown outcome whose time has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from socialhub.management.periodic import PeriodicCommand
from socialhub.services import publishing


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        return {"results": publishing.settle_due(now)}
