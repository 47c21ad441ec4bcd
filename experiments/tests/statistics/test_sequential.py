import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from experiments.statistics import sequential

PLANNED = 20_000


@pytest.mark.parametrize("z", [0.0, 1.0, 2.5, 4.0])
@pytest.mark.parametrize("units", [500, 20_000, 300_000])
def test_p_is_one_over_the_likelihood_ratio_mixed_over_normal_effects(z, units):
    r = float(sequential.information(units, PLANNED, 0.01))

    # z is normal with mean m and sd 1; the mixture takes m from a normal with variance R.
    mixed, _ = quad(
        lambda m: math.exp(m * z - m * m / 2) * norm.pdf(m, scale=math.sqrt(r)), -60, 60, limit=500
    )

    found = sequential.p_value(0.001 * z, 0.001, units, PLANNED, 0.01)
    assert found == pytest.approx(min(1.0, 1 / mixed), rel=1e-6)


def test_information_as_the_paper_tunes_it():
    level = -2 * math.log(0.01)

    found = sequential.information(5_000, PLANNED, 0.01)

    assert float(found) == pytest.approx(5_000 * (level + math.log(level + 1)) / PLANNED)


def test_sequence_is_narrowest_about_where_it_is_tuned():
    units = np.arange(1_000, 400_000, 1_000.0)
    widths = sequential.half_width(sequential.information(units, PLANNED, 0.01), 0.01)
    tuned = widths[units == PLANNED][0]

    # Another tuning is worse at the planned size.
    others = [
        float(sequential.half_width(sequential.information(PLANNED, planned, 0.01), 0.01))
        for planned in (2_000, 10_000, 40_000, 200_000)
    ]

    assert all(tuned < other for other in others)


@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.0002])
@pytest.mark.parametrize("z", np.linspace(0.5, 6, 23))
def test_interval_leaves_zero_out_exactly_when_p_is_below_alpha(alpha, z):
    low, high = sequential.interval(z, 1.0, 15_000, PLANNED, 0.01)
    r = sequential.information(15_000, PLANNED, 0.01)
    half = float(sequential.half_width(r, alpha))

    below = sequential.p_value(z, 1.0, 15_000, PLANNED, 0.01) < alpha

    assert (half < z) == below
    assert (low + high) / 2 == pytest.approx(z)


@pytest.mark.parametrize(("planned", "kept"), [(10, 1e3), (5e4, 5e4), (1e12, 1e8)])
def test_tuning_is_kept_within_bounds(planned, kept):
    assert sequential.tuning(planned) == kept


def test_what_no_float_holds_is_kept_as_a_logarithm():
    r = sequential.information(2**53, PLANNED, 0.01)

    assert sequential.p_value(60.0, 1.0, 2**53, PLANNED, 0.01) == 0.0
    assert -1800 < float(sequential.log_p(60.0, r)) < -1700


def test_nothing_varies_nothing_is_known():
    assert sequential.p_value(0.1, 0.0, 100, PLANNED, 0.01) == 1.0
    assert sequential.interval(0.1, 0.0, 100, PLANNED, 0.01) == (-math.inf, math.inf)


def test_false_alarms_under_any_number_of_looks_are_rare():
    rng = np.random.default_rng(5)
    steps = rng.normal(size=(2_000, 1_000))
    units = 100.0 * np.arange(1, 1_001)
    z = steps.cumsum(axis=1) / np.sqrt(np.arange(1, 1_001))

    p = np.exp(sequential.log_p(z, sequential.information(units, PLANNED, 0.05)))

    once_each = np.mean(2 * norm.sf(np.abs(z)).min(axis=1) < 0.05)
    assert np.mean(p.min(axis=1) < 0.05) < 0.05 < once_each
