"""What repetitions teach, on repetitions whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.recycling.learning import Repetition, fit
from experiments.recycling.score import Learned


def repetitions(number, exponent, half_life, seed=7):
    rng = np.random.default_rng(seed)
    times, ages = rng.integers(0, 6, number), rng.uniform(30, 900, number)
    expected = (1.0 + times) ** -exponent * 0.5 ** (ages / half_life)
    actual = 0.03 * expected * np.exp(rng.normal(0, 0.3, number))
    return [
        Repetition(float(a), 0.03, int(n), float(age), True)
        for a, n, age in zip(actual, times, ages, strict=True)
    ]


def test_fewer_than_ten_teach_nothing():
    before = Learned(0.3, 500, 200)

    assert fit(repetitions(9, 0.6, 300), before) == before


def test_fewer_than_fifty_teach_the_level_alone():
    before = Learned(0.5, 400, 400)
    twice = [
        Repetition(2 * one.actual, one.base, one.times, one.age_days, one.evergreen)
        for one in repetitions(40, 0.5, 400)
    ]

    found = fit(twice, before)

    assert (found.fatigue_exponent, found.half_life_evergreen) == (0.5, 400)
    # ln 2 of 40, drawn to 0 by five that met their prediction.
    assert found.level == pytest.approx(40 / 45 * np.log(2), abs=0.1)


def test_many_teach_the_truth():
    found = fit(repetitions(2000, 0.5, 400), Learned())

    assert found.fatigue_exponent == pytest.approx(0.5, abs=0.05)
    assert found.half_life_evergreen == pytest.approx(400, rel=0.1)
    # No post that nobody called evergreen was repeated.
    assert found.half_life_unset == pytest.approx(180)


def test_what_was_learned_stays_in_bounds():
    found = fit(repetitions(400, 3.0, 20), Learned())

    assert found.fatigue_exponent <= 1
    assert found.half_life_evergreen >= 30
    better = fit(repetitions(400, -1.0, 1e6), Learned())
    assert better.fatigue_exponent == 0
