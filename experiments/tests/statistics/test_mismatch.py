import math

import numpy as np
import pytest
from scipy.stats import chisquare, dirichlet_multinomial, multinomial

from experiments.statistics import mismatch

SHARES = np.array([0.5, 0.3, 0.2])


@pytest.mark.parametrize("seen", [[5_030, 2_980, 1_990], [520, 280, 230]])
def test_chi_square_is_scipys(seen):
    expected = chisquare(seen, sum(seen) * SHARES)

    found = mismatch.fixed(np.array(seen), SHARES)

    assert found.dof == 2
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


@pytest.mark.parametrize("seen", [[60, 20, 20], [130, 50, 60], [700, 300, 250]])
def test_sequential_p_compares_the_weights_with_a_dirichlet_mixture(seen):
    fixed = multinomial(sum(seen), SHARES).logpmf(seen)
    mixed = dirichlet_multinomial(100 * SHARES, sum(seen)).logpmf(seen)

    found = float(mismatch.log_p(np.array(seen), SHARES))

    assert found == pytest.approx(min(0.0, fixed - mixed), abs=1e-9)


def test_looking_every_hour_at_a_sound_split_hardly_ever_breaks_it():
    rng = np.random.default_rng(2)
    seen = rng.multinomial(100, SHARES, size=(1_000, 336)).cumsum(axis=1)

    lowest = mismatch.log_p(seen, SHARES).min(axis=1)

    assert np.mean(lowest < math.log(0.05)) <= 0.05
    assert np.mean(lowest < math.log(mismatch.LIMIT)) <= 0.002


def test_a_split_that_loses_a_tenth_of_one_side_is_noticed():
    seen = np.array([[n, 0.9 * n] for n in (1_000, 10_000, 50_000)])

    found = mismatch.log_p(seen, np.array([0.5, 0.5]))

    assert (found < math.log(mismatch.LIMIT)).tolist() == [False, True, True]


def test_nothing_shown_is_no_mismatch():
    assert mismatch.fixed(np.zeros(3), SHARES).p == 1.0
    assert float(mismatch.log_p(np.zeros(3), SHARES)) == 0.0
