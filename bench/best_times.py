"""Do the best times find what is true? Simulated accounts, whose truth only the judge knows."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any, Literal

import numpy as np

from analytics.best_times import rank
from analytics.tests import simulation
from bench.figures import Figure, limits

SEEDS = {"ci": (1,), "full": (1, 2, 3, 4, 5)}
# Accounts of one task.
CHUNK = 25

Direction = Literal["max", "min"]
GATES: tuple[tuple[str, Direction], ...] = (("regret5", "max"), ("prec5", "min"), ("hit1", "min"))


@dataclass
class Score:
    """One value per account."""

    hit1: list[float] = field(default_factory=list)
    prec5: list[float] = field(default_factory=list)
    regret5: list[float] = field(default_factory=list)
    covered: list[float] = field(default_factory=list)
    strong: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, account: simulation.Account, order: list[int]) -> None:
        """Judge an order of the slots."""
        rate, best = np.exp(account.log_rate), account.best
        self.hit1.append(float(order[0] in best))
        self.prec5.append(len(best.intersection(order[:5])) / 5)
        self.regret5.append(1 - float(rate[order[:5]].mean() / rate[list(best)].mean()))


def measure(size: str, seeds: Iterable[int] = ()) -> list[Figure]:
    """Every gate at its number of posts; of several seeds the worst one counts."""
    wanted = limits("best_times")
    seeds = tuple(seeds) or SEEDS[size]
    print(f"best times: seeds {', '.join(map(str, seeds))}", flush=True)
    # One thread per fit: the matrices are small, and both cores have fits to do.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=fresh) as pool:
        scores = {
            (posts, seed): _score(pool, posts, seed, wanted["accounts"])
            for posts in wanted["posts"]
            for seed in seeds
        }
        shuffled = {
            (posts, seed): _score(pool, posts, seed, wanted["accounts"], shuffled=True)
            for posts in wanted["posts"]
            for seed in seeds
        }
    return _judged(wanted, scores, shuffled)


Scores = dict[tuple[int, int], tuple[Score, Score]]


def _judged(wanted: dict[str, Any], scores: Scores, shuffled: Scores) -> list[Figure]:
    samples = wanted["accounts"]

    def worst(label: str, name: str, posts: int, limit: float, direction: Direction) -> Figure:
        found = shuffled if name == "strong" else scores
        means = [fmean(getattr(ours, name)) for (at, _), (ours, _) in found.items() if at == posts]
        value = max(means) if direction == "max" else min(means)
        return Figure(f"{label}, {posts} posts", 100 * value, "%", 100 * limit, direction, samples)

    figures = [
        worst(name, name, int(posts), limit, direction)
        for name, direction in GATES
        for posts, limit in wanted[name].items()
    ]
    least, most = wanted["covered"]
    for posts in wanted["posts"]:
        pairs = [pair for (at, _), pair in scores.items() if at == posts]
        took = median(seconds for ours, _ in pairs for seconds in ours.seconds)
        figures += [
            worst("interval covers, least", "covered", posts, least, "min"),
            worst("interval covers, most", "covered", posts, most, "max"),
            worst("strong without a pattern", "strong", posts, wanted["strong_shuffled"], "max"),
            Figure(f"ahead of the naive mean, {posts} posts", _lead(pairs), "%", 0, "min", samples),
            Figure(f"time of a fit, {posts} posts", 1000 * took, "ms", samples=samples),
        ]
    return figures


def _lead(pairs: list[tuple[Score, Score]]) -> float:
    """The smallest distance to the naive mean of rates over hit1, prec5 and regret5."""
    return 100 * min(
        sign * (fmean(getattr(ours, name)) - fmean(getattr(naive, name)))
        for ours, naive in pairs
        for name, sign in (("hit1", 1), ("prec5", 1), ("regret5", -1))
    )


def _score(
    pool: ProcessPoolExecutor, posts: int, seed: int, accounts: int, *, shuffled: bool = False
) -> tuple[Score, Score]:
    """(ours, the naive mean's) over that many accounts."""
    tasks = [
        pool.submit(_chunk, posts, (seed, posts, at), min(CHUNK, accounts - at), shuffled)
        for at in range(0, accounts, CHUNK)
    ]
    ours, naive = Score(), Score()
    for task in tasks:
        for total, part in zip((ours, naive), task.result(), strict=True):
            for name, values in vars(part).items():
                getattr(total, name).extend(values)
    return ours, naive


def _chunk(posts: int, seed: tuple[int, ...], accounts: int, shuffled: bool) -> tuple[Score, Score]:
    rng = np.random.default_rng(seed)
    ours, naive = Score(), Score()
    for _ in range(accounts):
        account = simulation.account(rng, posts, shuffled=shuffled)
        started = time.perf_counter()
        slots = rank(account.posts, simulation.ZONE, simulation.NOW)
        ours.seconds.append(time.perf_counter() - started)
        places = [slot.weekday * simulation.HOURS + slot.hour for slot in slots]
        truth = 100 * np.exp(account.log_rate[places])
        inside = (slot.low <= true <= slot.high for slot, true in zip(slots, truth, strict=True))
        ours.covered.append(fmean(inside))
        ours.strong.append(any(slot.badge == "strong" for slot in slots))
        ours.add(account, places)
        naive.add(account, naive_order(account))
    return ours, naive


def naive_order(account: simulation.Account) -> list[int]:
    """Slots by the mean of their posts' rates, those without a post last."""
    _, impressions, engagements = zip(*account.posts, strict=True)
    rates = np.array(engagements) / np.array(impressions)
    number = np.bincount(account.slots, minlength=simulation.SLOTS)
    mean = np.bincount(account.slots, rates, simulation.SLOTS) / np.maximum(number, 1)
    return np.argsort(-mean, kind="stable").tolist()
