"""Two variants compared within strata (slots, platforms), so that a mix of strata cannot turn
the answer round (Simpson 1951). Impressions are the units: the luck of a post is not covered.

Cochran 1954, Biometrics 10:417; Mantel & Haenszel 1959, J. Natl. Cancer Inst. 22:719; intervals
Robins, Breslow & Greenland 1986, Biometrics 42:311, and Greenland & Robins 1985, Biometrics 41:55.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import chdtrc

from experiments.statistics.counts import Kind, Variant
from experiments.statistics.intervals import Interval, critical

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Stratified:
    """`ratio`: of the odds (kind proportion) or of the rates (kind rate), variant over control;
    None where it is 0 or without end. `strata`: those that have something to say."""

    measure: Literal["odds_ratio", "rate_ratio"]
    strata: int
    statistic: float | None
    p: float
    ratio: float | None
    ratio_ci: Interval | None


def compare(
    strata: Sequence[tuple[Variant, Variant]],
    kind: Kind = "proportion",
    confidence: float = 0.95,
    phi: float = 1.0,
) -> Stratified:
    """Control and variant of each stratum. X² = (sum (x1 - E))² / (phi sum V), one degree of
    freedom, no correction; E = n1 m / N,
    V = n1 n0 m (N - m) / (N² (N - 1)) for proportions, n1 n0 m / N² for rates, m = x0 + x1.

    A stratum without impressions on a side, or without any difference among its impressions,
    says nothing and is left out; so is one whose impressions still lag behind (proportions).
    """
    counts = [(a.engagements, a.impressions, b.engagements, b.impressions) for a, b in strata]
    x0, n0, x1, n1 = np.array(counts, float).reshape(-1, 4).T
    told = (n0 > 0) & (n1 > 0) & (x0 + x1 > 0)
    if kind == "proportion":
        told &= (x0 + x1 < n0 + n1) & (x0 <= n0) & (x1 <= n1)
    x0, n0, x1, n1 = x0[told], n0[told], x1[told], n1[told]
    total, met = n0 + n1, x0 + x1
    variance = n1 * n0 * met / total**2
    if kind == "proportion":
        variance = variance * (total - met) / (total - 1)
    statistic = None
    if variance.sum() > 0:
        statistic = float((x1 - n1 * met / total).sum() ** 2 / (phi * variance.sum()))
    ratio, error = (_odds if kind == "proportion" else _rates)(x0, n0, x1, n1)
    return Stratified(
        measure="odds_ratio" if kind == "proportion" else "rate_ratio",
        strata=int(told.sum()),
        statistic=statistic,
        p=1.0 if statistic is None else float(chdtrc(1, statistic)),
        ratio=ratio,
        ratio_ci=_around(ratio, error * math.sqrt(phi), confidence),
    )


def _odds(x0: Array, n0: Array, x1: Array, n1: Array) -> tuple[float | None, float]:
    """R / S with R = sum x1 y0 / N, S = sum x0 y1 / N (y did not engage), and its log's error."""
    total, y0, y1 = n0 + n1, n0 - x0, n1 - x1
    r, s = x1 * y0 / total, x0 * y1 / total
    if not (r.sum() and s.sum()):
        return None, 0.0
    p, q = (x1 + y0) / total, (x0 + y1) / total
    variance = (
        (p * r).sum() / (2 * r.sum() ** 2)
        + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
        + (q * s).sum() / (2 * s.sum() ** 2)
    )
    return float(r.sum() / s.sum()), math.sqrt(variance)


def _rates(x0: Array, n0: Array, x1: Array, n1: Array) -> tuple[float | None, float]:
    """R / S with R = sum x1 n0 / N, S = sum x0 n1 / N, and its log's error."""
    total = n0 + n1
    r, s = (x1 * n0 / total).sum(), (x0 * n1 / total).sum()
    if not (r and s):
        return None, 0.0
    return float(r / s), math.sqrt(((x0 + x1) * n0 * n1 / total**2).sum() / (r * s))


def _around(ratio: float | None, error: float, confidence: float) -> Interval | None:
    if ratio is None:
        return None
    half = critical(confidence) * error
    # What no float holds is the largest one, so that JSON has a number.
    return Interval(ratio * math.exp(-half), math.exp(min(math.log(ratio) + half, 709.0)))
