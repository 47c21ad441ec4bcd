"""Paired slots: each slot showed both variants once, so a slot is one observation.

y = ln((x1 + .5) / (n1 + 1)) - ln((x0 + .5) / (n0 + 1)) holds the luck of both posts, which the
test therefore knows of. Assumption: the order within a slot was random; the y are independent,
and normal for t. Unit: log rate; `lift` is exp(mean) - 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from experiments.statistics.counts import Variant
from experiments.statistics.intervals import Interval, expm1

FEWEST_SLOTS = 2
# With less, Wilcoxon's smallest possible p is above 0.05.
FEWEST_RANKED = 6
MOST_EXACT = 50


@dataclass(frozen=True, slots=True)
class Paired:
    """None where it cannot be said: with one slot there is no spread, with fewer than 6 no
    Wilcoxon. `t` is also None where the slots do not differ at all."""

    slots: int
    mean: float | None
    sd: float | None
    t: float | None
    dof: int | None
    p: float
    ci: Interval | None
    lift: float | None
    lift_ci: Interval | None
    p_wilcoxon: float | None


def log_ratio(control: Variant, one: Variant) -> float:
    """y of one slot."""
    return log_rate(one) - log_rate(control)


def log_rate(one: Variant) -> float:
    """ln((x + .5) / (n + 1)): finite also without engagements."""
    return math.log(one.engagements + 0.5) - math.log(one.impressions + 1)


def compare(slots: Sequence[tuple[Variant, Variant]], confidence: float = 0.95) -> Paired:
    """Control and variant of each slot; those without impressions on a side are left out.

    Paired t with S - 1 degrees of freedom (Student 1908, Biometrika 6:1); beside it Wilcoxon's
    signed ranks (1945, Biometrics Bull. 1:80), which need no normal y.
    """
    known = [log_ratio(a, b) for a, b in slots if a.impressions and b.impressions]
    return of_differences(known, confidence)


def of_differences(y: Sequence[float], confidence: float = 0.95) -> Paired:
    """The same from the y."""
    size = len(y)
    if size < FEWEST_SLOTS:
        lift = expm1(y[0]) if y else None
        return Paired(size, y[0] if y else None, None, None, None, 1.0, None, lift, None, None)
    mean = math.fsum(y) / size
    sd = math.sqrt(math.fsum((one - mean) ** 2 for one in y) / (size - 1))
    # Equal numbers differ in their last digit only.
    sd = 0.0 if sd < 1e-12 * max(1.0, abs(mean)) else sd
    dof, error = size - 1, sd / math.sqrt(size)
    half = -float(stdtrit(dof, (1 - confidence) / 2)) * error
    t = mean / error if error else None
    if t is None:
        p = 1.0 if abs(mean) < 1e-12 else 0.0
    else:
        p = 2 * float(stdtr(dof, -abs(t)))
    ci = Interval(mean - half, mean + half)
    lift_ci = Interval(expm1(ci.low), expm1(ci.high))
    return Paired(size, mean, sd, t, dof, p, ci, expm1(mean), lift_ci, _wilcoxon(y))


def _wilcoxon(y: Sequence[float]) -> float | None:
    """Two-sided p, exact up to 50 slots, with ties too; slots without a difference do not count.

    Twice the smaller tail of the ranks' sum over all 2^S signs, by convolution.
    """
    told = np.array([one for one in y if one])
    if len(y) < FEWEST_RANKED:
        return None
    if not len(told):
        return 1.0
    # Takes a second to import, which evaluations of other designs need not pay.
    from scipy.stats import rankdata, wilcoxon

    if len(told) > MOST_EXACT:
        return float(wilcoxon(told).pvalue)
    # Twice the ranks: halves of ties are whole.
    ranks = np.round(2 * rankdata(np.abs(told))).astype(int)
    ways = np.ones(1)
    for rank in ranks:
        longer = np.zeros(len(ways) + rank)
        longer[: len(ways)] = ways / 2
        longer[rank:] += ways / 2
        ways = longer
    smaller = min(ranks[told > 0].sum(), ranks[told < 0].sum())
    return min(1.0, 2 * float(ways[: smaller + 1].sum()))
