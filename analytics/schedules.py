"""Periodic jobs of this app; the form is that of socialhub/schedules.py."""

from __future__ import annotations

from typing import Any

# Ticks are closer than the fastest rhythm (20 s), or every other reading would miss its tick.
SCHEDULES: dict[str, dict[str, Any]] = {
    "collect_metrics": {"task": "analytics.collect_metrics", "every": 10, "expires": 10},
    "sweep_stats": {"task": "analytics.sweep_stats", "every": 60, "expires": 60},
}
