"""The weekly report with its comparison, beside loading and looping over both weeks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.cache import caches

from analytics.queries import best_times
from analytics.queries.filters import Filters
from analytics.services.reports import figures as reports
from bench.analytics import timing
from bench.analytics.generator import LAST_DAY, NOW
from bench.analytics.reads import Loop, backends

# The last whole week; the clocks went back on its Sunday.
SUNDAY = LAST_DAY - timedelta(days=LAST_DAY.isoweekday())
MONDAY = SUNDAY - timedelta(days=6)
WEEK = timedelta(days=7)
REPEATS = 7


class Wrong(AssertionError):
    """The report and the loop do not agree."""


def measure(by_loop: Loop) -> dict[str, dict[str, float]]:
    """{way: milliseconds}. Raises Wrong when the posts or sums are not the same.

    The loop gives no best times, followers or sections. "report" is the whole report once its
    best times are fitted, "times" what of it they still take, "first" a report that fits them.
    """
    filters = Filters(MONDAY, SUNDAY)

    def loop() -> tuple[dict[str, Any], dict[str, Any]]:
        return by_loop.answer(MONDAY, SUNDAY), by_loop.answer(MONDAY - WEEK, SUNDAY - WEEK)

    def report() -> dict[str, Any]:
        return reports.figures(filters, NOW)

    clock = timing.Clock(backends(by_loop))
    caches["local"].clear()
    # A fit takes long: once has to do.
    first = timing.Series([clock.take(report)])
    _compare(loop(), report())
    ways = {"loop": loop, "report": report, "times": lambda: best_times.for_accounts(None, NOW)}
    return {**timing.interleaved(clock, ways, REPEATS), "first": first.summary()}


def _compare(looped: tuple[dict[str, Any], dict[str, Any]], report: dict[str, Any]) -> None:
    week, before = looped
    summed = [name for name in week["totals"] if name != "rate"]
    pairs = {
        "totals": ([week["totals"][n] for n in summed], [report["totals"][n] for n in summed]),
        "before": (
            [before["totals"][name] for name in ("posts", "publications")],
            [report["before"][name] for name in ("posts", "publications")],
        ),
        "days": (
            {day: sums["impressions"] for day, sums in week["days"].items()},
            {
                date.fromisoformat(row["day"]): row["published"]["impressions"]
                for row in report["daily"]
                if row["published"]["publications"]
            },
        ),
    }
    if wrong := [
        f"{name}: {one} != {other}" for name, (one, other) in pairs.items() if one != other
    ]:
        raise Wrong("; ".join(wrong))
