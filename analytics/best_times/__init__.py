"""When an account's posts do best: `rank` scores the 168 hours of a week. No Django inside."""

from __future__ import annotations

from analytics.best_times.ranking import Badge, Level, Slot, rank

__all__ = ["Badge", "Level", "Slot", "rank"]
