"""Months of snapshots: partitions ahead of need on PostgreSQL, dropped when they are old.

SQLite has one plain table; old rows are deleted there.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, transaction

from analytics import sql
from analytics.models import DataVersion, PostMetrics

TABLE = "analytics_postmetrics"
# The default partition takes what has no month yet, so that nothing is ever refused.
REST = f"{TABLE}_rest"
AHEAD = 3
KEPT_MONTHS = 13
NAME = re.compile(rf"^{TABLE}_y(\d{{4}})m(\d\d)$")


def prepare(now: datetime) -> list[str]:
    """Make the partitions of this month and the next three, and of months found in the rest.

    Returns the names of the new ones.
    """
    if not sql.is_postgres():
        return []
    this = now.astimezone(UTC).date().replace(day=1)
    wanted = {add_months(this, n) for n in range(AHEAD + 1)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('month', collected_at AT TIME ZONE 'UTC')::date"
            f" FROM {REST}"
        )
        wanted |= {row[0] for row in cursor.fetchall()}
        missing = sorted(wanted - {month for _name, month in existing(cursor)})
    return [_make(month) for month in missing]


def existing(cursor: Any) -> list[tuple[str, date]]:
    """(table, first day of its month) of every partition but the rest."""
    cursor.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = %s::regclass",
        [TABLE],
    )
    found = [(row[0], NAME.match(row[0])) for row in cursor.fetchall()]
    return sorted((name, date(int(m[1]), int(m[2]), 1)) for name, m in found if m)


def _make(month: date) -> str:
    """A partition, with the rows of that month that were in the rest."""
    name = f"{TABLE}_y{month:%Y}m{month:%m}"
    start, end = _moment(month), _moment(add_months(month, 1))
    columns = ", ".join(field.column for field in PostMetrics._meta.concrete_fields)
    with transaction.atomic(), connection.cursor() as cursor:
        # Nobody adds to the rest while its rows move.
        cursor.execute(f"LOCK TABLE {REST} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        )
        moving = "collected_at >= %s AND collected_at < %s"
        cursor.execute(
            f"WITH moved AS (DELETE FROM {REST} WHERE {moving} RETURNING {columns})"
            f" INSERT INTO {name} ({columns}) SELECT {columns} FROM moved",
            [start, end],
        )
        cursor.execute(
            f"ALTER TABLE {TABLE} ATTACH PARTITION {name}"
            f" FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
        )
    return name


def drop_old(now: datetime) -> list[str]:
    """Drop months that ended more than 13 months ago. Returns their names, or rows deleted."""
    cutoff = add_months(now.astimezone(UTC).date().replace(day=1), -KEPT_MONTHS)
    dropped = []
    with transaction.atomic(), connection.cursor() as cursor:
        if sql.is_postgres():
            for name, month in existing(cursor):
                if month < cutoff:
                    cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {name}")
                    cursor.execute(f"DROP TABLE {name}")
                    dropped.append(name)
        deleted = PostMetrics.objects.filter(collected_at__lt=_moment(cutoff)).delete()[0]
        if deleted:
            dropped.append(f"{deleted} rows")
        if dropped:
            DataVersion.objects.filter(pk=1).update(snapshots_from=cutoff)
    return dropped


def add_months(month: date, count: int) -> date:
    """The first day of the month `count` months on."""
    years, rest = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(years, rest + 1, 1)


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
