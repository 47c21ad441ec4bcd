"""Weekday + hour + slot, each shrunk by empirical Bayes: the estimate for a handful of posts.

Efron & Morris 1975; Morris 1983, JASA 78:47; variance between groups by DerSimonian & Laird
1986, Controlled Clinical Trials 7:177.
"""

from __future__ import annotations

import numpy as np

from analytics.best_times.gaussian import LEVEL_VARIANCE, Belief
from analytics.best_times.observations import DAYS, HOURS, LUCK_VARIANCE, SLOTS, Observations

PASSES = 3
# An hour listens to its neighbours 0, 1 and 2 hours away.
NEIGHBOURS = (1.0, 0.6, 0.2)
LEAST_LUCK = 0.05
# Groups are never believed to be exactly alike: sd 0.1 of the log rate.
LEAST_TAU2 = 0.01


def dersimonian_laird(mean: np.ndarray, weight: np.ndarray) -> float:
    """Variance between groups, from group means and their inverse variances (> 0)."""
    total = weight.sum()
    spare = total - (weight @ weight) / total
    if spare <= 0:
        return 0.0
    centre = weight @ mean / total
    q = weight @ (mean - centre) ** 2
    return max(0.0, float((q - (len(mean) - 1)) / spare))


def luck_variance(seen: Observations) -> float:
    """Variance between posts of one slot beyond counting; at least 0.05.

    Method of moments (DerSimonian & Kacker 2007). Without two posts in a slot: the usual 0.3.
    """
    trust = seen.weight / (LUCK_VARIANCE + seen.variance)
    total = np.bincount(seen.slot, trust, SLOTS)
    centre = np.bincount(seen.slot, trust * seen.y, SLOTS) / np.where(total > 0, total, 1)
    free = trust * (1 - trust / total[seen.slot])
    if free.sum() < 1e-9:
        return LUCK_VARIANCE
    q = trust @ (seen.y - centre[seen.slot]) ** 2
    return max(LEAST_LUCK, float((q - free @ seen.variance) / free.sum()))


def fit(seen: Observations) -> Belief:
    """Belief about the deviation of the 168 slots' log rates from the account's level."""
    weight = seen.weight / (luck_variance(seen) + seen.variance)
    weekday, hour = np.divmod(seen.slot, HOURS)
    level, days, hours, single = 0.0, np.zeros(DAYS), np.zeros(HOURS), np.zeros(SLOTS)
    for _ in range(PASSES):
        level = weight @ (seen.y - days[weekday] - hours[hour] - single[seen.slot]) / weight.sum()
        y = seen.y - level
        days, days_left = _shrunk(y - hours[hour] - single[seen.slot], weight, weekday, DAYS)
        hours, hours_left = _shrunk(
            y - days[weekday] - single[seen.slot], weight, hour, HOURS, smooth=True
        )
        single, single_left = _shrunk(y - days[weekday] - hours[hour], weight, seen.slot, SLOTS)
    return Belief(
        mean=level + np.add.outer(days, hours).ravel() + single,
        covariance=(
            np.full((SLOTS, SLOTS), 1 / (weight.sum() + 1 / LEVEL_VARIANCE))
            + np.kron(np.diag(days_left), np.ones((HOURS, HOURS)))
            + np.kron(np.ones((DAYS, DAYS)), np.diag(hours_left))
            + np.diag(single_left)
        ),
    )


def _shrunk(
    y: np.ndarray, weight: np.ndarray, group: np.ndarray, size: int, *, smooth: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Effect of each group, and the variance that is left of it."""
    total = np.bincount(group, weight, size)
    summed = np.bincount(group, weight * y, size)
    there = total > 0
    tau2 = max(LEAST_TAU2, dersimonian_laird(summed[there] / total[there], total[there]))
    if smooth:
        total, summed = _around(total), _around(summed)
    left = tau2 / (1 + tau2 * total)
    return left * summed, left


def _around(ring: np.ndarray) -> np.ndarray:
    """Each hour with its neighbours on the clock."""
    return sum(
        share * (np.roll(ring, away) + np.roll(ring, -away)) / (2 if away == 0 else 1)
        for away, share in enumerate(NEIGHBOURS)
    )
