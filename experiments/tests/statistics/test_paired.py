from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from experiments.statistics import paired
from experiments.statistics.counts import Variant
from experiments.tests.statistics.tables import two

CLOSE = {"rel": 1e-6, "abs": 1e-12}


def drawn(seed: int, size: int, shift: float = 0.2) -> list[float]:
    return np.random.default_rng(seed).normal(shift, 0.42, size).tolist()


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("size", [2, 3, 8, 16, 60])
def test_t_agrees_with_statsmodels(size, confidence):
    y = drawn(size, size)
    theirs = DescrStatsW(y)
    found = paired.of_differences(y, confidence)

    assert (found.t, found.p, found.dof) == pytest.approx(theirs.ttest_mean(0), **CLOSE)
    assert found.ci == pytest.approx(theirs.tconfint_mean(1 - confidence), **CLOSE)
    assert found.lift_ci == pytest.approx([math.expm1(end) for end in found.ci])


@pytest.mark.parametrize("size", [6, 8, 16, 60])
def test_signed_ranks_agree_with_the_sum_over_all_signs(size):
    """Exact p: the ranks' sum over all 2^S signs, by convolution."""
    y = drawn(size, size)
    ranks = stats.rankdata(np.abs(y)).astype(int)
    ways = np.ones(1)
    for rank in range(1, size + 1):
        ways = np.convolve(ways, [1, *[0] * (rank - 1), 1])
    smaller = min(sum(ranks[np.array(y) > 0]), sum(ranks[np.array(y) < 0]))
    exact = min(1.0, 2 * ways[: smaller + 1].sum() / 2.0**size)

    # From 51 slots on it is a normal approximation.
    allowed = {"rel": 1e-6} if size <= 50 else {"abs": 2e-3}
    assert paired.of_differences(y).p_wilcoxon == pytest.approx(exact, **allowed)


def test_signed_ranks_are_not_shown_for_a_handful_of_slots():
    assert paired.of_differences(drawn(1, 5)).p_wilcoxon is None


def test_a_slot_is_the_difference_of_log_rates():
    control, one = two(30, 1000, 45, 1100)

    assert paired.log_ratio(control, one) == pytest.approx(
        math.log(45.5 / 1101) - math.log(30.5 / 1001)
    )
    assert math.isfinite(paired.log_ratio(*two(0, 100, 0, 0)))


def test_slots_without_impressions_on_a_side_are_left_out():
    slots = [tuple(two(30, 1000, 45, 1100)), tuple(two(10, 500, 12, 510))]
    found = paired.compare([*slots, tuple(two(0, 0, 5, 100))])

    assert found == paired.compare(slots)
    assert found.slots == 2


def test_one_slot_has_no_spread():
    found = paired.compare([tuple(two(30, 1000, 45, 1000))])

    assert (found.slots, found.p, found.ci, found.t) == (1, 1, None, None)
    assert found.lift == pytest.approx(45.5 / 30.5 - 1)
    assert paired.compare([]).mean is None


def test_slots_that_are_all_alike():
    same = paired.compare([tuple(two(10, 500, 10, 500))] * 8)
    double = paired.compare([tuple(two(10, 500, 20, 500))] * 8)

    assert (same.p, same.p_wilcoxon, same.mean) == (1, 1, 0)
    assert (double.p, double.t) == (0, None)
    assert double.p_wilcoxon == pytest.approx(2 / 2**8)


@pytest.mark.parametrize("luck", [0.3, 0.55])
def test_the_luck_of_posts_makes_no_winners(luck):
    """1,000 tests of 8 slots without a difference; chi-square errs in most of these."""
    rng = np.random.default_rng()
    rate = 0.03 * np.exp(rng.normal(0, luck, (1000, 8, 2)))
    x = rng.binomial(20_000, rate)
    found = [
        paired.compare(
            [(Variant("A", int(a), 20_000), Variant("B", int(b), 20_000)) for a, b in one]
        )
        for one in x
    ]

    # 5 %, and five standard errors of 1,000 tests.
    assert sum(one.p < 0.05 for one in found) / 1000 < 0.05 + 5 * math.sqrt(0.05 * 0.95 / 1000)
