"""Rollups made anew from the facts, and compared with them every night."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from analytics import sql
from analytics.models import DataVersion, PublicationStats
from analytics.rollup_specs import (
    ACTIVITY,
    ACTIVITY_KEYS,
    DAY,
    MEASURED,
    ROLLUPS,
    STATS,
    Rollup,
)
from analytics.services import activity, rollups, tracking
from socialhub.models import JobRun, JobState, Organisation
from socialhub.services import jobs

log = logging.getLogger(__name__)

JOB = "rebuild_rollups"
REPAIR = "repair_rollups"
REBUILD_SECONDS = 1_800
# The nightly comparison looks at what was published, or happened, since then: counters of older
# publications are not read any more.
COMPARED = timedelta(days=100)

Cells = dict[tuple[Any, ...], tuple[Any, ...]]


@contextmanager
def _alone() -> Iterator[Any]:
    """A transaction in which nobody else writes facts; readers are not held up."""
    with transaction.atomic(), connection.cursor() as cursor:
        if sql.is_postgres():
            # Stronger than what SELECT … FOR UPDATE takes, or two could wait for each other.
            cursor.execute(f"LOCK TABLE {STATS} IN EXCLUSIVE MODE")
        yield cursor


def rebuild(now: datetime) -> dict[str, Any]:
    """Every rollup anew, on the days of the organisation's zone.

    Returns {"timezone", "publications", "rows": {table: rows}}.
    """
    zone = Organisation.get().zone
    with _alone() as cursor:
        _set_local_days(cursor, zone, now)
        tracking.set_previous_days()
        counts = {}
        for rollup in ROLLUPS:
            cursor.execute(f"DELETE FROM {rollup.table}")
            sums = [f"SUM({expression})" for expression in rollup.sums.values()]
            cursor.execute(rollups.insert_sums(rollup, sums, f"{STATS} f"), [])
            counts[rollup.table] = cursor.rowcount
        activity.rebuild(zone)
        rollups.bump(cursor)
        DataVersion.objects.filter(pk=1).update(timezone=zone.key)
        publications = PublicationStats.objects.count()
    return {"timezone": zone.key, "publications": publications, "rows": counts}


def _set_local_days(cursor: Any, zone: ZoneInfo, now: datetime) -> None:
    span = PublicationStats.objects.aggregate(first=Min("published_at"), last=Max("published_at"))
    if span["first"] is None:
        return
    day = sql.day_at_offset("published_at")
    for segment in sql.segments(zone, span["first"], span["last"] + sql.DAY):
        cursor.execute(
            f"UPDATE {STATS} SET local_day = {day}"
            f" WHERE published_at >= %s AND published_at < %s AND local_day <> {day}",
            [
                segment.offset,
                sql.stored(segment.start),
                sql.stored(segment.end),
                segment.offset,
            ],
        )


# -- when ----------------------------------------------------------------------------------


def is_built() -> bool:
    """Are there rollups, on the days of the organisation's zone?"""
    built = DataVersion.objects.filter(pk=1).values_list("timezone", flat=True).first()
    return built == Organisation.get().timezone


def ensure_built() -> bool:
    """Have the rollups made by the worker when they are missing or of another zone.

    True when a job was started; False when nothing is to do or one is under way.
    """
    under_way = JobRun.objects.filter(kind=JOB, state__in=(JobState.QUEUED, JobState.RUNNING))
    if is_built() or under_way.exists():
        return False
    jobs.start(JOB, None)
    return True


@jobs.job(JOB, seconds=REBUILD_SECONDS)
def _job(row: JobRun) -> dict[str, Any]:
    return rebuild(timezone.now())


# -- comparing -----------------------------------------------------------------------------


def repair(now: datetime) -> dict[str, Any]:
    """Compare rollups with facts and put right what differs; build them if they never were.

    Returns {"checked": cells, "repaired": {table: [{"key", "was", "is"}]}}; at most 20 per table
    are listed, "cells" counts all.
    """
    if not is_built():
        return {"rebuilt": rebuild(now)}
    zone = rollups.built_zone()
    since = now.astimezone(zone).date() - COMPARED
    checked, cells, repaired = 0, 0, {}
    with _alone() as cursor:
        for rollup in ROLLUPS:
            there, wanted = (
                _cells(cursor, rollup, since, zone),
                _wanted(cursor, rollup, since, zone),
            )
            checked += len(wanted)
            wrong = _put_right(cursor, rollup.table, rollup.keys, rollup.columns, there, wanted)
            if wrong:
                cells, repaired[rollup.table] = cells + len(wrong), wrong[:20]
        wrong = _repair_activity(cursor, zone, since)
        if wrong:
            cells, repaired[ACTIVITY] = cells + len(wrong), wrong[:20]
        if repaired:
            rollups.bump(cursor)
    found = {"checked": checked, "cells": cells, "repaired": repaired}
    if cells:
        _report(found, now)
    return found


def _report(found: dict[str, Any], now: datetime) -> None:
    """Where people look for what ran: among the jobs, and in the log."""
    log.error("rollups differed from the facts in %s cells and were repaired", found["cells"])
    JobRun.objects.create(
        kind=REPAIR, state=JobState.DONE, result=found, started_at=now, finished_at=timezone.now()
    )


def _limit(rollup: Rollup, since: date, zone: ZoneInfo) -> tuple[str, str, Any]:
    """The column of time in rollup and facts, and the value it has to reach."""
    if "local_day" in rollup.keys:
        return "local_day", "f.local_day", since.isoformat()
    start = sql.bounds(zone, since, since)[0].replace(minute=0, second=0)
    return "hour_start", "f.published_at", sql.stored(start)


def _cells(cursor: Any, rollup: Rollup, since: date, zone: ZoneInfo) -> Cells:
    column, _facts, value = _limit(rollup, since, zone)
    cursor.execute(
        f"SELECT {', '.join(rollup.columns)} FROM {rollup.table} WHERE {column} >= %s", [value]
    )
    return _by_key(cursor, len(rollup.keys))


def _wanted(cursor: Any, rollup: Rollup, since: date, zone: ZoneInfo) -> Cells:
    _column, facts, value = _limit(rollup, since, zone)
    sums = [f"SUM({expression})" for expression in rollup.sums.values()]
    source = f"(SELECT * FROM {STATS} f WHERE {facts} >= %s) f"
    cursor.execute(rollups.select_sums(rollup, sums, source), [value])
    return _by_key(cursor, len(rollup.keys))


def _by_key(cursor: Any, keys: int) -> Cells:
    rows = [tuple(map(_comparable, row)) for row in cursor.fetchall()]
    return {row[:keys]: row for row in rows}


def _comparable(value: Any) -> Any:
    """As the database stores it: SQLite gives columns as dates but sums over them as text,
    PostgreSQL sums 8-byte integers as decimals."""
    if isinstance(value, datetime):
        return sql.stored(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return sql.stored_day(value)
    return value if value is None or isinstance(value, str) else int(value)


def _put_right(
    cursor: Any, table: str, keys: Any, columns: Sequence[str], there: Cells, wanted: Cells
) -> list[dict[str, Any]]:
    """Rewrite cells that differ. A cell with nothing but zeros is as good as none."""
    wrong = []
    for key in sorted({*there, *wanted}, key=str):
        was, now = there.get(key), wanted.get(key)
        if was == now or (now is None and was is not None and _is_empty(was, columns)):
            continue
        condition = " AND ".join(f"{name} = %s" for name in keys)
        cursor.execute(f"DELETE FROM {table} WHERE {condition}", list(key))
        if now is not None:
            marks = ", ".join(["%s"] * len(now))
            cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", now)
        wrong.append({"key": [str(part) for part in key], "was": _shown(was), "is": _shown(now)})
    return wrong


def _is_empty(row: tuple[Any, ...], columns: Sequence[str]) -> bool:
    """Are all its sums 0 or NULL?"""
    sums = (*DAY.sums, *MEASURED)
    return not any(value for name, value in zip(columns, row, strict=True) if name in sums)


def _shown(row: tuple[Any, ...] | None) -> list[str] | None:
    return None if row is None else [str(value) for value in row]


def _repair_activity(cursor: Any, zone: ZoneInfo, since: date) -> list[dict[str, Any]]:
    """From the snapshots; only days whose snapshots are all there."""
    first = max(filter(None, (since, activity.complete_from())))
    columns = ("local_day", "account_id", "content_type", "platform", *MEASURED)
    cursor.execute(
        f"SELECT {', '.join(columns)} FROM {ACTIVITY} WHERE local_day >= %s", [first.isoformat()]
    )
    there = _by_key(cursor, len(ACTIVITY_KEYS))
    query, params = activity.expected(zone, first)
    cursor.execute(query, params)
    wanted = _by_key(cursor, len(ACTIVITY_KEYS))
    return _put_right(cursor, ACTIVITY, ACTIVITY_KEYS, columns, there, wanted)
