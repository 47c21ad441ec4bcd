"""Reading some publications more often than their age asks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from analytics.models import PublicationStats

HOURLY = timedelta(hours=1)


def hasten(publication_ids: Any, every: timedelta, now: datetime) -> int:
    """Let these (ids or a subquery) be read at least `every` so long; how many come earlier.

    What vanished keeps its own rhythm, and so do readings that fail or that a monthly cap stops:
    they try again later. Where reading is charged, the first one comes earlier too: a person asked
    for it. Conditional: a collector that is reading just now sets the next time itself.
    """
    rows = PublicationStats.objects.filter(publication_id__in=publication_ids)
    # Read for the first time half a day after publishing, where that costs.
    waiting = rows.filter(
        metrics_at__isnull=True, gone_at__isnull=True, skipped_at__isnull=True, failures=0
    )
    first = waiting.filter(next_collect_at__gt=now).update(next_collect_at=now)
    slow = rows.filter(
        Q(next_collect_at__isnull=True) | Q(next_collect_at__gt=F("metrics_at") + every),
        metrics_at__isnull=False,
        gone_at__isnull=True,
        failures=0,
        skipped_at__isnull=True,
    )
    return first + slow.update(next_collect_at=F("metrics_at") + every)
