"""Lifetime numbers of what was published in a period, in all and by what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics import sql
from analytics.queries import counts, sources
from analytics.queries.counts import PostCounts
from analytics.queries.filters import Filters
from analytics.queries.sources import Source, Sums
from analytics.queries.state import State
from analytics.rollup_specs import MEASURED, STATS

NO_POSTS = ", NULL AS lead, NULL AS network"
SERIES = ("impressions", "engagements", "likes", "comments", "shares")


@dataclass(frozen=True, slots=True)
class Published:
    """Lifetime numbers of what was published in a period, in three views."""

    # By network and type.
    cells: list[sources.Row]
    posts: PostCounts
    days: list[tuple[date, Sums]]


def read(filters: Filters, state: State) -> Published:
    """All three. Two queries."""
    source = sources.days(filters, built=state.is_built)
    rows = _grouped_twice(source)
    cells = [row for row in rows if row["local_day"] is None]
    days = [row for row in rows if row["local_day"] is not None]
    return Published(cells, _posts(filters, source, cells), _series(filters, days))


def _grouped_twice(source: Source) -> list[sources.Row]:
    """Sums by network and type, and by day."""
    also = _post_columns(source)
    every = f"{source.known(*MEASURED)}{also}"
    if sql.is_postgres():
        # In one go over the rows.
        return source.select(
            f"f.local_day, f.platform, f.content_type, {every}",
            "GROUP BY GROUPING SETS ((f.local_day), (f.platform, f.content_type))",
        )
    series = source.known(*SERIES, columns=MEASURED) + (NO_POSTS if also else "")
    where = f"FROM {source.table} f WHERE {source.where}"
    return sources.fetch(
        # As text: Django reads dates slowly.
        "SELECT CAST(f.local_day AS text) AS local_day, NULL AS platform, NULL AS content_type,"
        f" {series} {where}"
        f" GROUP BY f.local_day UNION ALL SELECT NULL, f.platform, f.content_type, {every} {where}"
        " GROUP BY f.platform, f.content_type",
        [*source.params, *source.params],
        short=source.is_short,
    )


def breakdown(filters: Filters, state: State) -> tuple[list[sources.Row], PostCounts]:
    """Sums by network and type, and how many posts they are. Two queries."""
    source = sources.days(filters, built=state.is_built)
    cells = source.select(
        f"f.platform, f.content_type, {source.known(*MEASURED)}{_post_columns(source)}",
        "GROUP BY f.platform, f.content_type",
    )
    return cells, _posts(filters, source, cells)


def _post_columns(source: Source) -> str:
    return f", {counts.COLUMNS}" if source.table == sources.BY_NETWORK else ""


def _posts(filters: Filters, source: Source, cells: Sequence[sources.Row]) -> PostCounts:
    """One query."""
    if source.table == sources.BY_NETWORK:
        return counts.from_rollup(filters, cells)
    return counts.from_facts(filters)


def post_counts(filters: Filters, state: State) -> PostCounts:
    """Distinct posts of the period and of the one before. Two queries."""
    return breakdown(filters, state)[1]


def grouped(rows: Sequence[sources.Row], name: str, posts: dict[str, int]) -> dict[str, Sums]:
    """Sums by network or type, the one with most publications first."""
    groups: dict[str, list[sources.Row]] = {}
    for row in rows:
        groups.setdefault(row[name], []).append(row)
    found = {key: sources.total(some, posts=posts.get(key, 0)) for key, some in groups.items()}
    found = {key: sums for key, sums in found.items() if sums.publications}
    return dict(sorted(found.items(), key=lambda item: (-item[1].publications, item[0])))


def totals(filters: Filters, state: State) -> Sums:
    """Lifetime sums of the publications of the period, replies left out. Two queries."""
    rows, numbers = breakdown(filters, state)
    return sources.total(rows, posts=numbers.total)


def by_platform(filters: Filters, state: State) -> dict[str, Sums]:
    """Lifetime sums of the publications of the period by network. Two queries."""
    rows, numbers = breakdown(filters, state)
    return grouped(rows, "platform", numbers.platforms)


def by_content_type(filters: Filters, state: State) -> dict[str, Sums]:
    """Lifetime sums of the publications of the period by type of post. Two queries."""
    rows, numbers = breakdown(filters, state)
    return grouped(rows, "content_type", numbers.content_types)


def by_account(filters: Filters, state: State) -> dict[int, Sums]:
    """Lifetime sums of the publications of the period by account. One query; posts unknown."""
    source = sources.days(filters, built=state.is_built)
    if source.table == sources.BY_NETWORK:
        # Its rows know no account.
        clause = source.where
        source = Source("analytics_accountdayrollup", clause, source.params, False)
    rows = source.select(f"f.account_id, {source.known(*MEASURED)}", "GROUP BY f.account_id")
    found = {row["account_id"]: sources.total([row]) for row in rows}
    return dict(sorted(found.items(), key=lambda item: (-item[1].publications, item[0])))


def by_campaign(filters: Filters) -> dict[int | None, Sums]:
    """Lifetime sums of the publications of the period by campaign, from the facts. One query."""
    source = sources.facts(filters)
    rows = sources.fetch(
        f"SELECT p.campaign_id, {source.known(*MEASURED)}, COUNT(DISTINCT f.post_id) AS posts"
        f" FROM {STATS} f JOIN socialhub_post p ON p.id = f.post_id"
        f" WHERE {source.where} GROUP BY p.campaign_id",
        source.params,
    )
    found = {row["campaign_id"]: sources.total([row], posts=row["posts"]) for row in rows}
    return dict(sorted(found.items(), key=lambda item: (-item[1].publications, item[0] or 0)))


def published(filters: Filters, state: State) -> list[tuple[date, Sums]]:
    """Lifetime numbers of what was published on each day of the period, every day listed."""
    source = sources.days(filters, built=state.is_built)
    rows = source.select(f"f.local_day, {source.known(*SERIES)}", "GROUP BY f.local_day")
    return _series(filters, rows)


def _series(filters: Filters, rows: Sequence[sources.Row]) -> list[tuple[date, Sums]]:
    days = {sql.loaded_day(row["local_day"]): sources.single(row, SERIES) for row in rows}
    return day_by_day(filters, days)


def day_by_day(filters: Filters, found: Mapping[date, Sums]) -> list[tuple[date, Sums]]:
    """Every day of the period, also those on which nothing was published."""
    nothing = sources.total([])
    return [(day, found.get(day, nothing)) for day in every_day(filters)]


def every_day(filters: Filters) -> list[date]:
    return [filters.first + timedelta(days=n) for n in range(filters.days)]
