"""How late publications go out, measured from the rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from socialhub.models import Publication, PublicationStatus

# The most recent publications are enough for percentiles.
MOST = 5000


@dataclass(frozen=True, slots=True)
class Punctuality:
    """Seconds from due to published; None without a sample. `n` publications of `days` days."""

    n: int
    days: int
    p50: float | None
    p95: float | None
    p99: float | None


def punctuality(now: datetime, days: int = 30) -> Punctuality:
    """Percentiles (nearest rank) over what was published in the last `days` days. One query."""
    rows = (
        Publication.objects.filter(
            status=PublicationStatus.PUBLISHED,
            published_at__gte=now - timedelta(days=days),
            published_at__lte=now,
            due_at__isnull=False,
            attempts__isnull=False,
        )
        .order_by("-published_at")
        .values_list("pk", "published_at", "due_at")
        .distinct()[:MOST]
    )
    late = sorted(max(0.0, (out - due).total_seconds()) for _pk, out, due in rows if out and due)
    return Punctuality(
        len(late), days, percentile(late, 50), percentile(late, 95), percentile(late, 99)
    )


def percentile(ordered: list[float], percent: float) -> float | None:
    """Nearest-rank percentile of an ordered list; None when it is empty."""
    if not ordered:
        return None
    rank = max(1, math.ceil(percent / 100 * len(ordered)))
    return ordered[rank - 1]
