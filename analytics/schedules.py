"""Periodic jobs of this app; the form is that of socialhub/schedules.py."""

from __future__ import annotations

from typing import Any

# Ticks are closer than the fastest rhythm (20 s), or every other reading would miss its tick.
SCHEDULES: dict[str, dict[str, Any]] = {
    "collect_metrics": {"task": "analytics.collect_metrics", "every": 10, "expires": 10},
    # Each account every 6 hours; an account just connected need not wait for its first number.
    "collect_audience": {"task": "analytics.collect_audience", "every": 600, "expires": 600},
    "sweep_stats": {"task": "analytics.sweep_stats", "every": 60, "expires": 60},
    "compact_snapshots": {
        "task": "analytics.compact_snapshots",
        "crontab": ("40", "2", "*"),
        "expires": 3600,
    },
    "repair_rollups": {
        "task": "analytics.repair_rollups",
        "crontab": ("50", "3", "*"),
        "expires": 3600,
    },
    # They decide by the local clock; quarters, since some zones are 45 minutes off the hour.
    "weekly_report": {
        "task": "analytics.weekly_report",
        "crontab": ("*/15", "*", "*"),
        "expires": 900,
    },
    "monthly_report": {
        "task": "analytics.monthly_report",
        "crontab": ("*/15", "*", "*"),
        "expires": 900,
    },
    "deliver_reports": {"task": "analytics.deliver_reports", "every": 30, "expires": 30},
}
