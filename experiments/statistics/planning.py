"""Before the start: how much a test needs, and what can be found with what there is.

Units: impressions per variant; effects relative to the control (0.2 is a fifth more); days.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import nctdtr, ndtr, ndtri, stdtrit

from experiments.statistics.counts import (
    FEWEST,
    MOST,
    InvalidCounts,
    checked_confidence,
)
from experiments.statistics.intervals import expm1

Method = Literal["fixed", "hybrid"]
Counted = Literal["proportion", "rate"]
# The share of alpha that the hybrid keeps for its test at the planned end; see `sequential`.
FINAL_SHARE = 0.8
# The hybrid divides by a dispersion that is estimated, and never below 1: on average a little more
# than there is. Of 20,000 simulated tests planned for a power of 80 % without this part 78.9 %
# found the effect.
DISPERSION_COST = 1.04
# No test runs longer; see `verdict`.
LONGEST_DAYS = 28
# More than this many times what there is in that time: refused.
REFUSED_FROM = 5
LARGEST_LIFT = 1000.0
MOST_SLOTS = 1000


@dataclass(frozen=True, slots=True)
class Needs:
    """`days` is None where nothing is shown per day. `feasible`: done within 28 days.

    `achievable_mde`: the smallest effect that what 28 days bring is enough for; None where no
    effect is large enough. `refused`: it takes more than five times as much; `detectable` then
    says what can be found instead, in whole percent. `n_to_win`: for one variant to beat *every*
    other with the power, which takes more than each comparison alone; None for an effect below 0.
    """

    n_per_variant: int
    n_to_win: int | None
    days: int | None
    feasible: bool | None
    achievable_mde: float | None
    refused: bool | None = None
    detectable: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be found. `baseline`: the control's rate; `phi`: dispersion, 1 or more.

    InvalidCounts, code "plan", where it makes no sense.
    """

    baseline: float
    confidence: float = 0.95
    power: float = 0.8
    variants: int = 2
    phi: float = 1.0
    method: Method = "hybrid"
    kind: Counted = "proportion"

    def __post_init__(self) -> None:
        checked_confidence(self.confidence)
        _require(0 < self.baseline < (1 if self.kind == "proportion" else math.inf), "baseline")
        _require(0.5 <= self.power <= 0.9999, "power")
        _require(FEWEST <= self.variants <= MOST, "variants")
        _require(1 <= self.phi < math.inf, "phi")

    @property
    def alpha(self) -> float:
        """The level of one comparison: alpha / (k - 1), as the winner must beat every other; of
        the hybrid the part for the planned end."""
        share = FINAL_SHARE if self.method == "hybrid" else 1.0
        return share * (1 - self.confidence) / (self.variants - 1)

    @property
    def cost(self) -> float:
        """How many times the impressions that a known dispersion would take."""
        return self.phi * (DISPERSION_COST if self.method == "hybrid" else 1.0)

    @property
    def largest(self) -> float:
        """The largest lift that there can be."""
        return 1 / self.baseline - 1 if self.kind == "proportion" else LARGEST_LIFT


def _root(function: Callable[[float], float], low: float, high: float, **more: float) -> float:
    """Where `function` crosses zero between `low` and `high` (Brent's method)."""
    # Loading it takes a fifth of the start of every process.
    from scipy.optimize import brentq

    return float(brentq(function, low, high, **more))


def size(question: Question, effect: float) -> float:
    """Impressions per variant, not rounded:
    [z_a/2 √(2 p̄ q̄) + z_b √(p0 q0 + p1 q1)]² phi / (p1 - p0)²  (Fleiss 1981; R's
    power.prop.test); for rates every q is 1; the hybrid takes a little more (DISPERSION_COST).
    Assumption: normal counts, one end of the test.
    """
    p0, p1 = question.baseline, question.baseline * (1 + effect)
    mean = (p0 + p1) / 2
    if question.kind == "proportion":
        none, other = 2 * mean * (1 - mean), p0 * (1 - p0) + p1 * (1 - p1)
    else:
        none, other = 2 * mean, p0 + p1
    reach = _z(question.alpha / 2) * math.sqrt(none) + _z(1 - question.power) * math.sqrt(other)
    return question.cost * (reach / (p1 - p0)) ** 2


def n_per_variant(question: Question, effect: float) -> int:
    """Impressions that each variant needs to find this effect (either way) with the power."""
    possible = -1 < effect <= question.largest and effect != 0
    _require(possible and abs(effect) >= 1e-6, "relative_mde")
    return math.ceil(size(question, effect) - 1e-9)


def power_to_win(question: Question, effect: float, n: float) -> float:
    """The chance that the one variant that is better beats *every* other after Holm, with n
    impressions each: ∫ φ(t) Φ((p1 - p0 + s1 t - c) / s0)^(k-1) dt, s = √(phi p q / n).

    c is what the largest of the k - 1 differences must exceed, at alpha / (m - k + 2) of m pairs.
    For k = 2 it is the power of `size`; for more it is lower, as all must hold at once.
    """
    k, p0, p1 = question.variants, question.baseline, question.baseline * (1 + effect)
    mean = (p0 + p1) / 2
    alpha = question.alpha * (k - 1) / (k * (k - 1) // 2 - k + 2)
    other = [1 - p if question.kind == "proportion" else 1.0 for p in (p0, p1, mean)]
    scale = question.cost / n
    s0, s1 = math.sqrt(scale * p0 * other[0]), math.sqrt(scale * p1 * other[1])
    bound = _z(alpha / 2) * math.sqrt(2 * scale * mean * other[2])
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    beaten = ndtr((p1 - p0 + s1 * nodes - bound) / s0) ** (k - 1)
    return float(weights @ beaten / weights.sum())


def size_to_win(question: Question, effect: float) -> int:
    """Impressions per variant with which `power_to_win` of a lift is the power asked for."""
    least = n_per_variant(question, effect)
    _require(effect > 0, "relative_mde")
    found = _root(
        lambda n: power_to_win(question, effect, n) - question.power, least / 4, least * 40
    )
    return math.ceil(float(found) - 1e-6)


def achievable_mde(question: Question, n: float) -> float | None:
    """The smallest lift that n impressions per variant find: the inverse of `size`."""
    largest = question.largest
    if n <= 0 or size(question, largest) > n:
        return None
    least = 1e-9
    return _root(lambda effect: size(question, effect) - n, least, largest, xtol=1e-12)


def plan(question: Question, effect: float, daily_impressions: float | None) -> Needs:
    """Size, days and whether that can be; `daily_impressions` of one variant."""
    n = n_per_variant(question, effect)
    n_to_win = size_to_win(question, effect) if effect > 0 else None
    if daily_impressions is None:
        return Needs(n, n_to_win, None, None, None)
    _require(0 <= daily_impressions < math.inf, "daily_impressions_per_variant")
    days = math.ceil(n / daily_impressions) if daily_impressions else None
    achievable = achievable_mde(question, LONGEST_DAYS * daily_impressions)
    refused = days is None or n > REFUSED_FROM * LONGEST_DAYS * daily_impressions
    return Needs(
        n_per_variant=n,
        n_to_win=n_to_win,
        days=days,
        feasible=days is not None and days <= LONGEST_DAYS,
        achievable_mde=achievable,
        refused=refused,
        detectable=math.ceil(100 * achievable - 1e-9) / 100 if achievable and refused else None,
    )


# -- paired slots ---------------------------------------------------------------------------


def paired_sd(luck_sd: float, engagements_per_post: float) -> float:
    """Standard deviation of one slot's log ratio: √(2 luck² + 2 / m), the luck of two posts and
    the counting error of m expected engagements each."""
    _require(0 <= luck_sd < math.inf, "luck_sd")
    _require(engagements_per_post > 0, "engagements_per_post")
    return math.sqrt(2 * luck_sd**2 + 2 / engagements_per_post)


def paired_mde(sd: float, slots: int, confidence: float = 0.95, power: float = 0.8) -> float | None:
    """The smallest lift S slots find: exp(d sd) - 1 with the noncentral t's power at d √S.

    For many slots exp(2.8 sd / √S) - 1. None with less than two slots.
    """
    found = paired_distance(slots, 1 - confidence, power)
    return None if found is None else expm1(found * sd)


def paired_distance(slots: int, alpha: float, power: float) -> float | None:
    """The smallest mean difference that S slots find, in standard deviations of one slot's."""
    if slots < 2:
        return None
    dof = slots - 1
    bound = -float(stdtrit(dof, alpha / 2))

    def lacking(noncentral: float) -> float:
        missed = float(nctdtr(dof, noncentral, bound))
        # No number where it is too small for one.
        return power - 1 + (0.0 if math.isnan(missed) else missed)

    # Four times the bound is enough for the least slots and the highest power.
    return _root(lacking, 0, 4 * bound + 10) / math.sqrt(slots)


def paired_slots(
    sd: float, effect: float, confidence: float = 0.95, power: float = 0.8
) -> int | None:
    """The fewest slots that find this lift; None if 1,000 do not."""
    _require(effect > 0, "relative_mde")

    def enough(slots: int) -> bool:
        found = paired_mde(sd, slots, confidence, power)
        return found is not None and found <= effect

    if not enough(MOST_SLOTS):
        return None
    low, high = 1, MOST_SLOTS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _z(tail: float) -> float:
    return -float(ndtri(tail))


def _require(is_so: bool, name: str) -> None:
    if not is_so:
        raise InvalidCounts("plan", f"{name} is outside what can be planned.", field=name)
