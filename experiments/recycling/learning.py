"""What repetitions teach: how fast an audience tires of a post, and how fast topics grow old.

For a repetition of post i that had been repeated n times and was a days old,

    z = ln(actual / what an equally good post would earn new) = c - k·ln(1 + n) - ln 2 · a / H + ε

with one k, and one half-life H for evergreen posts and one for the others. Least squares, with
the defaults as a normal prior (ridge regression: Hoerl & Kennard 1970, Technometrics 12:55), so
that what the data do not say stays where it was. Before there is enough for that, the level c
alone: an audience that forgets faster than the score says earns more than was predicted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from experiments.recycling.score import Learned

# Fewer measured repetitions teach neither exponent nor half-lives; fewer than ten nothing at all.
NEEDED, NEEDED_FOR_LEVEL = 50, 10
# The level is believed as if so many repetitions had met their prediction.
DOUBT = 5
# How far from the defaults the truth may be (sd): of the exponent, of a half-life's inverse in
# parts of the default's, of the constant.
EXPONENT_SD, AGEING_SD, CONSTANT_SD = 0.2, 1.0, 1.0
LEAST_EXPONENT, MOST_EXPONENT = 0.0, 1.0
SHORTEST, LONGEST = 30.0, 3650.0


@dataclass(frozen=True, slots=True)
class Repetition:
    """One measured repetition. `base`: what the post would earn new and never repeated."""

    actual: float
    base: float
    times: int
    age_days: float
    evergreen: bool


def fit(seen: Sequence[Repetition], before: Learned) -> Learned:
    """Exponent, half-lives and level, bounded; of fewer than 50 repetitions the level alone, of
    fewer than 10 `before`.

    A repetition without any reaction counts as half a reaction's worth: its smallest actual.
    """
    usable = [one for one in seen if one.base > 0]
    least = min((one.actual for one in usable if one.actual > 0), default=0.0) / 2
    if len(usable) < NEEDED_FOR_LEVEL or least == 0:
        return before
    z = np.array([math.log(max(one.actual, least) / one.base) for one in usable])
    if len(usable) < NEEDED:
        return replace(before, level=_level(z, usable, before))
    design = np.array(
        [
            (
                1.0,
                -math.log1p(one.times),
                -math.log(2) * one.age_days * one.evergreen,
                -math.log(2) * one.age_days * (not one.evergreen),
            )
            for one in usable
        ]
    )
    _constant, exponent, evergreen, unset = _ridge(design, z)
    found = Learned(
        fatigue_exponent=min(MOST_EXPONENT, max(LEAST_EXPONENT, exponent)),
        half_life_evergreen=_half_life(evergreen),
        half_life_unset=_half_life(unset),
    )
    # Not the constant of the fit: the bounds may have moved the rest.
    return replace(found, level=_level(z, usable, found))


def _level(z: np.ndarray, seen: Sequence[Repetition], by: Learned) -> float:
    """The mean of what fatigue and age leave over, drawn to 0."""
    expected = [
        -by.fatigue_exponent * math.log1p(one.times)
        - math.log(2)
        * one.age_days
        / (by.half_life_evergreen if one.evergreen else by.half_life_unset)
        for one in seen
    ]
    return float((z - np.array(expected)).sum() / (len(seen) + DOUBT))


def _ridge(design: np.ndarray, z: np.ndarray) -> list[float]:
    usual = Learned()
    prior = np.array(
        [0.0, usual.fatigue_exponent, 1 / usual.half_life_evergreen, 1 / usual.half_life_unset]
    )
    spread = np.array([CONSTANT_SD, EXPONENT_SD, AGEING_SD * prior[2], AGEING_SD * prior[3]])
    left = z - design @ prior
    # Heavy tails (a viral repetition) must not lead: the spread of most of them.
    noise = max(0.1, 1.4826 * float(np.median(np.abs(left - np.median(left)))))
    scaled = design * spread
    precision = scaled.T @ scaled / noise**2 + np.eye(4)
    found: list[float] = (
        prior + spread * np.linalg.solve(precision, scaled.T @ left / noise**2)
    ).tolist()
    return found


def _half_life(per_day: float) -> float:
    return min(LONGEST, max(SHORTEST, 1 / per_day)) if per_day > 1 / LONGEST else LONGEST
