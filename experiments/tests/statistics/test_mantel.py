from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from experiments.statistics import mantel, rates
from experiments.tests.statistics.tables import two

CLOSE = {"rel": 1e-6, "abs": 1e-12}
STRATA = {
    "three": [(30, 1000, 45, 1100), (5, 200, 9, 150), (100, 900, 90, 800)],
    "sparse": [(0, 20, 3, 25), (1, 9, 0, 8), (2, 30, 6, 31), (1, 40, 4, 44)],
    "one": [(30, 1000, 45, 1100)],
}


def strata(rows):
    return [tuple(two(*row)) for row in rows]


def as_tables(rows) -> StratifiedTable:
    tables = [np.array([[x1, n1 - x1], [x0, n0 - x0]], float) for x0, n0, x1, n1 in rows]
    return StratifiedTable(tables)


@pytest.mark.parametrize("rows", STRATA.values(), ids=STRATA)
def test_proportions_agree_with_statsmodels(rows):
    theirs = as_tables(rows)
    found = mantel.compare(strata(rows))
    null = theirs.test_null_odds(correction=False)

    assert found.measure == "odds_ratio"
    assert (found.statistic, found.p) == pytest.approx((null.statistic, null.pvalue), **CLOSE)
    assert found.ratio == pytest.approx(theirs.oddsratio_pooled, **CLOSE)
    assert found.ratio_ci == pytest.approx(theirs.oddsratio_pooled_confint(), **CLOSE)


def test_rates_give_the_numbers_worked_out_by_hand():
    """Two strata; X², ratio and variance of its logarithm summed term by term."""
    rows = [(30, 1000, 45, 1100), (5, 200, 9, 150)]
    found = mantel.compare(strata(rows), "rate")
    excess = (45 - 75 * 1100 / 2100) + (9 - 14 * 150 / 350)
    variance = 75 * 1100 * 1000 / 2100**2 + 14 * 150 * 200 / 350**2
    r, s = 45 * 1000 / 2100 + 9 * 200 / 350, 30 * 1100 / 2100 + 5 * 150 / 350

    assert found.statistic == pytest.approx(excess**2 / variance)
    assert found.ratio == pytest.approx(r / s)
    half = np.log(found.ratio_ci.high / found.ratio)
    assert half == pytest.approx(1.959963985 * np.sqrt(variance / (r * s)))


def test_one_stratum_of_rates_is_the_score_test():
    rows = STRATA["one"]

    assert mantel.compare(strata(rows), "rate").p == pytest.approx(rates.pair(*two(*rows[0])).p)


def test_a_mix_of_strata_does_not_turn_the_answer_round():
    """Simpson: B is better in each slot and worse in the sum."""
    rows = [(160, 2000, 90, 1000), (10, 1000, 24, 2000)]
    found = mantel.compare(strata(rows))

    assert sum(r[2] for r in rows) / 3000 < sum(r[0] for r in rows) / 3000
    assert found.ratio > 1


def test_strata_that_say_nothing_are_left_out():
    rows = STRATA["three"]
    # The last one's impressions have not all been counted yet.
    empty = [(0, 0, 3, 10), (0, 50, 0, 60), (5, 5, 6, 6), (7, 5, 1, 60)]

    assert mantel.compare(strata(rows + empty)) == mantel.compare(strata(rows))
    assert mantel.compare(strata(rows)).strata == 3


@pytest.mark.parametrize("rows", [[], [(0, 50, 0, 60)], [(0, 0, 0, 0)]])
def test_without_anything_to_compare_p_is_1(rows):
    found = mantel.compare(strata(rows))

    assert (found.statistic, found.p, found.ratio, found.ratio_ci) == (None, 1, None, None)


def test_clustering_divides_the_statistic():
    plain, clustered = (mantel.compare(strata(STRATA["three"]), phi=phi) for phi in (1, 3))

    assert clustered.statistic == pytest.approx(plain.statistic / 3)
    assert np.log(clustered.ratio_ci.high / clustered.ratio) == pytest.approx(
        np.sqrt(3) * np.log(plain.ratio_ci.high / plain.ratio)
    )
