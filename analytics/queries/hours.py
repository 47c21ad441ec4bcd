"""Hours of the week by what was published in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics import sql
from analytics.queries import sources
from analytics.queries.filters import Filters
from analytics.queries.sources import Source
from analytics.queries.state import State

RATE = ("impressions", "engagements")
# Hours and minutes of a week.
HOURS, WEEK = 168, 168 * 60


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of the week (0 = Monday): lifetime sums of what was published in it."""

    weekday: int
    hour: int
    publications: int
    engagements: int | None
    impressions: int | None
    rate: float | None


def heatmap(filters: Filters, state: State) -> list[Cell]:
    """Lifetime sums by local weekday and hour of publishing; only hours with publications.

    One query: UTC hours are summed per stretch of constant offset and shifted to local ones.
    """
    source = sources.hours(filters, state.zone, built=state.is_built)
    start, end = sql.bounds(state.zone, filters.first, filters.last)
    found = sql.segments(state.zone, start, end)
    place, params = _place(source, found)
    query = (
        f"SELECT {place} AS place, {source.sums('engagements', 'impressions')}"
        f" FROM {source.table} f WHERE {source.where} GROUP BY 1"
    )
    groups: dict[int, list[sources.Row]] = {}
    for row in sources.fetch(query, [*params, *source.params]):
        number, minute_of_week = divmod(row["place"], WEEK)
        local = (minute_of_week + found[number].offset // 60) // 60 % HOURS
        groups.setdefault(local, []).append(row)
    return [_cell(local, groups[local]) for local in sorted(groups)]


def _place(source: Source, found: Sequence[sql.Segment]) -> tuple[str, list[Any]]:
    """SQL: number of the segment × minutes of a week + minute of the UTC week."""
    column = "f.published_at" if source.is_facts else "f.hour_start"
    place, params = "f.hour_of_week * 60", []
    if source.is_facts and any(one.offset % 3600 for one in found):
        place += f" + {sql.minute(column)}"
    if len(found) > 1:
        cases = ""
        for number, segment in enumerate(found[:-1]):
            cases += f" WHEN {column} < %s THEN {number * WEEK}"
            params.append(sql.stored(segment.end))
        place += f" + CASE{cases} ELSE {(len(found) - 1) * WEEK} END"
    return place, params


def _cell(local: int, rows: Sequence[sources.Row]) -> Cell:
    sums = sources.single(rows[0], RATE) if len(rows) == 1 else sources.total(rows, metrics=RATE)
    return Cell(
        weekday=local // 24,
        hour=local % 24,
        publications=sums.publications,
        engagements=sums.metrics["engagements"],
        impressions=sums.metrics["impressions"],
        rate=sums.avg_engagement_rate,
    )
