"""Against statsmodels, diff-binom-confint and the printed examples of the papers."""

from __future__ import annotations

import math

import pytest
from diff_binom_confint import (
    compute_confidence_interval,
    compute_difference_confidence_interval,
)
from scipy.stats.contingency import relative_risk
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
)

from experiments.statistics import fixed, intervals
from experiments.statistics.counts import Variant
from experiments.statistics.intervals import Interval
from experiments.tests.statistics.tables import PAIRS, SMALL, two

CLOSE = {"rel": 1e-6, "abs": 1e-9}


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
@pytest.mark.parametrize("counts", PAIRS + SMALL)
def test_wilson_agrees_with_both(counts, confidence):
    for x, n in (counts[:2], counts[2:]):
        found = intervals.wilson(Variant("A", x, n), confidence)
        theirs = proportion_confint(x, n, 1 - confidence, "wilson")

        assert found == pytest.approx(theirs, **CLOSE)
        # It rounds to seven digits.
        other = compute_confidence_interval(x, n, confidence, "wilson", digits=False)
        assert found == pytest.approx(other.astuple(), **CLOSE)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
@pytest.mark.parametrize("counts", PAIRS + SMALL)
def test_newcombe_agrees_with_both(counts, confidence):
    x0, n0, x1, n1 = counts
    found = intervals.newcombe(*two(*counts), confidence)
    theirs = confint_proportions_2indep(
        x1, n1, x0, n0, method="newcomb", compare="diff", alpha=1 - confidence
    )
    other = compute_difference_confidence_interval(
        x1, n1, x0, n0, confidence, "newcombe", digits=False
    )

    assert found == pytest.approx(theirs, **CLOSE)
    assert found == pytest.approx(other.astuple(), **CLOSE)


def test_newcombe_gives_the_numbers_of_the_paper():
    """Newcombe 1998, table II, method 10: 56/70 - 48/80 and 9/10 - 3/10."""
    assert intervals.newcombe(*two(48, 80, 56, 70)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert intervals.newcombe(*two(3, 10, 9, 10)) == pytest.approx((0.1705, 0.8090), abs=5e-5)


@pytest.mark.parametrize("counts", [*PAIRS, SMALL[0], SMALL[3]])
def test_katz_agrees_with_both(counts):
    x0, n0, x1, n1 = counts
    found = intervals.katz(*two(*counts), 0.95)
    theirs = confint_proportions_2indep(x1, n1, x0, n0, method="log", compare="ratio")
    other = relative_risk(x1, n1, x0, n0).confidence_interval(0.95)

    assert tuple(end + 1 for end in found) == pytest.approx(tuple(other), **CLOSE)
    # statsmodels' own "log" adjusts nothing either.
    assert tuple(end + 1 for end in found) == pytest.approx(theirs, **CLOSE)


def test_lift_is_relative_to_the_control():
    assert intervals.lift(*two(30, 1000, 36, 1000)) == pytest.approx(0.2)


@pytest.mark.parametrize("counts", [(0, 100, 5, 100), (0, 0, 5, 100)])
def test_nothing_is_a_multiple_of_nothing(counts):
    assert intervals.lift(*two(*counts)) is None
    assert intervals.katz(*two(*counts)) is None


def test_without_impressions_there_is_no_interval():
    assert intervals.wilson(Variant("A", 0, 0)) is None
    assert intervals.newcombe(*two(0, 0, 1, 10)) is None


def test_ends_stay_within_what_is_possible():
    assert intervals.wilson(Variant("A", 0, 50)).low == 0
    assert intervals.wilson(Variant("A", 50, 50)).high == 1


def test_clustering_widens_by_its_root():
    plain, clustered = (intervals.katz(*two(300, 10_000, 380, 10_000), 0.95, phi) for phi in (1, 4))

    def width(interval):
        return math.log1p(interval.high) - math.log1p(interval.low)

    assert width(clustered) == pytest.approx(2 * width(plain))
    one = Variant("A", 300, 10_000)
    assert intervals.wilson(one, 0.95, 4) == pytest.approx(
        intervals.wilson(Variant("A", 75, 2500), 0.95)
    )


def test_an_interval_that_contradicts_its_test_is_not_shown():
    above, across = Interval(0.01, 0.03), Interval(-0.01, 0.03)

    assert intervals.consistent(above, True) == above
    assert intervals.consistent(across, False) == across
    assert intervals.consistent(above, False) is None
    assert intervals.consistent(across, True) is None
    assert intervals.consistent(None, True) is None


def test_newcombe_and_chi_square_disagree_on_the_border_only():
    """Why `consistent` exists, and why it is rare."""
    apart = []
    for x1 in range(200, 400):
        pair = two(300, 10_000, x1, 10_000)
        interval, p = intervals.newcombe(*pair), fixed.pair(*pair).p
        if intervals.consistent(interval, p < 0.05) is None:
            apart.append(p)

    assert all(abs(p - 0.05) < 0.005 for p in apart)
