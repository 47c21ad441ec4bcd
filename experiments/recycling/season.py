"""Parts of the year, from "12-24" to "01-06"; both ends count."""

from __future__ import annotations

from datetime import date

# What being inside its own season adds to a post; outside it is 0, it may not be shown.
INSIDE = 1.25


def is_inside(day: date, first: str, last: str) -> bool:
    """Is the day in the season? It may go over new year; no season is the whole year."""
    if not first or not last:
        return True
    today = f"{day:%m-%d}"
    if first <= last:
        return first <= today <= last
    return today >= first or today <= last


def factor(day: date, first: str, last: str) -> float:
    """1.25 inside a season, 0 outside, 1 for a post without one."""
    if not first or not last:
        return 1.0
    return INSIDE if is_inside(day, first, last) else 0.0
