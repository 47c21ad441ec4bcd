"""When an account's posts do best: `rank` scores the 168 hours of a week. No Django inside."""

from __future__ import annotations

import os

# The matrices are small. Threads would wait for one another, a hundred times the work on a busy
# machine. Read once, when scipy is first loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from analytics.best_times.ranking import Badge, Level, Slot, rank

__all__ = ["Badge", "Level", "Slot", "rank"]
