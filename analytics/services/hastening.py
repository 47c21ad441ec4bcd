"""Reading some publications more often than their age asks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from analytics.models import PublicationStats

HOURLY = timedelta(hours=1)


def hasten(publication_ids: Any, every: timedelta, now: datetime) -> int:
    """Let these (ids or a subquery) be read at least `every` so long; how many come earlier.

    What vanished keeps its own rhythm, and so do readings that fail: they try again later and
    later. Conditional: a collector that is reading just now sets the next time itself.
    """
    slow = PublicationStats.objects.filter(
        Q(next_collect_at__isnull=True) | Q(next_collect_at__gt=F("metrics_at") + every),
        publication_id__in=publication_ids,
        metrics_at__isnull=False,
        gone_at__isnull=True,
        failures=0,
    )
    return slow.update(next_collect_at=F("metrics_at") + every)
