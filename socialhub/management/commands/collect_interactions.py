"""Fetch comments, mentions and quotes of every account that is due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from socialhub.management.periodic import PeriodicCommand
from socialhub.services import collecting_interactions


class Command(PeriodicCommand):
    help = __doc__

    def job(self, now: datetime) -> dict[str, Any]:
        return collecting_interactions.collect(now)
