"""Old snapshots get fewer: after 30 days the last of each local day, after 13 months none."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from analytics import sql
from analytics.models import DataVersion, PostMetrics
from analytics.services import partitions, rollups

FULL = timedelta(days=30)
# A run ends after this long; the next one goes on.
RUN_SECONDS = 120
SNAPSHOTS = "analytics_postmetrics"


def compact(now: datetime) -> dict[str, Any]:
    """Make room: months ahead, one snapshot a day for old days, old months away.

    Nothing that dashboards show changes: activity of a day needs only its last snapshot.
    Returns {"partitions": names made, "days": days compacted, "deleted": rows, "dropped": names}.
    """
    made = partitions.prepare(now)
    zone = rollups.built_zone()
    until = now.astimezone(zone).date() - FULL
    day, days, deleted = _begin(zone), 0, 0
    ends = time.monotonic() + RUN_SECONDS
    while day is not None and day < until and time.monotonic() < ends:
        deleted += _compact_day(day, *sql.bounds(zone, day, day))
        days += 1
        day += sql.DAY
    return {
        "partitions": made,
        "days": days,
        "deleted": deleted,
        "dropped": partitions.drop_old(now),
    }


def _begin(zone: Any) -> date | None:
    """The first day that is not compacted; None without snapshots."""
    done = DataVersion.objects.filter(pk=1).values_list("compacted_to", flat=True).first()
    if done is not None:
        return done
    oldest = PostMetrics.objects.order_by("collected_at").values_list("collected_at", flat=True)
    first = oldest.first()
    return first.astimezone(zone).date() if first else None


@transaction.atomic
def _compact_day(day: date, start: datetime, end: datetime) -> int:
    """Delete all but the last snapshot of each publication between two moments; how many."""
    within = "collected_at >= %s AND collected_at < %s"
    span = [sql.stored(start), sql.stored(end)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {SNAPSHOTS} WHERE {within} AND EXISTS (SELECT 1 FROM {SNAPSHOTS} later"
            f" WHERE later.publication_id = {SNAPSHOTS}.publication_id"
            f" AND later.collected_at > {SNAPSHOTS}.collected_at AND later.collected_at < %s)",
            [*span, span[1]],
        )
        deleted = cursor.rowcount
    DataVersion.objects.update_or_create(pk=1, defaults={"compacted_to": day + sql.DAY})
    return deleted
