"""Confidence intervals of proportions: of one, of a difference, of a relative lift.

Units: shares of 1 (0.03 is 3 %). `phi` is the dispersion: the variance of a count over that of
independent impressions; it widens every interval by √phi.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import ndtri

from experiments.statistics.counts import Variant


class Interval(NamedTuple):
    low: float
    high: float


def critical(confidence: float) -> float:
    """Two-sided normal quantile: 1.96 for 0.95."""
    return -float(ndtri((1 - confidence) / 2))


def wilson(one: Variant, confidence: float = 0.95, phi: float = 1.0) -> Interval | None:
    """Of the proportion p = x / n: c ± h with c = (p + z²/2n) / (1 + z²/n),
    h = z / (1 + z²/n) √(p (1 - p) / n + z²/4n²) (Wilson 1927, JASA 22:209).

    None without impressions. Never outside 0 … 1.
    """
    if not one.impressions:
        return None
    # Impressions that come phi at a time are worth n / phi.
    n = one.impressions / phi
    p = one.engagements / one.impressions
    z = critical(confidence)
    scale = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # Rounding must not move an end that is exactly 0 or 1.
    low = 0.0 if one.engagements == 0 else max(0.0, centre - half)
    high = 1.0 if one.engagements == one.impressions else min(1.0, centre + half)
    return Interval(low, high)


def newcombe(
    control: Variant, one: Variant, confidence: float = 0.95, phi: float = 1.0
) -> Interval | None:
    """Of the difference p1 - p0 of independent proportions, from their Wilson ends l and u:
    d - √((p1 - l1)² + (u0 - p0)²) … d + √((u1 - p1)² + (p0 - l0)²)
    (Newcombe 1998, Stat. Med. 17:873, method 10). None without impressions.
    """
    ends0, ends1 = wilson(control, confidence, phi), wilson(one, confidence, phi)
    if ends0 is None or ends1 is None:
        return None
    return mover(
        control.engagements / control.impressions,
        ends0,
        one.engagements / one.impressions,
        ends1,
    )


def mover(rate0: float, ends0: Interval, rate1: float, ends1: Interval) -> Interval:
    """Of a difference rate1 - rate0, from the interval of each (Zou & Donner 2008)."""
    difference = rate1 - rate0
    return Interval(
        difference - math.hypot(rate1 - ends1.low, ends0.high - rate0),
        difference + math.hypot(ends1.high - rate1, rate0 - ends0.low),
    )


def katz(
    control: Variant, one: Variant, confidence: float = 0.95, phi: float = 1.0
) -> Interval | None:
    """Of the relative lift p1 / p0 - 1: exp(ln RR ± z √(1/x1 - 1/n1 + 1/x0 - 1/n0)) - 1
    (Katz et al. 1978, Biometrics 34:469). None where one of both never engaged: no logarithm.
    """
    x0, n0, x1, n1 = (
        control.engagements,
        control.impressions,
        one.engagements,
        one.impressions,
    )
    if not (x0 and n0 and x1 and n1):
        return None
    # 1/x - 1/n without the loss of digits where both are large.
    variance = (n1 - x1) / x1 / n1 + (n0 - x0) / x0 / n0
    half = critical(confidence) * math.sqrt(phi * variance)
    centre = math.log(x1 / n1) - math.log(x0 / n0)
    return Interval(expm1(centre - half), expm1(centre + half))


def lift(control: Variant, one: Variant) -> float | None:
    """How much more the variant earns than the control: r1 / r0 - 1. None where r0 is 0."""
    rate0, rate1 = control.rate, one.rate
    return rate1 / rate0 - 1 if rate0 and rate1 is not None else None


def consistent(interval: Interval | None, zero_excluded: bool) -> Interval | None:
    """The interval, or None where it says the opposite of the test beside it.

    Two methods may disagree on the border; a reader must not see both.
    """
    if interval is None or (not interval.low <= 0 <= interval.high) != zero_excluded:
        return None
    return interval


def expm1(value: float) -> float:
    """exp(value) - 1; what no float holds is the largest one, so that JSON has a number."""
    return math.expm1(min(value, 709.0))
