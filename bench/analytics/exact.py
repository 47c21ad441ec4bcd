"""Before any timing: every way gives the same figures, and rollups equal the facts."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection

from analytics.rollup_specs import ROLLUPS, STATS, Rollup
from analytics.services import rollups

# Rates are quotients of the same sums; counts and sums have to be equal.
RELATIVE = 1e-4
Way = Callable[[date, date, str], dict[str, Any]]


class Different(AssertionError):
    """Two ways gave different figures: nothing is timed."""


def compare(ways: dict[str, Way], windows: dict[int, date], last: date, network: str) -> int:
    """Ask each way for each window, with and without a network; how many figures were equal.

    Raises Different naming window, ways and figure.
    """
    figures = 0
    for days, first in windows.items():
        for platform in ("", network):
            (name, way), *others = ways.items()
            wanted = flat(way(first, last, platform))
            for other, its in others:
                found = flat(its(first, last, platform))
                wrong = sorted(
                    f"{key}: {name} {wanted.get(key)}, {other} {found.get(key)}"
                    for key in {*wanted, *found}
                    if not _same(wanted.get(key, "none"), found.get(key, "none"))
                )
                if wrong:
                    raise Different(f"{days} d {platform or 'all'}: " + "; ".join(wrong[:10]))
            figures += len(wanted)
    return figures


def flat(answer: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Every figure by its path."""
    found: dict[str, Any] = {}
    for key, value in answer.items():
        where = f"{path}/{key}"
        if isinstance(value, dict):
            found.update(flat(value, where))
        elif isinstance(value, list):
            for place, (publication, rate) in enumerate(value):
                found[f"{where}/{place}/publication"] = publication
                found[f"{where}/{place}/rate"] = float(rate)
        else:
            found[where] = float(value) if key == "rate" and value is not None else value
    return found


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=RELATIVE)
    return bool(one == other)


def cells_unlike_facts() -> int:
    """Cells of all rollups that differ from the sums of the facts."""
    return sum(_unlike(rollup) for rollup in ROLLUPS)


def _unlike(rollup: Rollup) -> int:
    sums = [f"SUM({expression})" for expression in rollup.sums.values()]
    wanted = rollups.select_sums(rollup, sums, f"{STATS} f").partition(" ORDER BY ")[0]
    there = f"SELECT {', '.join(rollup.columns)} FROM {rollup.table} WHERE publications <> 0"
    query = (
        f"SELECT COUNT(*) FROM (SELECT * FROM ({wanted}) a EXCEPT SELECT * FROM ({there}) b"
        f" UNION ALL SELECT * FROM (SELECT * FROM ({there}) c EXCEPT SELECT * FROM ({wanted}) d) e"
        ") f"
    )
    with connection.cursor() as cursor:
        # With parameters, so that an escaped % is read.
        cursor.execute(query, [])
        return int(cursor.fetchone()[0])
