"""What each rollup sums, written once: deltas, rebuild and comparison are made from it.

The expressions read a row `f` with the columns FACTS. They are fixed text, no user input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from socialhub.platforms.base import COUNTERS

STATS = "analytics_publicationstats"
MEASURED = (*COUNTERS, "engagements")
FACTS = (
    "publication_id",
    "account_id",
    "platform",
    "content_type",
    "is_reply",
    "published_at",
    "local_day",
    "hour_of_week",
    "previous_day",
    "previous_day_on_network",
    *MEASURED,
)

BOTH = "f.engagements IS NOT NULL AND f.impressions IS NOT NULL"
RATED = {
    "rated_engagements": f"CASE WHEN {BOTH} THEN f.engagements ELSE 0 END",
    "rated_impressions": f"CASE WHEN {BOTH} THEN f.impressions ELSE 0 END",
    "rated_n": f"CASE WHEN {BOTH} THEN 1 ELSE 0 END",
}


def _measured(*names: str) -> dict[str, str]:
    """Sum and number of reports of each metric."""
    found = {}
    for name in names:
        found[name] = f"COALESCE(f.{name}, 0)"
        found[f"{name}_n"] = f"CASE WHEN f.{name} IS NULL THEN 0 ELSE 1 END"
    return found


def _first_of_day(column: str) -> str:
    return f"CASE WHEN f.{column} IS NULL OR f.{column} < f.local_day THEN 1 ELSE 0 END"


HOUR_SUMS = {"publications": "1", **_measured("impressions", "engagements"), **RATED}
DAY_SUMS = {"publications": "1", **_measured(*MEASURED), **RATED}
# "{hour}" is replaced by what the database calls the start of the UTC hour.
HOUR = {"hour_start": "{hour}"}


# eq=False: known by identity, so that SQL made from it can be cached.
@dataclass(frozen=True, eq=False)
class Rollup:
    """A table: its key, columns that follow from the key, and its sums."""

    table: str
    keys: Mapping[str, str]
    given: Mapping[str, str]
    sums: Mapping[str, str]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return (*self.keys, *self.given, *self.sums)


DAY = Rollup(
    "analytics_dayrollup",
    {name: f"f.{name}" for name in ("local_day", "platform", "content_type")},
    {},
    {
        **DAY_SUMS,
        "posts": _first_of_day("previous_day_on_network"),
        "lead_posts": _first_of_day("previous_day"),
    },
)
HOURS = Rollup(
    "analytics_hourrollup",
    {**HOUR, "platform": "f.platform"},
    {"hour_of_week": "f.hour_of_week"},
    HOUR_SUMS,
)
ACCOUNT_DAY = Rollup(
    "analytics_accountdayrollup",
    {name: f"f.{name}" for name in ("local_day", "account_id", "content_type")},
    {"platform": "f.platform"},
    DAY_SUMS,
)
ROLLUPS = (DAY, HOURS, ACCOUNT_DAY)

ACTIVITY = "analytics_activityday"
ACTIVITY_KEYS = ("local_day", "account_id", "content_type")

# What a change adds, one row or two per publication: keys, sums, and what happened. The sum of a
# counter is that of its moves.
KEYS = ("local_day", "platform", "content_type", "account_id", "hour_of_week")
MOVED = tuple(f"{name}_moved" for name in MEASURED)
COUNTED = tuple(name for name in DAY.sums if name not in MEASURED)
DELTA_COLUMNS = ("hour_start", *KEYS, *COUNTED, *MOVED)
