"""The few things SQLite and PostgreSQL say differently, and days of a time zone in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@cache
def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def hour_start(column: str) -> str:
    """The start of the UTC hour of a timestamp, as the database stores timestamps."""
    if is_postgres():
        return f"date_trunc('hour', {column}, 'UTC')"
    return f"strftime('%%Y-%%m-%%d %%H:00:00', {column})"


def day_at_offset(column: str) -> str:
    """The date of a timestamp on a clock that many seconds before UTC (one parameter)."""
    if is_postgres():
        return f"(({column} AT TIME ZONE 'UTC') + make_interval(secs => %s))::date"
    return f"date({column}, %s || ' seconds')"


def among(column: str) -> str:
    """Is the column one of the ids in a parameter (`ids_param`)?

    PostgreSQL knows nothing of how many rows an unnest() brings and would read the whole table.
    """
    return (
        f"{column} = ANY(%s)" if is_postgres() else f"{column} IN (SELECT value FROM json_each(%s))"
    )


def ids_param(values: Iterable[int]) -> Any:
    found = [int(value) for value in values]
    return found if is_postgres() else str(found)


def differ(one: str, other: str) -> str:
    """Are the two unlike? NULL is like NULL only."""
    return f"{one} {'IS DISTINCT FROM' if is_postgres() else 'IS NOT'} {other}"


def load(
    cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[int | None]]
) -> None:
    """Numbers into a table: COPY on PostgreSQL, one prepared INSERT elsewhere."""
    names = ", ".join(columns)
    if is_postgres():
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN (NULL 'None')") as copy:
            copy.write("".join("\t".join(map(str, row)) + "\n" for row in rows))
        return
    marks = ", ".join(["%s"] * len(columns))
    cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def stored(at: datetime) -> Any:
    """A moment as raw SQL takes it: SQLite keeps naive UTC text."""
    return at if is_postgres() else str(at.astimezone(UTC).replace(tzinfo=None))


def stored_day(day: date) -> Any:
    """A date as raw SQL takes it."""
    return day if is_postgres() else day.isoformat()


@dataclass(frozen=True, slots=True)
class Segment:
    """From `start` to `end` (not included) the zone is `offset` seconds ahead of UTC."""

    start: datetime
    end: datetime
    offset: int


@lru_cache(maxsize=256)
def segments(zone: ZoneInfo, start: datetime, end: datetime) -> list[Segment]:
    """Stretches of constant offset; clock changes are found to the minute."""
    found, begin = [], start.astimezone(UTC)
    end = end.astimezone(UTC)
    offset, at = _offset(zone, begin), begin
    while at < end:
        after = min(at + DAY, end)
        if _offset(zone, after) != offset:
            change = _change(zone, at, after)
            found.append(Segment(begin, change, offset))
            begin, offset = change, _offset(zone, change)
            at = change
        else:
            at = after
    if begin < end:
        found.append(Segment(begin, end, offset))
    return found


def _offset(zone: ZoneInfo, at: datetime) -> int:
    found = at.astimezone(zone).utcoffset()
    assert found is not None  # ZoneInfo always knows
    return int(found.total_seconds())


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first moment after `low` whose offset is that of `high`."""
    before = _offset(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def bounds(zone: ZoneInfo, first: date, last: date) -> tuple[datetime, datetime]:
    """The moments between which the local days `first` to `last` (included) lie."""
    start = datetime.combine(first, time(), zone)
    end = datetime.combine(last + DAY, time(), zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def loaded(value: Any) -> datetime | None:
    """A moment that raw SQL brought back."""
    return None if value is None else moment(value)


def moment(value: Any) -> datetime:
    """`loaded` of a column that is never NULL."""
    # SQLite gives a plain column as a naive datetime and an expression as text, both in UTC.
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def loaded_day(value: Any) -> date:
    """A date that raw SQL brought back."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def minute(column: str) -> str:
    """The minute of a timestamp, 0 to 59."""
    if is_postgres():
        return f"CAST(EXTRACT(minute FROM {column}) AS integer)"
    return f"CAST(strftime('%%M', {column}) AS integer)"
