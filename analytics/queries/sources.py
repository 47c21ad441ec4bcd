"""Where sums are read from: rollups while they can answer, else the facts.

Rollups are keyed by network, those for chosen accounts by account. A campaign is no key of any
rollup; before the first build there are none. SQL is put together from fixed parts only, values
are parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from analytics import sql
from analytics.queries.filters import Filters
from analytics.rollup_specs import BOTH, MEASURED, STATS
from socialhub import prepared

Row = dict[str, Any]
RATED = ("rated_engagements", "rated_impressions")
BY_NETWORK, BY_ACCOUNT = "analytics_dayrollup", "analytics_accountdayrollup"
PERIOD = "f.local_day BETWEEN %s AND %s"
NOTHING = dict.fromkeys(MEASURED)


# Days up to which a period is few rows of everything, which indexes by day find.
SHORT = 14


def fetch(query: str, params: Iterable[Any], *, short: bool = False) -> list[Row]:
    """Rows as dicts by column name. The query is about at most SHORT days if `short`."""
    names, rows = fetch_rows(query, params, short=short)
    return [dict(zip(names, row, strict=True)) for row in rows]


def fetch_rows(
    query: str, params: Iterable[Any], *, short: bool
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names of the columns, and the rows.

    For a few days PostgreSQL takes longer to plan a query than to answer it, and the same plan
    suits all of them: it is kept. How to read a long period depends on the days.
    """
    if short:
        return prepared.fetch_named(query, list(params))
    with connection.cursor() as cursor:
        cursor.execute(query, list(params))
        return [column[0] for column in cursor.description], cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Source:
    """FROM and WHERE of a read; rows are called `f`."""

    table: str
    where: str
    params: tuple[Any, ...]
    is_facts: bool
    is_short: bool = False

    def sums(self, *metrics: str) -> str:
        """Columns: publications, per metric its sum and how many report it, and the rated sums."""
        if self.is_facts:
            columns = ["COUNT(*) AS publications"]
            for name in metrics:
                columns += [_whole(f"SUM(f.{name})", name), f"COUNT(f.{name}) AS {name}_n"]
            for name in RATED:
                columns.append(_whole(f"SUM({_rated(name)})", name))
            return ", ".join(columns)
        columns = [_whole("SUM(f.publications)", "publications")]
        for name in metrics:
            columns += [
                _whole(f"SUM(f.{name})", name),
                _whole(f"SUM(f.{name}_n)", f"{name}_n"),
            ]
        columns += [_whole(f"SUM(f.{name})", name) for name in RATED]
        return ", ".join(columns)

    def known(self, *metrics: str, columns: Iterable[str] | None = None) -> str:
        """Columns for `total`: publications, the rated sums, per metric its sum or NULL.

        NULL = nobody reports it. `columns` are all that the result has to have, those besides
        `metrics` being NULL too.
        """
        if self.is_facts:
            found = ["COUNT(*) AS publications"]
            found += [_whole(f"SUM({_rated(name)})", name) for name in RATED]
        else:
            found = [_whole(f"SUM(f.{name})", name) for name in ("publications", *RATED)]
        for name in columns or metrics:
            if name not in metrics:
                found.append(f"NULL AS {name}")
            elif self.is_facts:
                found.append(_whole(f"SUM(f.{name})", name))
            else:
                found.append(_whole(f"SUM(f.{name}) FILTER (WHERE f.{name}_n > 0)", name))
        return ", ".join(found)

    def select(self, columns: str, tail: str = "") -> list[Row]:
        query = f"SELECT {columns} FROM {self.table} f WHERE {self.where} {tail}"
        return fetch(query, self.params, short=self.is_short)


def _rated(name: str) -> str:
    """What a publication adds to a rated sum."""
    return f"CASE WHEN {BOTH} THEN f.{name.removeprefix('rated_')} END"


def _whole(expression: str, name: str) -> str:
    """PostgreSQL sums 8-byte integers as decimals, which Python reads slowly."""
    return f"CAST({expression} AS bigint) AS {name}"


def days(filters: Filters, *, built: bool, activity: bool = False) -> Source:
    """What was published on the days of the period; with `activity`, what happened on them."""
    wanted = filters.accounts
    clauses = [PERIOD]
    params: list[Any] = [sql.stored_day(filters.first), sql.stored_day(filters.last)]
    facts = not activity and (not built or filters.campaign is not None)
    if activity:
        table = "analytics_activityday"
    elif facts:
        table = STATS
        clauses.append("NOT f.is_reply")
    else:
        table = BY_NETWORK if wanted is None else BY_ACCOUNT
    _narrow(filters, clauses, params)
    return Source(table, " AND ".join(clauses), tuple(params), facts, filters.days <= SHORT)


def facts(filters: Filters, *, by_day: bool = True) -> Source:
    """The publications themselves; without `by_day` the index by day is not used for them."""
    found = days(filters, built=False)
    return found if by_day else replace(found, where=f"+{found.where}")


def hours(filters: Filters, zone: Any, *, built: bool) -> Source:
    """What was published in the hours of the period; the rollup knows whole hours and networks."""
    start, end = sql.bounds(zone, filters.first, filters.last)
    whole = all(one.offset % 3600 == 0 for one in sql.segments(zone, start, end))
    known = filters.campaign is None and filters.accounts is None and not filters.content_type
    if not (built and whole and known):
        return facts(filters)
    clauses = ["f.hour_start >= %s AND f.hour_start < %s"]
    params = [sql.stored(start), sql.stored(end)]
    _narrow(filters, clauses, params)
    where, short = " AND ".join(clauses), filters.days <= SHORT
    return Source("analytics_hourrollup", where, tuple(params), False, short)


def _narrow(filters: Filters, clauses: list[str], params: list[Any]) -> None:
    if filters.platform:
        clauses.append("f.platform = %s")
        params.append(filters.platform)
    if filters.content_type:
        clauses.append("f.content_type = %s")
        params.append(filters.content_type)
    if (wanted := filters.accounts) is not None:
        # An empty list would be a syntax error; no account has the id 0.
        clauses.append(f"f.account_id IN ({', '.join(['%s'] * (len(wanted) or 1))})")
        params += wanted or (0,)
    if filters.campaign is not None:
        clauses.append("f.post_id IN (SELECT id FROM socialhub_post WHERE campaign_id = %s)")
        params.append(filters.campaign)


# -- sums in Python ------------------------------------------------------------------------


@dataclass(slots=True)
class Sums:
    """Sums over publications; a metric nobody reported is None.

    `avg_engagement_rate` is 100 × Σ engagements ÷ Σ impressions over those that report both.
    """

    publications: int
    posts: int | None
    metrics: dict[str, int | None]
    avg_engagement_rate: float | None

    def get(self, name: str) -> Any:
        return getattr(self, name) if hasattr(self, name) else self.metrics.get(name)


def total(
    rows: Iterable[Mapping[str, Any]],
    posts: int | None = None,
    metrics: Iterable[str] = MEASURED,
) -> Sums:
    """Add up rows of `Source.known`."""
    some = list(rows)
    if len(some) == 1:
        return single(some[0], metrics, posts)
    found = {**NOTHING}
    for name in metrics:
        if values := [value for row in some if (value := row[name]) is not None]:
            found[name] = sum(values)
    return Sums(
        publications=sum([row["publications"] or 0 for row in some]),
        posts=posts,
        metrics=found,
        avg_engagement_rate=rate(
            sum([row["rated_engagements"] or 0 for row in some]),
            sum([row["rated_impressions"] or 0 for row in some]),
        ),
    )


def single(row: Mapping[str, Any], metrics: Iterable[str], posts: int | None = None) -> Sums:
    """`total` of one row that holds only these metrics."""
    found = {**NOTHING}
    for name in metrics:
        found[name] = row[name]
    return Sums(
        publications=row["publications"] or 0,
        posts=posts,
        metrics=found,
        avg_engagement_rate=rate(row["rated_engagements"], row["rated_impressions"]),
    )


def rate(engagements: int | None, impressions: int | None) -> float | None:
    """Percent; None without impressions."""
    return 100.0 * (engagements or 0) / impressions if impressions else None
