"""DuckDB, a column store, on the same facts: one thread, native columns, nothing precomputed.

It gets what makes it fast: the local day and hour as columns of their own, and the day of the
publication before, so that no post has to be counted with DISTINCT.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import numpy as np

from bench.analytics import loop
from bench.analytics.generator import COUNTERS, NULL, PLATFORMS, TYPES, Facts

DAY_COLUMNS = ("local_day", "previous_day", "previous_day_on_network")
BOTH = "engagements IS NOT NULL AND impressions IS NOT NULL"


class Store:
    """The facts in memory."""

    def __init__(self, facts: Facts) -> None:
        self._db = duckdb.connect(":memory:", config={"threads": 1})
        columns = {
            "publication_id": np.arange(1, len(facts) + 1),
            "platform": facts.platform,
            "content_type": facts.content_type,
            "is_reply": facts.is_reply,
            "local_hour": facts.local_hour,
            "engagements": facts.engagements(),
            **{name: getattr(facts, name) for name in DAY_COLUMNS},
            **facts.counters,
        }
        self._db.register("given", columns)
        chosen = ", ".join(self._column(name) for name in columns)
        self._db.execute(f"CREATE TABLE facts AS SELECT {chosen} FROM given")
        self._db.unregister("given")

    @staticmethod
    def _column(name: str) -> str:
        if name in ("platform", "content_type"):
            names = PLATFORMS if name == "platform" else TYPES
            listed = ", ".join(f"'{one}'" for one in names)
            return f"(ENUM_RANGE(NULL::ENUM({listed})))[{name} + 1] AS {name}"
        if name in DAY_COLUMNS:
            return f"DATE '1970-01-01' + CAST(NULLIF({name}, {NULL}) AS INTEGER) AS {name}"
        if name in (*COUNTERS, "engagements"):
            return f"NULLIF({name}, {NULL}) AS {name}"
        return name

    def answer(
        self, first: date, last: date, platform: str = "", minimum: int = 0
    ) -> dict[str, Any]:
        """The same shape as `loop.answer`."""
        # Fixed texts of our own, days and names; a prepared value would hinder pruning.
        where = f"WHERE NOT is_reply AND local_day BETWEEN DATE '{first}' AND DATE '{last}'"
        if platform:
            where += f" AND platform = '{platform}'"
        previous = "previous_day_on_network" if platform else "previous_day"
        once = f"COUNT(*) FILTER (WHERE {previous} IS NULL OR {previous} < DATE '{first}')"
        on_network = once.replace(previous, "previous_day_on_network")
        groups = self._groups
        return {
            "totals": groups("1", loop.SUMMED, where, once).get(1, {}),
            "platforms": groups("platform", loop.GROUPED, where, on_network),
            "content_types": groups("content_type", loop.GROUPED, where, once),
            "days": groups("local_day", loop.GROUPED, where, "NULL"),
            "hours": {
                (key // 24, key % 24): sums
                for key, sums in groups("local_hour", loop.RATED, where, "NULL").items()
            },
            "top": self._db.execute(
                "SELECT publication_id, 100.0::DOUBLE * engagements / impressions AS rate"
                f" FROM facts {where} AND {BOTH} AND impressions > 0 AND impressions >= {minimum}"
                f" ORDER BY rate DESC, publication_id DESC LIMIT {loop.TOP}"
            ).fetchall(),
        }

    def _groups(
        self, key: str, names: tuple[str, ...], where: str, posts: str
    ) -> dict[Any, dict[str, Any]]:
        # BIGINT: sums of 128 bits are slow to hand over.
        sums = ", ".join(f"SUM({name})::BIGINT" for name in names)
        rows = self._db.execute(
            f"SELECT {key}, {sums}, COUNT(*), {posts},"
            f" 100.0::DOUBLE * SUM(engagements) FILTER (WHERE {BOTH})"
            f" / NULLIF(SUM(impressions) FILTER (WHERE {BOTH}), 0) FROM facts {where} GROUP BY 1"
        ).fetchall()
        columns = (*names, "publications", "posts", "rate")
        return {first: dict(zip(columns, values, strict=True)) for first, *values in rows}
