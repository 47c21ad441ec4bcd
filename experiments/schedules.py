"""Periodic jobs of this app; the form is that of socialhub/schedules.py."""

from __future__ import annotations

from typing import Any

SCHEDULES: dict[str, dict[str, Any]] = {
    "evaluate_tests": {
        "task": "experiments.evaluate_tests",
        "crontab": ("5", "*", "*"),
        "expires": 3600,
    },
    "recycle_posts": {
        "task": "experiments.recycle_posts",
        "crontab": ("25", "4", "*"),
        "expires": 3600,
    },
    "learn_recycling": {
        "task": "experiments.learn_recycling",
        "crontab": ("35", "4", "0"),
        "expires": 3600,
    },
}
