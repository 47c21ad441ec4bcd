"""Periodic jobs of this app; the form is that of socialhub/schedules.py."""

from __future__ import annotations

from typing import Any

SCHEDULES: dict[str, dict[str, Any]] = {
    # Previews are kept for a quarter of an hour.
    "prune_pictures": {"task": "threads.prune_pictures", "every": 300, "expires": 300},
}
