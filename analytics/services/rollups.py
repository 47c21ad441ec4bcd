"""Keeping the rollups equal to the facts.

Whoever changes rows of PublicationStats does it inside `booked`: their old values are set aside,
and what the change makes of them is added to every rollup in the same transaction. Locks are
taken in one order: facts by id, rollups by key, DataVersion last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from analytics import sql
from analytics.models import DataVersion
from analytics.rollup_specs import (
    ACTIVITY,
    ACTIVITY_KEYS,
    COUNTED,
    DAY,
    DELTA_COLUMNS,
    FACTS,
    KEYS,
    MEASURED,
    ROLLUPS,
    STATS,
    Rollup,
)
from socialhub.models import Organisation
from socialhub.platforms.base import COUNTERS

BEFORE, DELTA = "analytics_before", "analytics_delta"
COLUMNS = ", ".join(FACTS)
# What the collector knows besides of each row it has read (services/writing.py).
READ = (
    "publication_id",
    "is_booked",
    "is_changed",
    "is_first",
    "reports_changed",
    "next_collect_at",
    *COUNTERS,
)
ALL = frozenset(DAY.sums)


@contextmanager
def booked(publication_ids: Iterable[int], at: datetime | None = None) -> Iterator[None]:
    """Book what the block changes in these rows, and rows it adds under these ids.

    With `at`, counters that moved are also booked as activity of that moment's local day.
    Opens a transaction, or takes part in the caller's.
    """
    ids = sql.ids_param(sorted(set(publication_ids)))
    with transaction.atomic(), connection.cursor() as cursor:
        _set_aside(cursor, ids)
        yield
        new_delta(cursor)
        cursor.execute(_difference(connection.vendor), [ids])
        add(cursor, at)


def add(cursor: Any, at: datetime | None, sums: frozenset[str] = ALL) -> None:
    """Add the rows of DELTA to every rollup, with `at` to that day's activity, in key order.

    `sums` are those that may have changed: the fewer, the faster.
    """
    for rollup in ROLLUPS:
        cursor.execute(_delta(rollup, sums))
    if at is not None:
        day = at.astimezone(built_zone()).date()
        cursor.execute(_activity(connection.vendor), [day.isoformat()])
    bump(cursor)


def new_delta(cursor: Any) -> None:
    """DELTA, empty. One table per session, emptied by each commit."""
    columns = dict.fromkeys((*DELTA_COLUMNS, *READ), "bigint")
    columns.update(local_day="date", platform="varchar(20)", content_type="varchar(12)")
    moment = "timestamptz" if sql.is_postgres() else "text"
    columns.update(hour_start=moment, next_collect_at=moment)
    temporary_table(cursor, DELTA, ", ".join(f"{name} {kind}" for name, kind in columns.items()))


def temporary_table(cursor: Any, name: str, columns: str) -> None:
    kept = "ON COMMIT DELETE ROWS" if sql.is_postgres() else ""
    cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({columns}) {kept}")
    cursor.execute(f"DELETE FROM {name}")


def built_zone() -> ZoneInfo:
    """The zone of the days in facts and rollups: the organisation's, once they are rebuilt."""
    name = DataVersion.objects.filter(pk=1).values_list("timezone", flat=True).first()
    return ZoneInfo(name) if name else Organisation.get().zone


def bump(cursor: Any) -> None:
    """Figures changed: caches and ETags of the version before are stale. Last in a transaction."""
    cursor.execute(
        "INSERT INTO analytics_dataversion (id, version, timezone, changed_at)"
        " VALUES (1, 2, '', CURRENT_TIMESTAMP) ON CONFLICT (id) DO UPDATE"
        " SET version = analytics_dataversion.version + 1, changed_at = excluded.changed_at"
    )


def _set_aside(cursor: Any, ids: Any) -> None:
    """Lock the rows in id order and copy them as they are."""
    kept = "ON COMMIT DELETE ROWS" if sql.is_postgres() else ""
    cursor.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {BEFORE} {kept} AS"
        f" SELECT {COLUMNS} FROM {STATS} WHERE 1 = 0"
    )
    cursor.execute(f"DELETE FROM {BEFORE}")
    lock = f"FOR UPDATE OF {STATS}" if sql.is_postgres() else ""
    columns = ", ".join(f"{STATS}.{name}" for name in FACTS)
    cursor.execute(
        f"INSERT INTO {BEFORE} SELECT {columns} FROM {STATS}"
        f" WHERE {sql.among(f'{STATS}.publication_id')} ORDER BY {STATS}.publication_id {lock}",
        [ids],
    )


@cache
def _difference(vendor: str) -> str:
    """Into DELTA: the rows as they are (+) and as they were (-). One parameter: the ids."""
    now, before = (
        f"SELECT {_signed(sign)} FROM {source} f WHERE NOT f.is_reply"
        for sign, source in (("", STATS), ("-", BEFORE))
    )
    return (
        f"INSERT INTO {DELTA} (is_booked, {', '.join(DELTA_COLUMNS)})"
        f" {now} AND {sql.among('f.publication_id')} UNION ALL {before}"
    )


def _signed(sign: str) -> str:
    keys = ", ".join(f"f.{name}" for name in KEYS)
    sums = ", ".join(f"{sign}({DAY.sums[name]})" for name in COUNTED)
    moved = ", ".join(f"{sign}f.{name}" for name in MEASURED)
    return f"1, {sql.hour_start('f.published_at')}, {keys}, {sums}, {moved}"


@cache
def _delta(rollup: Rollup, names: frozenset[str]) -> str:
    chosen = [name for name in rollup.sums if name in names]
    sums = [
        f"COALESCE(SUM({name}_moved), 0)" if name in MEASURED else f"SUM({name})" for name in chosen
    ]
    groups = ", ".join([*rollup.keys, *rollup.given])
    added = ", ".join(f"{name} = {rollup.table}.{name} + excluded.{name}" for name in chosen)
    return (
        f"INSERT INTO {rollup.table} ({groups}, {', '.join(chosen)})"
        f" SELECT {groups}, {', '.join(sums)} FROM {DELTA} WHERE is_booked = 1"
        f" GROUP BY {groups} ORDER BY {', '.join(rollup.keys)}"
        f" ON CONFLICT ({', '.join(rollup.keys)}) DO UPDATE SET {added}"
    )


def insert_sums(rollup: Rollup, sums: Iterable[str], source: str) -> str:
    """INSERT of `select_sums` into the rollup."""
    columns = ", ".join(rollup.columns)
    return f"INSERT INTO {rollup.table} ({columns}) {select_sums(rollup, sums, source)}"


def select_sums(rollup: Rollup, sums: Iterable[str], source: str) -> str:
    """SELECT of the rollup's columns from `source` (rows `f`), in the order of the keys.

    To be executed with parameters, `%` is escaped.
    """
    hour = sql.hour_start("f.published_at")
    keys = [one.format(hour=hour) for one in rollup.keys.values()]
    groups = ", ".join([*keys, *rollup.given.values()])
    return (
        f"SELECT {groups}, {', '.join(sums)} FROM {source}"
        f" WHERE NOT f.is_reply GROUP BY {groups} ORDER BY {', '.join(keys)}"
    )


@cache
def _activity(vendor: str) -> str:
    """One parameter: the day. A counter reported neither before nor now stays NULL."""
    columns = ["local_day", "account_id", "content_type", "platform", *MEASURED]
    sums = ", ".join(f"SUM({name}_moved)" for name in MEASURED)
    day = "CAST(%s AS date)" if vendor == "postgresql" else "%s"
    return (
        f"INSERT INTO {ACTIVITY} ({', '.join(columns)})"
        f" SELECT {day}, account_id, content_type, platform, {sums}"
        f" FROM {DELTA} WHERE is_booked = 1 GROUP BY account_id, content_type, platform"
        f" HAVING COALESCE({sums}) IS NOT NULL ORDER BY account_id, content_type"
        f" {on_conflict_add()}"
    )


def on_conflict_add() -> str:
    """End of an INSERT into ActivityDay: what is new is added, NULL changes nothing."""
    added = [
        f"{name} = CASE WHEN excluded.{name} IS NULL THEN {ACTIVITY}.{name}"
        f" ELSE COALESCE({ACTIVITY}.{name}, 0) + excluded.{name} END"
        for name in MEASURED
    ]
    return f"ON CONFLICT ({', '.join(ACTIVITY_KEYS)}) DO UPDATE SET {', '.join(added)}"
