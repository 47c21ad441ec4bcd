"""Lifetime numbers of what was published in a period, in every view that a report shows.

By day, by network and type, and by account, in one query in place of three.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from analytics import sql
from analytics.queries import counts, sources
from analytics.queries.filters import Filters
from analytics.queries.sources import Row, Source
from analytics.queries.state import State
from analytics.rollup_specs import BOTH, MEASURED

# Metrics of which averages per publication are made.
COUNTED = ("impressions", "engagements")
# What the parts of a UNION have in common besides the sums.
KEYS = ("local_day", "platform", "content_type", "account_id")
NO_POSTS = "NULL AS lead, NULL AS network"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Rows as `sources.total` takes them, with how many publications report COUNTED."""

    days: dict[date, Row]
    # By network and type.
    cells: list[Row]
    accounts: list[Row]
    posts: counts.PostCounts


def read(filters: Filters, state: State) -> Lifetime:
    """Two queries."""
    source = sources.days(filters, built=state.is_built)
    known = source.table == sources.BY_NETWORK
    # The rollup by network knows no account.
    people = sources.BY_ACCOUNT if known else source.table
    query = " UNION ALL ".join(
        (
            _part(source, source.table, ("local_day",)),
            _part(
                source,
                source.table,
                ("platform", "content_type"),
                counts.COLUMNS if known else NO_POSTS,
            ),
            _part(source, people, ("account_id",)),
        )
    )
    rows = sources.fetch(query, source.params * 3)
    cells = [row for row in rows if row["platform"] is not None]
    return Lifetime(
        {sql.loaded_day(row["local_day"]): row for row in rows if row["local_day"] is not None},
        cells,
        [row for row in rows if row["account_id"] is not None],
        counts.from_rollup(filters, cells) if known else counts.from_facts(filters),
    )


def _part(source: Source, table: str, keys: tuple[str, ...], posts: str = NO_POSTS) -> str:
    """Sums by these of KEYS, the others being NULL."""
    named = [f"f.{key}" if key in keys else f"{_nothing(key)} AS {key}" for key in KEYS]
    return (
        f"SELECT {', '.join(named)}, {_sums(source.is_facts)}, {posts}"
        f" FROM {table} f WHERE {source.where} GROUP BY {', '.join(f'f.{key}' for key in keys)}"
    )


def _sums(is_facts: bool) -> str:
    """A metric that nobody reports is NULL."""
    if is_facts:
        both = f"CASE WHEN {BOTH} THEN f.%s END"
        sums = {"publications": "COUNT(*)"}
        sums |= {name: f"SUM({both % name.removeprefix('rated_')})" for name in sources.RATED}
        sums |= {name: f"SUM(f.{name})" for name in MEASURED}
        sums |= {f"{name}_n": f"COUNT(f.{name})" for name in COUNTED}
    else:
        plain = ("publications", *sources.RATED, *(f"{name}_n" for name in COUNTED))
        sums = {name: f"SUM(f.{name})" for name in plain}
        sums |= {name: f"SUM(f.{name}) FILTER (WHERE f.{name}_n > 0)" for name in MEASURED}
    # PostgreSQL sums 8-byte integers as decimals, which Python reads slowly.
    return ", ".join(f"CAST({value} AS bigint) AS {name}" for name, value in sums.items())


def _nothing(key: str) -> str:
    """PostgreSQL wants to know of what."""
    kinds = {"local_day": "date", "account_id": "bigint"}
    return f"CAST(NULL AS {kinds[key]})" if key in kinds else "NULL"
