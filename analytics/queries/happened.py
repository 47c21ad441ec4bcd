"""How much the counters moved in a period, whenever the posts went out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from analytics import sql
from analytics.queries import sources
from analytics.queries.filters import Filters
from analytics.queries.published import every_day
from analytics.queries.sources import NOTHING
from analytics.queries.state import State
from analytics.rollup_specs import MEASURED


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened in the period, by day. None = not reported.

    `before` holds the period before, None where measuring began too late to compare.
    """

    days: list[tuple[date, dict[str, int | None]]]
    totals: dict[str, int | None]
    before: dict[str, int | None] | None


def change(now: int | None, before: int | None) -> float | None:
    """100 × (now − before) ÷ before; None when either is unknown or nothing was before."""
    if now is None or before is None or before <= 0:
        return None
    return 100.0 * (now - before) / before


def happened(filters: Filters, state: State) -> Happened:
    """How much each counter moved per day, on the day it was seen, and in the period before.

    One query. Campaigns are not known per day: with one chosen there is nothing to show. The
    period before can be compared when the selection was measured on its first day already.
    """
    if filters.campaign is not None:
        return Happened([], dict.fromkeys(MEASURED), None)
    both = replace(filters, first=filters.before.first)
    source = sources.days(both, built=True, activity=True)
    # The same selection on any day: without the two parameters of the period.
    ever = source.where.replace(sources.PERIOD, "1 = 1")
    sums = ", ".join(f"CAST(SUM(f.{name}) AS bigint) AS {name}" for name in MEASURED)
    rows = sources.fetch(
        f"SELECT f.local_day, {sums},"
        f" (SELECT MIN(f.local_day) FROM {source.table} f WHERE {ever}) AS began"
        f" FROM {source.table} f WHERE {source.where} GROUP BY f.local_day ORDER BY f.local_day",
        [*source.params[2:], *source.params],
    )
    began = sql.loaded_day(rows[0]["began"]) if rows else date.max
    by_day = {sql.loaded_day(row["local_day"]): row for row in rows}
    totals = _added([row for day, row in by_day.items() if day >= filters.first])
    past = [row for day, row in by_day.items() if day < filters.first]
    today = timezone.now().astimezone(state.zone).date()
    return Happened(
        days=[
            (day, _moved(by_day.get(day), totals) if began <= day <= today else {**NOTHING})
            for day in every_day(filters)
        ],
        totals=totals,
        before=_added(past) if began <= both.first else None,
    )


def _added(rows: Sequence[sources.Row]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for name in MEASURED:
        values = [row[name] for row in rows if row[name] is not None]
        found[name] = sum(values) if values else None
    return found


def _moved(row: sources.Row | None, totals: dict[str, int | None]) -> dict[str, int | None]:
    """A day on which nothing moved is 0, where the counter is reported at all."""
    if row is None:
        return {name: None if totals[name] is None else 0 for name in MEASURED}
    return {
        name: row[name] if row[name] is not None or totals[name] is None else 0 for name in MEASURED
    }
