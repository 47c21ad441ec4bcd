import numpy as np
import pytest
import statsmodels.api as sm

from experiments.statistics import dispersion

HOURS = 60


def _hours(seed, k=3):
    rng = np.random.default_rng(seed)
    n = rng.integers(50, 200, (HOURS, k)).astype(float)
    # Rates that wander from hour to hour: more spread than binomial.
    rate = rng.beta(3, 40, (HOURS, k))
    return rng.binomial(n.astype(int), rate).astype(float), n


def _glm(x, n, family, **more):
    groups = np.tile(np.eye(x.shape[1]), (x.shape[0], 1))
    return sm.GLM(family=family, exog=groups, **more).fit(scale="X2").scale


@pytest.mark.parametrize("seed", range(3))
def test_phi_of_a_proportion_is_that_of_a_quasibinomial_model(seed):
    x, n = _hours(seed)
    shares, weights = (x / n).ravel(), n.ravel()

    expected = _glm(x, n, sm.families.Binomial(), endog=shares, var_weights=weights)

    assert dispersion.estimate(x, n, "proportion") == pytest.approx(expected, rel=1e-6)
    assert expected > 1.5


@pytest.mark.parametrize("seed", range(3))
def test_phi_of_a_rate_is_that_of_a_quasipoisson_model(seed):
    x, n = _hours(seed)

    expected = _glm(x, n, sm.families.Poisson(), endog=x.ravel(), exposure=n.ravel())

    assert dispersion.estimate(x, n, "rate") == pytest.approx(expected, rel=1e-6)


def test_phi_without_impressions_is_the_heterogeneity_of_the_shares():
    from scipy.stats import chi2_contingency

    rng = np.random.default_rng(1)
    x = rng.poisson(20 * rng.gamma(5, 0.2, (HOURS, 3))).astype(float)

    statistic, _, dof, _ = chi2_contingency(x, correction=False)

    assert dispersion.estimate(x, np.zeros_like(x), "count") == pytest.approx(statistic / dof)


def test_phi_is_never_below_one():
    n = np.full((HOURS, 2), 100.0)
    x = np.full((HOURS, 2), 3.0)

    assert dispersion.estimate(x, n, "proportion") == 1.0


def test_a_correction_is_merged_with_the_hours_after_it():
    x = np.array([[5.0, 6], [12, 11], [9, 16], [18, 23]])
    n = np.array([[100.0, 100], [200, 200], [300, 300], [400, 400]])
    # The first variant fell in hour 3, so its hours 3 and 4 are one.
    increments = ([5.0, 7, 6], [100.0, 100, 200]), ([6.0, 5, 5, 7], [100.0] * 4)

    phi, number = dispersion.running(x, n, "rate")

    pearson = 0.0
    for own, shown in increments:
        expected = np.array(shown) * (sum(own) / sum(shown))
        pearson += float(((np.array(own) - expected) ** 2 / expected).sum())
    assert phi[-1] == pytest.approx(max(1.0, pearson / (7 - 2)))
    assert number.tolist() == [1, 2, 2, 3]


def test_each_look_knows_only_what_came_before_it():
    x, n = (counts.cumsum(axis=0) for counts in _hours(4))

    phi, _ = dispersion.running(x, n, "rate")

    alone = [dispersion.running(x[:end], n[:end], "rate")[0][-1] for end in range(1, HOURS + 1)]
    assert phi == pytest.approx(alone)


def test_engagements_without_impressions_wait_for_them():
    x = np.array([[1.0, 1], [3, 2], [4, 4]])
    n = np.array([[50.0, 50], [50, 90], [120, 130]])

    _, number = dispersion.running(x, n, "rate")

    assert number.tolist() == [1, 1, 2]


def test_clusters_of_three_are_found():
    rng = np.random.default_rng(3)
    n = np.full((2_000, 2), 1_000.0)
    x = 3.0 * rng.poisson(10, (2_000, 2))

    assert dispersion.estimate(x, n, "rate") == pytest.approx(3, rel=0.05)
