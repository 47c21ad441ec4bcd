"""The 168 slots, best first, and which rung of the ladder answered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Literal

import numpy as np
from scipy.linalg import cholesky
from scipy.linalg.blas import dtrmm

from analytics.best_times import gaussian, hierarchical
from analytics.best_times.gaussian import Belief
from analytics.best_times.observations import (
    HOURS,
    LUCK_VARIANCE,
    SLOTS,
    Basis,
    Observations,
    Post,
    observe,
)

Badge = Literal["strong", "likely", "guess"]
Level = Literal["account", "small", "pattern", "none"]

TOP = 5
CHANCE = TOP / SLOTS
DRAWS = 2000
STRONG, LIKELY = 0.5, 0.25
# Nothing is strong unless the posts are three times likelier with a pattern than without one
# ("substantial" evidence: Jeffreys 1961, appendix B): a few lucky posts make a peak anywhere.
SUBSTANTIAL = math.log(3)
# Own best times need this many posts, in this many slots, and a slot that beats chance twice.
ENOUGH_POSTS, ENOUGH_SLOTS, TIMES_CHANCE = 30, 8, 2.0
# Fewer posts say what the account's level is and no more.
FEW_POSTS = 5
# How far an account follows the prior: its offsets times a factor with this mean and sd.
FOLLOWS, FOLLOWS_SD = 1.0, 0.5
# Without a prior only this is taken for granted, and posts may contradict it: people sleep.
# Deepest log rate, at which hour, and the width in hours.
NIGHT_DEPTH, NIGHT_HOUR, NIGHT_WIDTH = -0.3, 3.5, 2.5
# Half a 90 % interval in standard deviations, and its Poisson end when nothing was counted
# (Hanley & Lippman-Hand 1983).
Z90, NONE_COUNTED = 1.645, 3.0


@dataclass(frozen=True, slots=True)
class Slot:
    """One hour of the local week. Missing is None.

    `rate`: what a typical (median) post of the slot earns, in percent of its impressions, or in
    engagements per post where `basis` is "engagements"; `low`, `high`: its 90 % interval; `lift`:
    percent above what the account's posts usually earn. `p_top5`: chance that the slot is truly
    among the best five (0–1). `n`: posts seen there. `badge`: "likely" from P .25, "strong" from
    P .5 if the posts speak for a pattern at all; both only on level "account" and where a post
    was seen. `level`, who answered: "account", its own posts, 30 or more; "small", a handful of
    own posts; "pattern", the prior that was passed in; "none", nobody, all slots are equal.
    """

    weekday: int
    hour: int
    rate: float | None
    low: float | None
    high: float | None
    p_top5: float
    n: int
    badge: Badge
    level: Level
    basis: Basis
    lift: float | None


def rank(
    posts: Iterable[Post],
    timezone: str | tzinfo,
    now: datetime,
    *,
    prior: Sequence[float] | None = None,
    seed: int = 0,
) -> list[Slot]:
    """All 168 slots of the local week, best first.

    A post is (published_at, impressions or None, engagements or None) of *one* account; posts
    younger than 48 h or without engagements do not count. Slots follow the wall clock of
    `timezone`. `prior`: 168 offsets of the log rate, index weekday * 24 + hour, for instance of
    the platform; None: flat but for the night. Posts decide how far either is followed. The same
    posts, `now` and `seed` give the same answer in any order.
    ValueError: unknown zone, a time without zone, a negative count, a prior of another shape.
    """
    offsets = _offsets(prior)
    seen = observe(posts, timezone, now)
    if seen.counted and len(seen) >= ENOUGH_POSTS and (seen.per_slot > 0).sum() >= ENOUGH_SLOTS:
        belief, evidence = _own(seen, offsets)
        p_top = top_chances(belief, seed)
        if p_top.max() >= TIMES_CHANCE * CHANCE:
            sure = evidence >= SUBSTANTIAL
            return _slots(seen, belief, p_top, "account", STRONG if sure else math.inf)
    elif seen.counted and len(seen) >= FEW_POSTS:
        belief = _few(seen, offsets)
        return _slots(seen, belief, top_chances(belief, seed), "small")
    belief = _level_only(seen, offsets)
    if prior is not None and offsets.any():
        return _slots(seen, belief, top_chances(belief, seed), "pattern")
    flat = Belief(np.zeros(SLOTS), belief.covariance)
    return _slots(seen, flat, np.full(SLOTS, CHANCE), "none")


def top_chances(belief: Belief, seed: int) -> np.ndarray:
    """Share of joint draws in which each slot is among the best five, shape (168,)."""
    root = cholesky(belief.covariance + 1e-9 * np.eye(SLOTS), lower=True)
    normal = np.random.default_rng(seed).standard_normal((DRAWS, SLOTS))
    drawn = belief.mean + dtrmm(1, root, normal.T, lower=1).T
    best = np.argpartition(drawn, -TOP, axis=1)[:, -TOP:]
    return np.bincount(best.ravel(), minlength=SLOTS) / DRAWS


def _offsets(prior: Sequence[float] | None) -> np.ndarray:
    """The prior, or the night, as 168 offsets around 0."""
    if prior is None:
        hours = np.arange(SLOTS) % HOURS
        away = np.abs((hours - NIGHT_HOUR + HOURS / 2) % HOURS - HOURS / 2)
        offsets = NIGHT_DEPTH * np.exp(-0.5 * (away / NIGHT_WIDTH) ** 2)
    else:
        offsets = np.asarray(prior, dtype=float)
    if offsets.shape != (SLOTS,) or not np.isfinite(offsets).all():
        raise ValueError(f"A prior is {SLOTS} finite numbers, one for each hour of the week.")
    return offsets - offsets.mean()


def _around(seen: Observations, offsets: np.ndarray) -> Observations:
    """What the posts say beyond the prior."""
    return replace(seen, y=seen.y - FOLLOWS * offsets[seen.slot])


def _fixed(offsets: np.ndarray) -> np.ndarray:
    """Covariance of the unknown level and of how far the account follows the prior."""
    return gaussian.LEVEL_VARIANCE + FOLLOWS_SD**2 * np.outer(offsets, offsets)


def _own(seen: Observations, offsets: np.ndarray) -> tuple[Belief, float]:
    """Belief about the slots, and how much likelier (log) the posts are than without a pattern."""
    model = gaussian.Model(_around(seen, offsets), _fixed(offsets))
    found = model.fit()
    belief = model.belief(found)
    evidence = model.evidence(found) - gaussian.flat_evidence(seen)
    return Belief(belief.mean + FOLLOWS * offsets, belief.covariance), evidence


def _few(seen: Observations, offsets: np.ndarray) -> Belief:
    belief = hierarchical.fit(_around(seen, offsets))
    follows = FOLLOWS_SD**2 * np.outer(offsets, offsets)
    return Belief(belief.mean + FOLLOWS * offsets, belief.covariance + follows)


def _level_only(seen: Observations, offsets: np.ndarray) -> Belief:
    """The prior alone; of the posts only how much the account earns in general."""
    covariance = np.tensordot(gaussian.MEDIANS, gaussian.kernels(), 1)
    covariance += FOLLOWS_SD**2 * np.outer(offsets, offsets)
    if seen.counted:
        known = (seen.weight / (LUCK_VARIANCE + seen.variance)).sum()
        covariance += 1 / (known + 1 / gaussian.LEVEL_VARIANCE)
    return Belief(FOLLOWS * offsets, covariance)


def _slots(
    seen: Observations,
    belief: Belief,
    p_top: np.ndarray,
    level: Level,
    strong: float = math.inf,
) -> list[Slot]:
    rates, lows, highs, lifts = _figures(seen, belief)
    number = seen.per_slot.tolist()
    return [
        Slot(
            weekday=slot // HOURS,
            hour=slot % HOURS,
            rate=rates[slot],
            low=lows[slot],
            high=highs[slot],
            p_top5=float(p_top[slot]),
            n=number[slot],
            # Neighbours may speak for an hour that nobody has tried: worth a try, no more.
            badge=_badge(p_top[slot], level, strong) if number[slot] else "guess",
            level=level,
            basis=seen.basis,
            lift=lifts[slot],
        )
        for slot in np.argsort(-belief.mean, kind="stable").tolist()
    ]


def _figures(seen: Observations, belief: Belief) -> tuple[list[float | None], ...]:
    """Rate, low, high and lift of each slot, as they are shown."""
    scale = 100.0 if seen.basis == "rate" else 1.0
    if not len(seen):
        return ([None] * SLOTS,) * 4
    if not seen.counted:
        # No logarithm of nothing: the rate is 0, and what it may be at most is known.
        high = scale * NONE_COUNTED / seen.exposed
        return [0.0] * SLOTS, [0.0] * SLOTS, [high] * SLOTS, [None] * SLOTS
    reach = Z90 * np.sqrt(np.diag(belief.covariance))
    usual = np.average(belief.mean[seen.slot], weights=seen.weight)
    ends = (belief.mean, belief.mean - reach, belief.mean + reach)
    shown = [(scale * np.exp(seen.level + end)).tolist() for end in ends]
    return *shown, (100 * np.expm1(belief.mean - usual)).tolist()


def _badge(p_top: float, level: Level, strong: float) -> Badge:
    if level != "account" or p_top < LIKELY:
        return "guess"
    return "strong" if p_top >= strong else "likely"
