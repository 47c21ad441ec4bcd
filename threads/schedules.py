"""Periodic jobs of this app; the form is that of socialhub/schedules.py."""

from __future__ import annotations

from typing import Any

SCHEDULES: dict[str, dict[str, Any]] = {
    # Goes on with bulk runs of dead workers; previews are kept for a quarter of an hour.
    "tend_pictures": {"task": "threads.tend_pictures", "every": 60, "expires": 60},
}
