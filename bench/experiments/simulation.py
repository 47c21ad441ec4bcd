"""Tests whose truth is known: audiences that look at posts for two weeks, counted every hour.

Only counts come from here. What they show is asked of the product's public `evaluate`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np

from experiments.statistics.plans import Array, Block, History, Plan
from experiments.statistics.verdict import evaluate

Shape = Literal["steady", "decaying", "small", "clustered"]
SHAPES: tuple[Shape, ...] = ("steady", "decaying", "small", "clustered")

BASE = 0.03
HOURS = 14 * 24
# Impressions per variant in two weeks.
TOTAL = {"steady": 33_600, "decaying": 20_000, "small": 2_000, "clustered": 33_600}
# A post earns half of its reach in that time.
HALF_LIFE_HOURS = 12
# More people by day than by night; sums to 24.
DAILY = 1 + 0.6 * np.sin(2 * np.pi * (np.arange(24) - 9) / 24)
# Engagements of one person, geometric with mean 2: variance / mean of the sum is 3.
PER_PERSON = 2.0
START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(hours=HOURS)
# Spread of the log rate between posts, and impressions of a post.
LUCK = 0.3
REACH, REACH_SPREAD = 20_000, 0.5


@dataclass(frozen=True, slots=True)
class Setting:
    """One kind of test. `rates` relative to the base rate; `total` impressions per variant."""

    shape: Shape
    rates: tuple[float, ...]
    total: int = 0

    @property
    def impressions(self) -> int:
        return self.total or TOTAL[self.shape]

    @property
    def best(self) -> set[str]:
        """The variants that may be called the winner: the best one, if there is only one."""
        top = [at for at, rate in enumerate(self.rates) if rate == max(self.rates)]
        return {_names(len(self.rates))[top[0]]} if len(top) == 1 else set()


def hybrid(setting: Setting, tests: int, seed: Sequence[int]) -> Counter[str]:
    """How many tests named the right winner, a wrong one, or none, looked at every hour.

    `evaluate` goes through all hourly looks itself, so asking at the end is asking every hour.
    """
    rng, plan = np.random.default_rng(seed), _plan(setting)
    found: Counter[str] = Counter()
    for _ in range(tests):
        verdict = evaluate(_history(rng, setting), plan, END)
        found[_judged(verdict.winner, setting.best)] += 1
    return found


def example(variants: int) -> tuple[History, Plan]:
    """One test without a difference."""
    setting = Setting("steady", (1.0,) * variants)
    return _history(np.random.default_rng(variants), setting), _plan(setting)


def _plan(setting: Setting) -> Plan:
    return Plan(
        variants=_names(len(setting.rates)),
        planned=setting.impressions,
        starts_at=START,
        ends_at=END,
        # One person may bring several engagements.
        kind="rate" if setting.shape == "clustered" else "proportion",
        # A fifth, as in the product's own form.
        smallest_effect=0.2,
    )


def _history(rng: np.random.Generator, setting: Setting) -> History:
    at = START.timestamp() + 3600.0 * np.arange(1, HOURS + 1)
    impressions, engagements = _hours(rng, setting)
    return History(at, at, engagements.cumsum(axis=0), impressions.cumsum(axis=0))


def paired(
    looks: Sequence[int], tests: int, seed: Sequence[int], lift: float = 0.0
) -> Counter[str]:
    """The same for paired slots: two posts per block, each with luck of its own."""
    rng = np.random.default_rng(seed)
    number = max(looks)
    plan = Plan(
        variants=_names(2),
        planned=number,
        starts_at=START,
        ends_at=START + timedelta(days=2 * number + 1),
        kind="rate",
        design="paired_slots",
        paired_looks=tuple(looks),
    )
    empty = np.zeros((0, 2))
    found: Counter[str] = Counter()
    for _ in range(tests):
        blocks = tuple(
            Block(START + timedelta(days=2 * (at + 1)), counts)
            for at, counts in enumerate(_blocks(rng, number, lift))
        )
        history = History(np.zeros(0), np.zeros(0), empty, empty, blocks)
        verdict = evaluate(history, plan, START + timedelta(days=2 * number + 1))
        found[_judged(verdict.winner, {"B"} if lift > 0 else set())] += 1
    return found


def _names(number: int) -> tuple[str, ...]:
    return tuple("ABCDEFGHIJ"[:number])


def _judged(winner: str | None, best: set[str]) -> str:
    return "none" if winner is None else "right" if winner in best else "wrong"


def _hours(rng: np.random.Generator, setting: Setting) -> tuple[Array, Array]:
    """Impressions and engagements of each hour and variant."""
    size = (HOURS, len(setting.rates))
    impressions = rng.poisson(setting.impressions * _course(setting.shape)[:, None], size)
    rate = BASE * np.asarray(setting.rates)
    if setting.shape != "clustered":
        engagements = rng.binomial(impressions, rate)
    else:
        people = rng.binomial(impressions, rate / PER_PERSON)
        # The sum of m geometric numbers: m successes and the failures before them.
        more = rng.negative_binomial(np.maximum(people, 1), 1 / PER_PERSON)
        engagements = people + np.where(people > 0, more, 0)
    return impressions.astype(np.float64), engagements.astype(np.float64)


def _course(shape: Shape) -> Array:
    """Share of the impressions in each hour."""
    hours = np.arange(HOURS)
    if shape == "decaying":
        course = np.exp2(-hours / HALF_LIFE_HOURS)
    else:
        course = DAILY[hours % 24]
    return np.asarray(course / course.sum())


def _blocks(
    rng: np.random.Generator, number: int, lift: float
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Counts of two posts in each slot. The slot is the same for both, their luck is not."""
    slot = rng.normal(0, LUCK, (number, 1))
    luck = rng.normal(0, LUCK, (number, 2))
    impressions = rng.poisson(REACH * np.exp(rng.normal(0, REACH_SPREAD, (number, 2))))
    rate = BASE * np.exp(slot + luck) * np.array([1.0, 1.0 + lift])
    engagements = rng.poisson(impressions * rate)
    return [
        ((int(x[0]), int(n[0])), (int(x[1]), int(n[1])))
        for x, n in zip(engagements, impressions, strict=True)
    ]
