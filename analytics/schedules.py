"""Periodic jobs of this app; the form is that of socialhub/schedules.py."""

from __future__ import annotations

from typing import Any

SCHEDULES: dict[str, dict[str, Any]] = {
    "collect_metrics": {"task": "analytics.collect_metrics", "every": 20, "expires": 20},
    "sweep_stats": {"task": "analytics.sweep_stats", "every": 60, "expires": 60},
}
