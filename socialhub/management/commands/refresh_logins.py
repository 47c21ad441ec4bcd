"""Renew logins that end soon, and say which ones only a person can renew."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from socialhub.management.periodic import PeriodicCommand
from socialhub.services import accounts


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        return accounts.renew_due(now)
