from __future__ import annotations

import math

import pytest
from scipy import stats
from statsmodels.stats.rates import (
    confint_poisson,
    confint_poisson_2indep,
)
from statsmodels.stats.rates import (
    test_poisson_2indep as poisson_2indep,
)

from experiments.statistics import rates
from experiments.statistics.counts import Variant
from experiments.tests.statistics.tables import MANY, PAIRS, SMALL, two, variants

CLOSE = {"rel": 1e-6, "abs": 1e-9}
# More engagements than impressions are fine here.
VIRAL = [(130, 100, 170, 110), (5000, 900, 5300, 910)]
LARGE = [*PAIRS[1:3], *PAIRS[4:], *VIRAL]


@pytest.mark.parametrize("counts", LARGE)
def test_the_score_test_agrees_with_statsmodels(counts):
    x0, n0, x1, n1 = counts
    found = rates.pair(*two(*counts))
    theirs = poisson_2indep(x1, n1, x0, n0, method="score", compare="ratio")

    assert found.method == "poisson_score"
    assert (found.statistic, found.p) == pytest.approx((theirs.statistic, theirs.pvalue), **CLOSE)


@pytest.mark.parametrize("counts", SMALL[:3])
def test_the_exact_test_agrees_with_statsmodels(counts):
    x0, n0, x1, n1 = counts
    found = rates.pair(*two(*counts))
    theirs = poisson_2indep(x1, n1, x0, n0, method="exact-cond", compare="ratio")

    assert found.method == "binomial_exact"
    assert found.p == pytest.approx(theirs.pvalue, **CLOSE)


@pytest.mark.parametrize("counts", PAIRS + VIRAL)
def test_the_interval_of_the_ratio_agrees_with_statsmodels(counts):
    x0, n0, x1, n1 = counts
    found = rates.ratio_lift(*two(*counts))
    theirs = confint_poisson_2indep(x1, n1, x0, n0, method="score", compare="ratio")

    assert (found.low + 1, found.high + 1) == pytest.approx(theirs, **CLOSE)


@pytest.mark.parametrize("counts", [*PAIRS[:2], *PAIRS[5:], *VIRAL])
def test_the_interval_of_the_ratio_says_what_the_test_says(counts):
    """Both turn on the same statistic: at the confidence 1 - p an end is 0."""
    test = rates.pair(*two(*counts))

    assert test.method == "poisson_score"
    ends = rates.ratio_lift(*two(*counts), 1 - test.p)

    assert min(abs(end) for end in ends) < 1e-6


@pytest.mark.parametrize("counts", PAIRS + VIRAL + SMALL)
def test_the_interval_of_the_difference_agrees_with_statsmodels(counts):
    x0, n0, x1, n1 = counts
    theirs = confint_poisson_2indep(
        x1, n1, x0, n0, method="mover", compare="diff", method_mover="score"
    )

    assert rates.difference(*two(*counts)) == pytest.approx(theirs, **CLOSE)


@pytest.mark.parametrize("counts", [(0, 50), (3, 50), (70, 50), (30_000_000, 10**9)])
def test_the_interval_of_one_rate_agrees_with_statsmodels(counts):
    theirs = confint_poisson(*counts, method="score")

    assert rates.score(Variant("A", *counts)) == pytest.approx(theirs, **CLOSE)


@pytest.mark.parametrize("counts", MANY)
def test_many_rates_agree_with_scipy(counts):
    """Given their sum, Poisson counts are multinomial: Pearson's test of goodness of fit."""
    x, n = zip(*counts, strict=True)
    found = rates.omnibus(variants(*counts))
    theirs = stats.chisquare(x, [sum(x) * size / sum(n) for size in n])

    assert (found.statistic, found.p) == pytest.approx((theirs.statistic, theirs.pvalue), **CLOSE)


def test_two_rates_are_the_score_test_squared():
    counts = two(300, 10_000, 360, 11_000)

    assert rates.omnibus(counts).p == pytest.approx(rates.pair(*counts).p)


def test_few_engagements_of_many_variants_are_drawn():
    few = variants((1, 10), (1, 10), (1, 10))
    found = rates.omnibus(few)

    assert found.method == "poisson_monte_carlo"
    # One each is the likeliest of all outcomes.
    assert found.p == 1
    lone = rates.omnibus(variants((3, 10), (0, 10), (0, 10)))
    # Three of 27 equally likely arrangements.
    assert lone.p == pytest.approx(3 / 27, abs=4 * math.sqrt(0.1 / 20_000))


@pytest.mark.parametrize("counts", [(0, 0, 0, 0), (0, 10, 0, 10), (3, 0, 1, 10)])
def test_without_anything_to_compare_there_is_no_test(counts):
    assert rates.pair(*two(*counts)).method == "none"
    assert rates.omnibus(two(*counts)).method == "none"


def test_nothing_is_a_multiple_of_nothing():
    assert rates.ratio_lift(*two(0, 100, 5, 100)) is None
    assert rates.ratio_lift(*two(5, 100, 0, 100)).low == -1


def test_clustering_shrinks_the_statistic_by_its_root():
    plain, clustered = (rates.pair(*two(300, 10_000, 380, 10_000), phi=phi) for phi in (1, 4))

    assert clustered.statistic == pytest.approx(plain.statistic / 2)
