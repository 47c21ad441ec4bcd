"""Looking at a test as often as one likes: always-valid p-value and confidence sequence.

Normal mixture (Robbins 1970, Ann. Math. Stat. 41:1397) in its asymptotic form: Waudby-Smith,
Arbour, Sinha, Kennedy & Ramdas, arXiv 2103.06476 (Ann. Stat. 2024), equations 9, 155 and 161.
Assumes that a difference is about normal at every look, which the guards of `verdict` see to.
All functions take numbers or numpy arrays.
"""

from __future__ import annotations

import math

import numpy as np

from experiments.statistics.plans import Array

FEWEST_PLANNED, MOST_PLANNED = 1e3, 1e8
# Of the error allowed, the part for the looks on the way; the rest is for the planned end.
LOOKS_SHARE = 0.2
# Stands for no information, without dividing by 0.
TINY = 1e-300


def tuning(planned: float) -> float:
    """N*: units of both variants together at which the sequence is narrowest; fixed at start."""
    return min(max(float(planned), FEWEST_PLANNED), MOST_PLANNED)


def information(units: Array | float, planned: float, alpha: float) -> Array:
    """R = N (L + ln(L + 1)) / N*, L = -2 ln(alpha): eq. 161. `units` N of both variants."""
    level = -2 * math.log(alpha)
    return np.asarray(units) * (level + math.log(level + 1)) / tuning(planned)


def log_p(z: Array | float, r: Array | float) -> Array:
    """ln p = min(0, ln(1 + R)/2 - z² R / (2 (1 + R))): eq. 155. z = difference / its sd.

    The logarithm is kept because p itself is 0 to a float from |z| of about 39 on.
    """
    r, z = np.asarray(r), np.asarray(z)
    return np.minimum(0.0, 0.5 * np.log1p(r) - z**2 * (r / (2 * (1 + r))))


def half_width(r: Array | float, alpha: Array | float) -> Array:
    """The sequence is d ± sd · sqrt(2 (R + 1)/R · ln(sqrt(R + 1)/alpha)): eq. 9.

    Leaves 0 out exactly when p < alpha, for the same R. Beyond any use at R = 0.
    """
    r = np.maximum(np.asarray(r, dtype=np.float64), TINY)
    return np.asarray(np.sqrt(2 * (r + 1) / r * (0.5 * np.log1p(r) - np.log(alpha))))


def p_value(difference: float, sd: float, units: float, planned: float, alpha: float) -> float:
    """One look. p = 1 where nothing varies yet; 0.0 where a float cannot hold it."""
    if sd <= 0:
        return 1.0
    return float(np.exp(log_p(difference / sd, information(units, planned, alpha))))


def interval(
    difference: float, sd: float, units: float, planned: float, alpha: float
) -> tuple[float, float]:
    """One look's part of the confidence sequence of a difference."""
    if sd <= 0:
        return -math.inf, math.inf
    half = sd * float(half_width(information(units, planned, alpha), alpha))
    return difference - half, difference + half
