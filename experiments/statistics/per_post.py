"""One value per post: the spread between posts is measured, luck included.

Values are log rates y = ln((x + .5) / (n + 1)) of single posts (`paired.log_rate`), or whatever
else has one number per post (reach, watch time). Assumptions: posts are independent, and their
mean is near normal. Preferred from 4 posts per variant on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from experiments.statistics.fixed import NO_TEST, Test
from experiments.statistics.intervals import Interval

Array = np.ndarray[Any, Any]
FEWEST_POSTS = 2
ENOUGH_POSTS = 4


@dataclass(frozen=True, slots=True)
class Difference:
    """Of the means, in the unit of the values; None with less than two posts on a side."""

    test: Test
    difference: float | None
    ci: Interval | None


def welch(control: Sequence[float], one: Sequence[float], confidence: float = 0.95) -> Difference:
    """t = (m1 - m0) / √(v1/n1 + v0/n0), degrees of freedom by Satterthwaite 1946: variances need
    not be equal (Welch 1947, Biometrika 34:28)."""
    a, b = np.asarray(control, float), np.asarray(one, float)
    difference = float(b.mean() - a.mean()) if len(a) and len(b) else None
    if difference is None or min(len(a), len(b)) < FEWEST_POSTS:
        return Difference(NO_TEST, difference, None)
    va, vb = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    square = float(va + vb)
    if square <= (1e-12 * max(1.0, abs(difference))) ** 2:
        # Posts that are all equal leave no doubt, and no statistic.
        p = 1.0 if abs(difference) < 1e-12 else 0.0
        return Difference(
            Test("welch", None, None, p), difference, Interval(difference, difference)
        )
    dof = square**2 / float(va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    t = difference / math.sqrt(square)
    half = -float(stdtrit(dof, (1 - confidence) / 2)) * math.sqrt(square)
    test = Test("welch", t, dof, 2 * float(stdtr(dof, -abs(t))))
    return Difference(test, difference, Interval(difference - half, difference + half))


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> Interval | None:
    """Of one variant's mean, by t; None with less than two posts."""
    y = np.asarray(values, float)
    if len(y) < FEWEST_POSTS:
        return None
    error = float(y.std(ddof=1)) / math.sqrt(len(y))
    half = -float(stdtrit(len(y) - 1, (1 - confidence) / 2)) * error
    return Interval(float(y.mean()) - half, float(y.mean()) + half)


def omnibus(values: Sequence[Sequence[float]]) -> Test:
    """Welch's analysis of variance for k variants (1951, Biometrika 38:330). It never decides."""
    groups = [np.asarray(one, float) for one in values]
    if len(groups) == 2:
        return welch(values[0], values[1]).test
    if min(len(one) for one in groups) < FEWEST_POSTS or not all(one.var() > 0 for one in groups):
        return NO_TEST
    size = np.array([len(one) for one in groups], float)
    mean = np.array([one.mean() for one in groups])
    weight = size / np.array([one.var(ddof=1) for one in groups])
    k, total = len(groups), weight.sum()
    centre = weight @ mean / total
    spare = ((1 - weight / total) ** 2 / (size - 1)).sum()
    above = weight @ (mean - centre) ** 2 / (k - 1)
    statistic = float(above / (1 + 2 * (k - 2) / (k * k - 1) * spare))
    dof = float((k * k - 1) / (3 * spare))
    return Test("welch_anova", statistic, dof, float(fdtrc(k - 1, dof, statistic)))
