"""CPU of a piece of work: this process, and the PostgreSQL backends it used.

On a shared machine the wall clock says little; CPU time moves by a few per cent.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.figures import percentile


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds."""

    wall: float
    client: float
    backend: float

    @property
    def cpu(self) -> float:
        return self.client + self.backend


class Clock:
    """Reads all clocks. `pids` are the backends at work for this process."""

    def __init__(self, pids: Iterable[int] = ()) -> None:
        self._files = [Path(f"/proc/{pid}/schedstat") for pid in pids]

    def take(self, work: Callable[[], Any]) -> Taken:
        """Run `work` once, with a clean heap."""
        gc.collect()
        before, began, wall = self._backends(), time.process_time(), time.perf_counter()
        work()
        wall, client = time.perf_counter() - wall, time.process_time() - began
        return Taken(wall, client, self._backends() - before)

    def _backends(self) -> float:
        """Time on a CPU so far; the first number of schedstat, in nanoseconds."""
        return sum(int(file.read_text().split()[0]) for file in self._files) / 1e9


@dataclass(slots=True)
class Series:
    """Repeats of one piece of work."""

    taken: list[Taken] = field(default_factory=list)

    def summary(self) -> dict[str, float]:
        """Milliseconds: median CPU with its parts, p50 and p95 of the wall clock."""
        walls = [one.wall for one in self.taken]
        return {
            "cpu": 1e3 * median(one.cpu for one in self.taken),
            "client": 1e3 * median(one.client for one in self.taken),
            "backend": 1e3 * median(one.backend for one in self.taken),
            "wall_p50": 1e3 * percentile(walls, 0.5),
            "wall_p95": 1e3 * percentile(walls, 0.95),
            "n": len(self.taken),
        }


def interleaved(
    clock: Clock, ways: dict[str, Callable[[], Any]], repeats: int
) -> dict[str, dict[str, float]]:
    """Each way once to warm up, then A, B, C, A, B, C, …"""
    for way in ways.values():
        way()
    found = {name: Series() for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            found[name].taken.append(clock.take(way))
    return {name: series.summary() for name, series in found.items()}
