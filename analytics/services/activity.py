"""What happened per day, from snapshots: a late one is booked, or the whole history anew.

Incremental booking is in rollups.booked. Both give the same: each day holds the differences
between a snapshot of that day and the one before, a counter not reported counting as none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from analytics import definitions, sql
from analytics.models import DataVersion, PostMetrics, PublicationStats
from analytics.rollup_specs import ACTIVITY, MEASURED, STATS
from analytics.services import rollups
from socialhub.platforms.base import COUNTERS

Moved = dict[str, int | None]
# No publication is read for longer than this after it went out, so that from here on every
# snapshot before it is there.
LONGEST = timedelta(days=92)
SNAPSHOTS = "analytics_postmetrics"


def rebook(
    row: PublicationStats, before: PostMetrics | None, one: PostMetrics, after: PostMetrics | None
) -> None:
    """`one` came in late, between two snapshots: its part moves to its own day."""
    if row.is_reply:
        return
    zone = rollups.built_zone()
    changes = {one.collected_at.astimezone(zone).date(): _moved(before, one)}
    if after is not None:
        day = after.collected_at.astimezone(zone).date()
        taken_away = _less(_moved(one, after), _moved(before, after))
        changes[day] = _add(changes.get(day, {}), taken_away)
    with connection.cursor() as cursor:
        for day in sorted(changes):
            _book(cursor, row, day, changes[day])
        rollups.bump(cursor)


def _all(snapshot: PostMetrics | None) -> Moved:
    counters = snapshot.counters() if snapshot else dict.fromkeys(COUNTERS)
    return {**counters, "engagements": definitions.engagements(counters)}


def _moved(before: PostMetrics | None, after: PostMetrics) -> Moved:
    return _less(_all(after), _all(before))


def _less(one: Mapping[str, int | None], other: Mapping[str, int | None]) -> Moved:
    return {name: _minus(one.get(name), other.get(name)) for name in MEASURED}


def _minus(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) - (other or 0)


def _add(one: Mapping[str, int | None], other: Mapping[str, int | None]) -> Moved:
    return _less(one, {name: None if v is None else -v for name, v in other.items()})


def _book(cursor: Any, row: PublicationStats, day: date, moved: Mapping[str, int | None]) -> None:
    columns = ["local_day", "account_id", "content_type", "platform", *MEASURED]
    cursor.execute(
        f"INSERT INTO {ACTIVITY} ({', '.join(columns)})"
        f" VALUES ({', '.join(['%s'] * len(columns))}) {rollups.on_conflict_add()}",
        [
            day.isoformat() if not sql.is_postgres() else day,
            row.account_id,
            row.content_type,
            row.platform,
            *(moved.get(name) for name in MEASURED),
        ],
    )


# -- the whole history --------------------------------------------------------------------


def complete_from() -> date | None:
    """The first local day whose activity the snapshots there are can tell; None = every day."""
    dropped = DataVersion.objects.filter(pk=1).values_list("snapshots_from", flat=True).first()
    return dropped + LONGEST if dropped else None


def rebuild(zone: ZoneInfo) -> None:
    """Write ActivityDay anew from the snapshots, on the days of `zone`.

    Days whose snapshots are dropped already keep what they have. In the caller's transaction,
    with nobody writing.
    """
    first = complete_from()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {ACTIVITY} WHERE local_day >= %s", [(first or date.min).isoformat()]
        )
        query, params = expected(zone, first)
        columns = ", ".join(["local_day", "account_id", "content_type", "platform", *MEASURED])
        cursor.execute(f"INSERT INTO {ACTIVITY} ({columns}) {query}", params)


def expected(zone: ZoneInfo, first: date | None) -> tuple[str, list[Any]]:
    """SELECT of the rows that ActivityDay should have from the day `first` on."""
    start, end = _span(zone, first)
    day, params = _local_day(zone, start, end)
    lags = ", ".join(f"LAG({name}) OVER w AS {name}_before" for name in COUNTERS)
    moved = ", ".join(f"SUM({_difference(name)}) AS {name}" for name in MEASURED)
    query = (
        f"SELECT {day} AS day, s.account_id, s.content_type, s.platform, {moved}"
        f" FROM (SELECT publication_id, collected_at, {', '.join(COUNTERS)}, {lags}"
        f" FROM {SNAPSHOTS} WINDOW w AS (PARTITION BY publication_id ORDER BY collected_at)) m"
        f" JOIN {STATS} s ON s.publication_id = m.publication_id"
        " WHERE NOT s.is_reply AND m.collected_at >= %s AND m.collected_at < %s"
        " GROUP BY 1, 2, 3, 4"
        f" HAVING COALESCE({', '.join(f'SUM({_difference(name)})' for name in MEASURED)})"
        " IS NOT NULL"
    )
    return query, [*params, sql.stored(start), sql.stored(end)]


def _span(zone: ZoneInfo, first: date | None) -> tuple[datetime, datetime]:
    """From the day `first`, or the oldest snapshot, until after the newest one."""
    times = PostMetrics.objects.order_by("collected_at").values_list("collected_at", flat=True)
    oldest, newest = times.first(), times.last()
    now = datetime.now(UTC)
    start = sql.bounds(zone, first, first)[0] if first else (oldest or now)
    return start, max(newest or now, now) + timedelta(days=1)


def _local_day(zone: ZoneInfo, start: datetime, end: datetime) -> tuple[str, list[Any]]:
    """SQL for the local day of m.collected_at, by stretches of constant offset."""
    found = sql.segments(zone, start, end)
    day = sql.day_at_offset("m.collected_at")
    cases, params = "", []
    for segment in found[:-1]:
        cases += f" WHEN m.collected_at < %s THEN {day}"
        params += [sql.stored(segment.end), segment.offset]
    params.append(found[-1].offset)
    return (f"CASE{cases} ELSE {day} END" if cases else day), params


def _difference(name: str) -> str:
    if name in COUNTERS:
        now, before = f"m.{name}", f"m.{name}_before"
    else:
        now, before = (
            definitions.engagements_sql("m.{}"),
            definitions.engagements_sql("m.{}_before"),
        )
    return (
        f"CASE WHEN {now} IS NULL AND {before} IS NULL THEN NULL"
        f" ELSE COALESCE({now}, 0) - COALESCE({before}, 0) END"
    )
