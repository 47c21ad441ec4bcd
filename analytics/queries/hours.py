"""Hours of the week by what was published in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from analytics import sql
from analytics.queries import sources
from analytics.queries.filters import Filters
from analytics.queries.sources import Sums
from analytics.queries.state import State

RATE = ("impressions", "engagements")
HOURS = 168


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

    One query.
    """
    source = sources.hours(filters, state.zone, built=state.is_built)
    hour, params = local_hour(filters, state.zone, is_facts=source.is_facts)
    rows = sources.fetch(
        f"SELECT {hour} AS hour, {source.known(*RATE)}"
        f" FROM {source.table} f WHERE {source.where} GROUP BY 1 ORDER BY 1",
        [*params, *source.params],
        short=source.is_short,
    )
    return [cell(row["hour"], sources.single(row, RATE)) for row in rows]


def local_hour(filters: Filters, zone: ZoneInfo, *, is_facts: bool) -> tuple[str, list[Any]]:
    """SQL: the hour of the local week, 0 to 167, of a row `f` of the period, and its parameters.

    The UTC hour of the week, moved by the zone's offset at that time: times of change are known.
    """
    column = "f.published_at" if is_facts else "f.hour_start"
    found = sql.segments(zone, *sql.bounds(zone, filters.first, filters.last))
    whole = all(one.offset % 3600 == 0 for one in found)
    unit = 3600 if whole else 60
    # Ahead of UTC by this, behind by less than a week.
    ahead = [one.offset // unit + HOURS * 3600 // unit for one in found]
    moved, params = str(ahead[-1]), []
    if len(found) > 1:
        cases = ""
        for segment, units in zip(found[:-1], ahead, strict=False):
            cases += f" WHEN {column} < %s THEN {units}"
            params.append(sql.stored(segment.end))
        moved = f"CASE{cases} ELSE {moved} END"
    if whole:
        return f"(f.hour_of_week + {moved}) %% {HOURS}", params
    return f"(f.hour_of_week * 60 + {sql.minute(column)} + {moved}) / 60 %% {HOURS}", params


def cell(hour: int, sums: Sums) -> Cell:
    return Cell(
        weekday=hour // 24,
        hour=hour % 24,
        publications=sums.publications,
        engagements=sums.metrics["engagements"],
        impressions=sums.metrics["impressions"],
        rate=sums.avg_engagement_rate,
    )
