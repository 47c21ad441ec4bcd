"""Note later words of known persons, erase what is past its time, warn of keys that end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crm.services import retention
from socialhub.management.periodic import PeriodicCommand


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        return retention.tend(now)
