"""Lifetime numbers of what was published in a period, in all and by what it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from analytics import sql
from analytics.queries import counts, sources
from analytics.queries.counts import PostCounts
from analytics.queries.filters import Filters
from analytics.queries.sources import Source, Sums
from analytics.queries.state import State
from analytics.rollup_specs import MEASURED, STATS

SERIES = ("impressions", "engagements", "likes", "comments", "shares")


def breakdown(filters: Filters, state: State) -> tuple[list[sources.Row], PostCounts]:
    """Sums by network and type, and how many posts they are. Two queries."""
    source = sources.days(filters, built=state.is_built)
    columns = f"f.platform, f.content_type, {source.sums(*MEASURED)}"
    if source.table == sources.BY_NETWORK:
        columns += f", {counts.COLUMNS}"
    rows = source.select(columns, "GROUP BY f.platform, f.content_type")
    if source.table == sources.BY_NETWORK:
        return rows, counts.from_rollup(filters, rows)
    return rows, counts.from_facts(filters)


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
    rows = source.select(f"f.account_id, {source.sums(*MEASURED)}", "GROUP BY f.account_id")
    found = {row["account_id"]: sources.total([row]) for row in rows}
    return dict(sorted(found.items(), key=lambda item: (-item[1].publications, item[0])))


def by_campaign(filters: Filters) -> dict[int | None, Sums]:
    """Lifetime sums of the publications of the period by campaign, from the facts. One query."""
    source = sources.facts(filters)
    rows = sources.fetch(
        f"SELECT p.campaign_id, {source.sums(*MEASURED)}, COUNT(DISTINCT f.post_id) AS posts"
        f" FROM {STATS} f JOIN socialhub_post p ON p.id = f.post_id"
        f" WHERE {source.where} GROUP BY p.campaign_id",
        source.params,
    )
    found = {row["campaign_id"]: sources.total([row], posts=row["posts"]) for row in rows}
    return dict(sorted(found.items(), key=lambda item: (-item[1].publications, item[0] or 0)))


def published(filters: Filters, state: State) -> list[tuple[date, Sums]]:
    """Lifetime numbers of what was published on each day of the period, every day listed."""
    source = sources.days(filters, built=state.is_built)
    rows = source.select(
        f"f.local_day, {source.sums(*SERIES)}", "GROUP BY f.local_day ORDER BY f.local_day"
    )
    found = {sql.loaded_day(row["local_day"]): sources.single(row, SERIES) for row in rows}
    nothing = sources.total([])
    return [(day, found.get(day, nothing)) for day in every_day(filters)]


def every_day(filters: Filters) -> list[date]:
    return [filters.first + timedelta(days=n) for n in range(filters.days)]
