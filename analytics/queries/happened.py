"""How much the counters moved in a period, whenever the posts went out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils import timezone

from analytics import sql
from analytics.queries import sources
from analytics.queries.filters import Filters
from analytics.queries.published import every_day
from analytics.queries.sources import NOTHING
from analytics.queries.state import State
from analytics.rollup_specs import MEASURED

# Sums of MEASURED.
Row = Sequence[int | None]
UNKNOWN = (None,) * len(MEASURED)
SUMS = [f"CAST(SUM(f.{name}) AS bigint)" for name in MEASURED]


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
    rows, began = _read(filters, both)
    past = [row for day, row in rows if day is None]
    by_day = {sql.loaded_day(day): row for day, row in rows if day is not None}
    totals = _added(list(by_day.values()))
    today = timezone.now().astimezone(state.zone).date()
    # A day on which nothing moved is 0, where the counter is reported at all.
    still = [None if value is None else 0 for value in totals]
    return Happened(
        days=[
            (day, _moved(by_day.get(day, still), still) if began <= day <= today else {**NOTHING})
            for day in every_day(filters)
        ],
        totals=dict(zip(MEASURED, totals, strict=True)),
        before=dict(zip(MEASURED, _added(past), strict=True)) if began <= both.first else None,
    )


def _read(filters: Filters, both: Filters) -> tuple[list[tuple[Any, Row]], date]:
    """(day, sums), all days before the period as one, None; and when measuring began."""
    source = sources.days(both, built=True, activity=True)
    # The same selection on any day: without the two parameters of the period.
    ever, narrowed = source.where.replace(sources.PERIOD, "1 = 1"), source.params[2:]
    first, sums = sql.stored_day(filters.first), ", ".join(SUMS)
    began = f"(SELECT MIN(f.local_day) FROM {source.table} f WHERE {ever})"
    read = f"{began}, {sums} FROM {source.table} f WHERE {source.where}"
    if sql.is_postgres():
        query = f"SELECT CASE WHEN f.local_day >= %s THEN f.local_day END, {read} GROUP BY 1"
        params = [first, *narrowed, *source.params]
    else:
        # That would sort rows which lie there by day. As text: Django reads dates slowly.
        query = (
            f"SELECT CAST(f.local_day AS text), {read} GROUP BY f.local_day"
            f" UNION ALL SELECT NULL, {read} HAVING COUNT(*) > 0"
        )
        now, past = sources.days(filters, built=True, activity=True), filters.before
        before = sources.days(past, built=True, activity=True)
        params = [*narrowed, *now.params, *narrowed, *before.params]
    _names, rows = sources.fetch_rows(query, params, short=filters.days <= sources.SHORT)
    return [(row[0], row[2:]) for row in rows], sql.loaded_day(rows[0][1]) if rows else date.max


def _added(rows: Sequence[Row]) -> Row:
    """Sums over what is known."""
    known = ([value for value in column if value is not None] for column in zip(*rows, strict=True))
    return tuple(sum(values) if values else None for values in known) or UNKNOWN


def _moved(row: Row, still: Row) -> dict[str, int | None]:
    if None in row:
        row = [still[n] if value is None else value for n, value in enumerate(row)]
    return dict(zip(MEASURED, row, strict=True))
