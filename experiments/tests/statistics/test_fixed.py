"""Against statsmodels and scipy, which were written by others."""

from __future__ import annotations

import math
from itertools import product

import pytest
from scipy import stats
from statsmodels.stats.proportion import proportions_chisquare, proportions_ztest

from experiments.statistics import fixed
from experiments.tests.statistics.tables import MANY, PAIRS, SMALL, two, variants

CLOSE = {"rel": 1e-6, "abs": 1e-12}


@pytest.mark.parametrize("counts", PAIRS[1:3] + PAIRS[4:])
def test_two_variants_agree_with_statsmodels(counts):
    x0, n0, x1, n1 = counts
    found = fixed.pair(*two(*counts))
    z, p = proportions_ztest([x1, x0], [n1, n0])

    assert found.method == "chi_square"
    assert found.dof == 1
    assert found.statistic == pytest.approx(z**2, **CLOSE)
    assert found.p == pytest.approx(p, **CLOSE)


@pytest.mark.parametrize("counts", MANY)
def test_many_variants_agree_with_statsmodels_and_scipy(counts):
    x, n = zip(*counts, strict=True)
    found = fixed.omnibus(variants(*counts))
    statistic, p, _ = proportions_chisquare(x, n)
    other = stats.chi2_contingency([[a, b - a] for a, b in counts], correction=False)

    assert (found.statistic, found.p) == pytest.approx((statistic, p), **CLOSE)
    assert (found.statistic, found.p) == pytest.approx(other[:2], **CLOSE)
    assert found.dof == len(counts) - 1


@pytest.mark.parametrize("counts", PAIRS[:6])
def test_yates_only_when_asked(counts):
    x0, n0, x1, n1 = counts
    table = [[x0, n0 - x0], [x1, n1 - x1]]
    asked = fixed.pair(*two(*counts), yates=True)

    assert asked.method == "chi_square_yates"
    expected = stats.chi2_contingency(table, correction=True)
    assert (asked.statistic, asked.p) == pytest.approx(expected[:2], **CLOSE)
    assert fixed.pair(*two(*counts)).statistic > asked.statistic


def test_yates_brings_no_table_past_its_expectation():
    equal = fixed.pair(*two(30, 1000, 30, 1000), yates=True)

    assert (equal.statistic, equal.p) == (0, 1)


@pytest.mark.parametrize("counts", SMALL)
def test_small_expected_counts_are_left_to_fisher(counts):
    x0, n0, x1, n1 = counts
    found = fixed.pair(*two(*counts))

    assert found.method == "fisher_exact"
    assert found.p == pytest.approx(stats.fisher_exact([[x0, n0 - x0], [x1, n1 - x1]])[1], **CLOSE)


@pytest.mark.parametrize("swap", [False, True])
def test_fisher_at_billions_agrees_with_its_limit(swap):
    """Of a billion and more impressions on one side, 40 on the other: binomial."""
    counts = (300_000_000, 3 * 10**9, 9, 40)
    found = fixed.pair(*(two(*counts)[::-1] if swap else two(*counts)))

    assert found.method == "fisher_exact"
    assert found.p == pytest.approx(stats.binomtest(9, 40, 0.1).pvalue, rel=1e-4)


def test_fisher_with_few_engagements_among_billions():
    found = fixed.pair(*two(9, 2 * 10**9, 0, 2 * 10**9))

    assert found.p == pytest.approx(2 / 2**9, rel=1e-4)


def all_tables(sizes: list[int], engaged: int) -> list[tuple[int, ...]]:
    ranges = [range(min(size, engaged) + 1) for size in sizes]
    return [table for table in product(*ranges) if sum(table) == engaged]


@pytest.mark.parametrize(
    "counts", [[(0, 12), (3, 9), (5, 14)], [(4, 10), (4, 11), (3, 40)], [(1, 6), (1, 6), (1, 6)]]
)
def test_fisher_for_many_variants_agrees_with_all_tables(counts):
    x, n = zip(*counts, strict=True)

    def chance(table):
        return math.prod(math.comb(size, count) for size, count in zip(n, table, strict=True))

    tables = [chance(table) for table in all_tables(list(n), sum(x))]
    exact = sum(one for one in tables if one <= chance(x)) / sum(tables)
    found = fixed.omnibus(variants(*counts))

    assert found.method == "fisher_monte_carlo"
    # Four standard errors of 20,000 draws.
    assert found.p == pytest.approx(exact, abs=4 * math.sqrt(0.25 / fixed.DRAWS))


def test_drawn_tables_give_the_same_answer_every_time():
    few = variants((1, 40), (4, 50), (0, 30))

    assert len({fixed.omnibus(few).p for _ in range(3)}) == 1


def test_a_share_next_to_1_loses_no_digits():
    """The same table with engaged and not engaged exchanged is the same test."""
    few = fixed.pair(*two(40, 2**62, 90, 2**62))
    many = fixed.pair(*two(2**62 - 40, 2**62, 2**62 - 90, 2**62))

    assert many.p == few.p
    assert few.p == pytest.approx(2 * stats.norm.sf(50 / math.sqrt(130)), rel=1e-6)


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize(
    ("count", "share"), [(5 * 10**8 + 30_000, 0.5), (10**8 - 15_000, 0.1), (9, 3e-9), (0, 3e-9)]
)
def test_the_limits_of_the_binomial_meet_the_exact_test(count, share, swap):
    """Just below and above the border; the Poisson tail is doubled, so it may be larger."""
    of = fixed.EXACT_UP_TO
    asked = (of - count, 1 - share) if swap else (count, share)
    exact = stats.binomtest(asked[0], of, asked[1]).pvalue
    found = fixed.binomial(asked[0] + swap, of + 1, asked[1])

    if share == 3e-9:
        assert exact / 2 < found <= 2 * exact * (1 + 1e-6)
    else:
        assert found == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize(
    "counts", [(0, 0, 0, 0), (0, 0, 3, 10), (0, 100, 0, 100), (100, 100, 50, 50)]
)
def test_without_anything_to_compare_there_is_no_test(counts):
    assert fixed.pair(*two(*counts)) == fixed.NO_TEST
    assert fixed.NO_TEST.p == 1


def test_clustering_divides_the_statistic():
    plain, clustered = (fixed.pair(*two(300, 10_000, 380, 10_000), phi=phi) for phi in (1, 3))

    assert clustered.statistic == pytest.approx(plain.statistic / 3)
    assert clustered.p == pytest.approx(stats.chi2.sf(plain.statistic / 3, 1))


def test_an_exact_test_does_not_overlook_clustering():
    counts = two(0, 400, 8, 400)

    assert fixed.pair(*counts).method == "fisher_exact"
    assert fixed.pair(*counts, phi=6).p > 2 * fixed.pair(*counts).p


@pytest.mark.parametrize("counts", [*PAIRS, *SMALL])
def test_the_order_of_variants_does_not_matter(counts):
    a, b = two(*counts)

    assert fixed.pair(a, b).p == pytest.approx(fixed.pair(b, a).p, rel=1e-9)
