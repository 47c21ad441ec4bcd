"""How many posts: one on two networks is one post, and one on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from analytics import sql
from analytics.queries import sources
from analytics.queries.filters import Filters
from analytics.rollup_specs import STATS

# Columns a breakdown by network and type needs of the rollup for the counts of its own period.
COLUMNS = "CAST(SUM(f.lead_posts) AS bigint) AS lead, CAST(SUM(f.posts) AS bigint) AS network"

# Which count each column of an earlier publication corrects.
AGAIN = {"previous_day": "lead", "previous_day_on_network": "network"}


@dataclass(slots=True)
class PostCounts:
    """Distinct posts of a period, and of the one before."""

    total: int = 0
    platforms: dict[str, int] = field(default_factory=dict)
    content_types: dict[str, int] = field(default_factory=dict)
    before: int = 0
    publications_before: int = 0

    def add(self, platform: str, content_type: str, posts: int, on_network: int) -> None:
        self.total += posts
        self.platforms[platform] = self.platforms.get(platform, 0) + on_network
        self.content_types[content_type] = self.content_types.get(content_type, 0) + posts


def from_rollup(filters: Filters, breakdown: Sequence[sources.Row]) -> PostCounts:
    """Posts per day, less those that an earlier day of the period had already. One query.

    `breakdown` holds COLUMNS by network and type. Most posts go out on one day, so that few rows
    are left to look at.
    """
    found, column = PostCounts(), "network" if filters.platform else "lead"
    for row in breakdown:
        found.add(row["platform"], row["content_type"], row[column], row["network"])
    before = sources.days(filters.before, built=True)
    query = (
        f"SELECT 'before' AS kind, '' AS platform, '' AS content_type, {COLUMNS},"
        f" CAST(SUM(f.publications) AS bigint) AS publications"
        f" FROM {before.table} f WHERE {before.where}"
    )
    params = [*before.params]
    for kind, some, columns in (
        ("now", filters, AGAIN),
        ("before", filters.before, [name for name in AGAIN if AGAIN[name] == column]),
    ):
        for name in columns:
            again, values = _again(kind, some, name)
            query, params = query + again, params + values
    for row in sources.fetch(query, params, short=before.is_short):
        if row["kind"] == "now":
            found.add(row["platform"], row["content_type"], -row[column], -row["network"])
        elif row["publications"] is None:
            found.before -= row[column] or 0
        else:
            found.before += row[column] or 0
            found.publications_before = row["publications"]
    return found


def _again(kind: str, filters: Filters, column: str) -> tuple[str, list[Any]]:
    """UNION ALL of publications whose post had one on an earlier day of the period.

    Answers to comments have no earlier one. The index of these few holds every column named.
    """
    source = sources.facts(filters)
    where = source.where.replace(" AND NOT f.is_reply", "")
    counts = "COUNT(*), 0" if AGAIN[column] == "lead" else "0, COUNT(*)"
    query = (
        f" UNION ALL SELECT '{kind}', f.platform, f.content_type, {counts}, NULL"
        f" FROM {STATS} f WHERE {where} AND f.{column} < f.local_day AND f.{column} >= %s"
        " GROUP BY f.platform, f.content_type"
    )
    return query, [*source.params, sql.stored_day(filters.first)]


def from_facts(filters: Filters) -> PostCounts:
    """Distinct posts counted one by one, for selections no rollup knows. One query."""
    now, past = sources.facts(filters), sources.facts(filters.before)
    count = "COUNT(DISTINCT f.post_id) AS posts, COUNT(*) AS publications"
    query = (
        f"SELECT 'all' AS kind, '' AS name, {count} FROM {STATS} f WHERE {now.where}"
        f" UNION ALL SELECT 'platform', f.platform, {count} FROM {STATS} f WHERE {now.where}"
        " GROUP BY f.platform"
        f" UNION ALL SELECT 'type', f.content_type, {count} FROM {STATS} f WHERE {now.where}"
        " GROUP BY f.content_type"
        f" UNION ALL SELECT 'before', '', {count} FROM {STATS} f WHERE {past.where}"
    )
    found = PostCounts()
    for row in sources.fetch(query, [*now.params * 3, *past.params], short=now.is_short):
        if row["kind"] == "all":
            found.total = row["posts"]
        elif row["kind"] == "platform":
            found.platforms[row["name"]] = row["posts"]
        elif row["kind"] == "type":
            found.content_types[row["name"]] = row["posts"]
        else:
            found.before, found.publications_before = row["posts"], row["publications"]
    return found
