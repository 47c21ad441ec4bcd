"""What readings change, as SQL: each row as it is beside what the network said of it.

The texts are made once per database and set of counters that a network reports.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any

from analytics import definitions, sql
from analytics.rollup_specs import COUNTED, DAY, KEYS, MEASURED, MOVED, STATS
from analytics.services.rollups import DELTA
from socialhub.platforms.base import COUNTERS

Steps = tuple[tuple[timedelta, timedelta], ...]

# What the network said, by publication; empty outside a transaction.
NEW = "analytics_new"
NEW_COLUMNS = ("publication_id", *COUNTERS)
RATED = ("rated_engagements", "rated_impressions")
# Sums of the rollups that move with the counters,
MOVING = frozenset({*MEASURED, *RATED})
# and those that only move when a counter is reported for the first time, or no longer.
REPORTS = frozenset(name for name in COUNTED if name.endswith("_n"))
COLUMN = re.compile(r"\bf\.(\w+)")


@cache
def compare(vendor: str, reported: frozenset[str]) -> str:
    """Into rollups.DELTA: a row per reading that is newer than what is known.

    `{rows}` stands for the number of rows in NEW, `{next}` for `next_reading`. Parameters:
    `first_of_day`, those of `next_reading`, the moment of the reading. Every writer locks in the
    order of the ids, so none waits for another in a circle.
    """
    now = _rewriter(lambda name: _merged(name, reported))
    columns = {
        "publication_id": "f.publication_id",
        "is_booked": f"CASE WHEN NOT f.is_reply AND ({_changed(now)}) THEN 1 ELSE 0 END",
        "is_changed": f"CASE WHEN {_changed(now)} THEN 1 ELSE 0 END",
        "is_first": "CASE WHEN f.metrics_at IS NULL OR f.metrics_at < %s THEN 1 ELSE 0 END",
        "reports_changed": f"CASE WHEN {_reports_changed(now)} THEN 1 ELSE 0 END",
        "next_collect_at": "{next}",
        "hour_start": sql.hour_start("f.published_at"),
        **{name: f"f.{name}" for name in KEYS},
        **{name: now(f"f.{name}") for name in COUNTERS},
        **{name: f"({now(DAY.sums[name])}) - ({DAY.sums[name]})" for name in RATED},
        **dict(zip(MOVED, (_moved(now, name) for name in MEASURED), strict=True)),
    }
    return (
        f"INSERT INTO {DELTA} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        f" FROM {_beside(vendor)}"
    )


def _beside(vendor: str) -> str:
    """What was said, `n`, beside the row it is about, `f`, which is locked.

    Row by row: not knowing how many there are, either database would sooner read all facts.
    """
    newer = "(f.metrics_at IS NULL OR f.metrics_at < %s)"
    if vendor == "postgresql":
        return (
            f"(SELECT * FROM {NEW} ORDER BY publication_id) n CROSS JOIN LATERAL"
            f" (SELECT * FROM {STATS} f WHERE f.publication_id = n.publication_id AND {newer}"
            " FOR UPDATE) f"
        )
    # SQLite takes an unknown table for a million rows.
    return (
        f"(SELECT * FROM {NEW} LIMIT {{rows}}) n"
        f" JOIN {STATS} f ON f.publication_id = n.publication_id WHERE {newer}"
    )


def _merged(name: str, reported: frozenset[str]) -> str:
    # What this network never reports may have been recorded by hand: keep it.
    return f"n.{name}" if name in reported else f"COALESCE(n.{name}, f.{name})"


def _changed(now: Callable[[str], str]) -> str:
    return " OR ".join(sql.differ(f"f.{name}", now(f"f.{name}")) for name in COUNTERS)


def _reports_changed(now: Callable[[str], str]) -> str:
    pairs = ((f"f.{name}", now(f"f.{name}")) for name in COUNTERS)
    return " OR ".join(f"({was} IS NULL) <> ({new} IS NULL)" for was, new in pairs)


def _moved(now: Callable[[str], str], name: str) -> str:
    was, new = f"f.{name}", now(f"f.{name}")
    difference = f"COALESCE({new}, 0) - COALESCE({was}, 0)"
    return f"CASE WHEN {was} IS NULL AND {new} IS NULL THEN NULL ELSE {difference} END"


def _rewriter(merged: Callable[[str], str]) -> Callable[[str], str]:
    """Rewrites an expression over the facts `f` to the counters as they will be."""
    engaged = definitions.engagements_sql("f.{}")

    def column(found: re.Match[str]) -> str:
        return merged(found[1]) if found[1] in COUNTERS else found[0]

    return lambda expression: COLUMN.sub(column, expression.replace("f.engagements", engaged))


@cache
def count_reports(vendor: str) -> str:
    """Into DELTA: how many more or fewer publications report each metric. Before facts change."""
    now = _rewriter(lambda name: f"{DELTA}.{name}")
    sums = [f"{name} = ({now(DAY.sums[name])}) - ({DAY.sums[name]})" for name in sorted(REPORTS)]
    return (
        f"UPDATE {DELTA} SET {', '.join(sums)} FROM {STATS} f"
        f" WHERE f.publication_id = {DELTA}.publication_id AND {DELTA}.is_booked = 1"
    )


def next_reading(steps: Steps, at: datetime) -> tuple[str, list[Any]]:
    """SQL of when a publication `f` is read again, and its parameters."""
    whens = "".join(" WHEN f.published_at > %s THEN %s" for _step in steps)
    moments = [sql.stored(one) for limit, every in steps for one in (at - limit, at + every)]
    return f"CASE{whens} END", moments


def first_of_day(at: datetime) -> Any:
    """Midnight UTC: a row last read before it is read for the first time that day."""
    return sql.stored(datetime.combine(at.astimezone(UTC).date(), time(), UTC))
