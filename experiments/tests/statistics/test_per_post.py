from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.oneway import anova_oneway
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from experiments.statistics import per_post

CLOSE = {"rel": 1e-6, "abs": 1e-12}


def posts(seed: int, *sizes: int) -> list[list[float]]:
    rng = np.random.default_rng(seed)
    return [rng.normal(-3.5 + 0.1 * i, 0.3 + 0.1 * i, n).tolist() for i, n in enumerate(sizes)]


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("sizes", [(2, 2), (4, 9), (30, 12)])
def test_welch_agrees_with_statsmodels(sizes, confidence):
    a, b = posts(sum(sizes), *sizes)
    theirs = CompareMeans(DescrStatsW(b), DescrStatsW(a))
    found = per_post.welch(a, b, confidence)

    t, p, dof = theirs.ttest_ind(usevar="unequal")
    assert (found.test.statistic, found.test.p, found.test.dof) == pytest.approx(
        (t, p, dof), **CLOSE
    )
    assert found.ci == pytest.approx(
        theirs.tconfint_diff(1 - confidence, usevar="unequal"), **CLOSE
    )


@pytest.mark.parametrize("sizes", [(2, 3, 2), (4, 9, 6), (30, 12, 8, 9, 5)])
def test_many_variants_agree_with_statsmodels(sizes):
    values = posts(len(sizes), *sizes)
    theirs = anova_oneway(values, use_var="unequal", welch_correction=True)
    found = per_post.omnibus(values)

    assert (found.statistic, found.p) == pytest.approx((theirs.statistic, theirs.pvalue), **CLOSE)
    assert found.dof == pytest.approx(theirs.df_denom, **CLOSE)


def test_two_variants_need_no_analysis_of_variance():
    a, b = posts(1, 5, 6)

    assert per_post.omnibus([a, b]) == per_post.welch(a, b).test


def test_the_mean_of_one_variant_agrees_with_statsmodels():
    (values,) = posts(3, 7)

    assert per_post.mean_interval(values) == pytest.approx(DescrStatsW(values).tconfint_mean())


@pytest.mark.parametrize(("a", "b"), [([], []), ([1.0], [2.0]), ([1.0, 2.0], [3.0])])
def test_one_post_has_no_spread(a, b):
    found = per_post.welch(a, b)

    assert (found.test.p, found.test.method, found.ci) == (1, "none", None)
    assert per_post.mean_interval(b) is None


def test_posts_that_are_all_alike():
    assert per_post.welch([1.0] * 4, [1.0] * 4).test.p == 1
    assert per_post.welch([1.0] * 4, [2.0] * 4).test.p == 0
    assert per_post.omnibus([[1.0] * 4] * 3).method == "none"
