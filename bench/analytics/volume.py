"""How many snapshots a publication leaves behind: growing counters, read in the product's rhythm.

A counter has reached the share t / (t + h) of its last value at age t: half of it after h, which
differs by network, and a long tail. Between two readings it moves by a Poisson number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from analytics.services import cadence
from bench.analytics import generator
from bench.analytics.generator import COUNTERS, NULL, PLATFORMS, Facts, Flags, Ints

PUBLICATIONS = 3_000
# Hours until half of it is there; known to an order of magnitude only.
HALF = {"facebook": 6.0, "instagram": 20.0, "linkedin": 24.0, "mastodon": 4.0, "x": 3.0}
# Every 15 minutes for 30 days, each reading kept.
NAIVE = 30 * 24 * 4
HOUR = timedelta(hours=1)


def measure() -> dict[str, float]:
    """Mean snapshots per publication: of those with impressions, of all, and what is saved.

    Where a network counts no impressions little moves: the first figure is the one to judge.
    """
    facts = generator.generate(10_000)
    rng = np.random.default_rng([generator.SEED, 11])
    chosen = sample(rng, facts, PUBLICATIONS)
    seen = facts.counters["impressions"][chosen] != NULL
    rows = snapshots(read(rng, facts, chosen)).sum(axis=1)
    return {
        "seen": float(rows[seen].mean()),
        "all": float(rows.mean()),
        "readings": len(ages()),
        "n": PUBLICATIONS,
    }


def sample(rng: np.random.Generator, facts: Facts, count: int) -> Ints:
    """Places of publications that are ever answered."""
    silent = np.all([facts.counters[name] == NULL for name in COUNTERS], axis=0)
    return rng.choice(np.flatnonzero(~silent), count, replace=False)


def ages() -> list[timedelta]:
    """When the product reads a publication that always answers; the last time at 90 days."""
    found = [timedelta(0)]
    while (every := cadence.interval(found[-1])) is not None:
        found.append(found[-1] + every)
    return found


def read(rng: np.random.Generator, facts: Facts, chosen: Ints) -> dict[str, Ints]:
    """Each counter of the chosen publications at each of `ages()`: one row per publication.

    Reach is a fixed share of impressions: it never moves alone.
    """
    hours = np.array([age / HOUR for age in ages()])
    half = np.array([HALF[name] for name in PLATFORMS])[facts.platform[chosen]][:, None]
    steps = np.diff(hours / (hours + half), axis=1, prepend=0.0)
    found = {}
    for name in COUNTERS:
        last = facts.counters[name][chosen][:, None]
        if name == "reach":
            whole = np.maximum(1, facts.counters["impressions"][chosen][:, None])
            grown = (found["impressions"] * np.maximum(last, 0)) // whole
        else:
            grown = rng.poisson(np.maximum(last, 0) * steps).cumsum(axis=1)
        found[name] = np.where(last == NULL, NULL, grown)
    return found


def snapshots(counters: Mapping[str, Ints]) -> Flags:
    """Which readings are kept: the first, and each in which any counter moved."""
    moved = [np.diff(column, axis=1) != 0 for column in counters.values()]
    kept = np.any(moved, axis=0)
    return np.concatenate([np.ones((len(kept), 1), dtype=bool), kept], axis=1)
