"""The dashboard's figures by plain SQL over the facts, without any rollup."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

from bench.analytics import loop
from bench.analytics.generator import ZONE

FACTS = "analytics_publicationstats"
BOTH = "engagements IS NOT NULL AND impressions IS NOT NULL"


def answer(first: date, last: date, platform: str = "", minimum: int = 0) -> dict[str, Any]:
    """The same shape as `loop.answer`."""
    where = "WHERE NOT is_reply AND local_day BETWEEN %s AND %s"
    params: list[Any] = [first.isoformat(), last.isoformat()]
    if platform:
        where, params = f"{where} AND platform = %s", [*params, platform]
    return {
        "totals": _groups("1", loop.SUMMED, where, params, posts=True).get(1, {}),
        "platforms": _groups("platform", loop.GROUPED, where, params, posts=True),
        "content_types": _groups("content_type", loop.GROUPED, where, params, posts=True),
        "days": _groups("local_day", loop.GROUPED, where, params),
        "hours": {
            (key // 24, key % 24): sums
            for key, sums in _groups(_local_hour(), loop.RATED, where, params).items()
        },
        "top": [
            tuple(row)
            for row in _rows(
                f"SELECT publication_id, 100.0 * engagements / impressions FROM {FACTS} {where}"
                f" AND {BOTH} AND impressions > 0 AND impressions >= %s"
                " ORDER BY CAST(engagements AS double precision) / impressions DESC,"
                f" publication_id DESC LIMIT {loop.TOP}",
                [*params, minimum],
            )
        ],
    }


def _groups(
    key: str, names: tuple[str, ...], where: str, params: list[Any], *, posts: bool = False
) -> dict[Any, dict[str, Any]]:
    sums = ", ".join(f"SUM({name})" for name in names)
    query = (
        f"SELECT {key}, {sums}, COUNT(*), {'COUNT(DISTINCT post_id)' if posts else 'NULL'},"
        f" 100.0 * SUM(CASE WHEN {BOTH} THEN engagements END)"
        f" / NULLIF(SUM(CASE WHEN {BOTH} THEN impressions END), 0)"
        f" FROM {FACTS} {where} GROUP BY 1"
    )
    columns = (*names, "publications", "posts", "rate")
    return {
        _key(first): dict(zip(columns, values, strict=True))
        for first, *values in _rows(query, params)
    }


def _key(value: Any) -> Any:
    """SQLite keeps days as text."""
    if isinstance(value, str) and value[:4].isdecimal():
        return date.fromisoformat(value)
    return value


def _local_hour() -> str:
    """Hour of the week on the wall, by the database's own knowledge of the zone."""
    if connection.vendor == "postgresql":
        local = f"published_at AT TIME ZONE '{ZONE.key}'"
        return f"CAST((EXTRACT(ISODOW FROM {local}) - 1) * 24 + EXTRACT(HOUR FROM {local}) AS int)"
    parts = f"published_at, '{ZONE.key}', 'UTC'"
    return (
        f"(django_datetime_extract('iso_week_day', {parts}) - 1) * 24"
        f" + django_datetime_extract('hour', {parts})"
    )


def _rows(query: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())
