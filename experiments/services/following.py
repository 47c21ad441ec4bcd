"""Publications of running tests are read every hour to the end of their test."""

from __future__ import annotations

from datetime import datetime

from analytics.services import hastening
from experiments.models import ABTestPublication, ABTestState, Design


def follow(now: datetime) -> int:
    """Bring forward the next reading of those whose own rhythm is slower; how many."""
    running = ABTestPublication.objects.filter(
        test__state=ABTestState.RUNNING, publication__isnull=False
    )
    # What a paired test has counted is not needed again, only looked for once a day.
    wanted = running.exclude(test__design=Design.PAIRED, counted_at__isnull=False)
    return hastening.hasten(wanted.values("publication_id"), hastening.HOURLY, now)
