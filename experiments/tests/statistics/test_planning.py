from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower, normal_sample_size_one_tail
from statsmodels.stats.proportion import power_proportions_2indep
from statsmodels.stats.rates import power_poisson_diff_2indep

from experiments.statistics import fixed, holm, planning
from experiments.statistics.counts import InvalidCounts
from experiments.statistics.planning import Question
from experiments.tests.statistics.tables import two, variants

CASES = [(0.03, 0.2, 0.8), (0.03, -0.3, 0.9), (0.5, 0.5, 0.9), (0.001, 1.5, 0.95), (0.4, 0.05, 0.8)]


def test_the_printed_example_of_r():
    """power.prop.test(p1 = .50, p2 = .75, power = .90): n = 76.7 (its help page)."""
    assert planning.size(Question(0.5, power=0.9, method="fixed"), 0.5) == pytest.approx(
        76.7, abs=0.05
    )


@pytest.mark.parametrize(("baseline", "effect", "power"), CASES)
def test_sizes_agree_with_statsmodels(baseline, effect, power):
    p0, p1 = baseline, baseline * (1 + effect)
    mean = (p0 + p1) / 2
    theirs = normal_sample_size_one_tail(
        abs(p1 - p0),
        power,
        0.025,
        std_null=math.sqrt(2 * mean * (1 - mean)),
        std_alternative=math.sqrt(p0 * (1 - p0) + p1 * (1 - p1)),
    )

    found = planning.size(Question(baseline, power=power, method="fixed"), effect)
    assert found == pytest.approx(theirs, rel=1e-6)
    # The power it reaches, with both ends of the test.
    reached = power_proportions_2indep(p1 - p0, p0, found, return_results=False)
    assert reached == pytest.approx(power, abs=2e-6)


@pytest.mark.parametrize(("baseline", "effect", "power"), [*CASES[:4], (1.8, 0.1, 0.8)])
def test_sizes_of_rates_agree_with_statsmodels(baseline, effect, power):
    question = Question(baseline, power=power, method="fixed", kind="rate")
    found = planning.size(question, effect)
    reached = power_poisson_diff_2indep(
        baseline * (1 + effect), baseline, found, method_var="score", return_results=False
    )

    assert reached == pytest.approx(power, abs=2e-6)


def test_clustering_multiplies_and_more_variants_cost_more():
    plain = planning.size(Question(0.03, method="fixed"), 0.2)

    assert planning.size(Question(0.03, method="fixed", phi=3), 0.2) == pytest.approx(3 * plain)
    four = planning.size(Question(0.03, method="fixed", variants=4), 0.2)
    assert four == pytest.approx(planning.size(Question(0.03, 1 - 0.05 / 3, method="fixed"), 0.2))
    hybrid = planning.size(Question(0.03), 0.2)
    final = planning.size(Question(0.03, 0.96, method="fixed"), 0.2)
    # Of the split error; the estimated dispersion takes a little more.
    assert final / plain == pytest.approx(1.07, abs=0.01)
    assert hybrid == pytest.approx(final * planning.DISPERSION_COST)


@pytest.mark.parametrize("method", ["fixed", "hybrid"])
@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("effect", [0.01, 0.2, 3.0])
def test_what_can_be_found_is_the_inverse_of_the_size(method, kind, effect):
    question = Question(0.03, method=method, kind=kind, variants=3, phi=1.5)

    assert planning.achievable_mde(question, planning.size(question, effect)) == pytest.approx(
        effect, rel=1e-6
    )


def test_too_few_impressions_find_nothing():
    assert planning.achievable_mde(Question(0.5), 2) is None
    assert planning.achievable_mde(Question(0.5), 0) is None


def test_a_plan_that_can_be_carried_out():
    found = planning.plan(Question(0.03, method="fixed"), 0.2, 2400)

    assert (found.n_per_variant, found.days, found.feasible) == (13_914, 6, True)
    assert 0 < found.achievable_mde < 0.2
    assert (found.refused, found.detectable) == (False, None)


def test_up_to_five_times_what_can_be_had_is_no_refusal():
    question = Question(0.03, method="fixed")
    daily = 13_914 / 28 / 5

    assert not planning.plan(question, 0.2, daily * 1.001).refused
    assert planning.plan(question, 0.2, daily * 0.999).refused


def test_a_plan_that_cannot_says_what_could_be_found():
    question = Question(0.03, method="fixed")
    found = planning.plan(question, 0.2, 50)

    assert (found.days, found.feasible, found.refused) == (279, False, True)
    assert found.detectable == math.ceil(100 * found.achievable_mde) / 100
    assert planning.size(question, found.achievable_mde) == pytest.approx(28 * 50)


def test_nobody_sees_anything():
    found = planning.plan(Question(0.03), 0.2, 0)

    assert (found.days, found.feasible, found.achievable_mde) == (None, False, None)


def test_without_a_daily_number_there_are_no_days():
    found = planning.plan(Question(0.03), 0.2, None)

    assert (found.days, found.feasible, found.achievable_mde) == (None, None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"baseline": 0},
        {"baseline": 1},
        {"baseline": math.nan},
        {"baseline": -0.1},
        {"power": 80},
        {"power": 0.2},
        {"variants": 1},
        {"variants": 11},
        {"phi": 0.5},
        {"phi": math.inf},
    ],
)
def test_a_question_without_sense_is_refused(wrong):
    with pytest.raises(InvalidCounts) as caught:
        Question(**{"baseline": 0.03, **wrong})

    assert (caught.value.code, caught.value.field) == ("plan", next(iter(wrong)))


@pytest.mark.parametrize(
    ("baseline", "effect"), [(0.5, 1.5), (0.03, 0), (0.03, -1), (0.03, math.nan), (0.03, 1e-9)]
)
def test_an_impossible_effect_is_refused(baseline, effect):
    with pytest.raises(InvalidCounts):
        planning.n_per_variant(Question(baseline), effect)


def test_confidence_95_is_refused():
    with pytest.raises(InvalidCounts) as caught:
        Question(0.03, confidence=95)

    assert caught.value.code == "confidence"


def test_the_planned_size_gives_the_power_in_simulated_tests():
    rng = np.random.default_rng()
    n = planning.n_per_variant(Question(0.03, method="fixed"), 0.2)
    a, b = rng.binomial(n, 0.03, 2000), rng.binomial(n, 0.036, 2000)
    found = sum(fixed.pair(*two(int(x), n, int(y), n)).p < 0.05 for x, y in zip(a, b, strict=True))

    # Five standard errors around 0.8.
    assert found / 2000 == pytest.approx(0.8, abs=0.045)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize(("baseline", "effect", "power"), CASES[::2])
def test_two_variants_win_with_the_ordinary_size(baseline, effect, power, kind):
    question = Question(baseline, power=power, kind=kind, phi=1.4)
    n = planning.size(question, abs(effect))

    assert planning.power_to_win(question, abs(effect), n) == pytest.approx(power, abs=1e-6)


@pytest.mark.parametrize("k", [3, 6])
def test_more_variants_win_as_often_as_planned_in_simulated_tests(k):
    """The better one beats all others after Holm; on the ordinary size it does so less often."""
    question = Question(0.03, method="fixed", variants=k)
    n = planning.size_to_win(question, 0.2)
    rates = [0.03] * (k - 1) + [0.036]
    wins = 0
    for counts in np.random.default_rng().binomial(n, rates, (500, k)).tolist():
        some = variants(*[(x, n) for x in counts])
        pairs = list(combinations(range(k), 2))
        adjusted = holm.adjust([fixed.pair(some[a], some[b]).p for a, b in pairs])
        own = [p for p, (_a, b) in zip(adjusted, pairs, strict=True) if b == k - 1]
        wins += max(own) < 0.05 and max(counts) == counts[-1]

    # Five standard errors around 0.8.
    assert wins / 500 == pytest.approx(0.8, abs=0.09)
    assert n > 1.15 * planning.size(question, 0.2)


def test_only_a_lift_can_win():
    assert planning.plan(Question(0.6), -0.8, None).n_to_win is None
    with pytest.raises(InvalidCounts):
        planning.size_to_win(Question(0.6), -0.8)


@pytest.mark.parametrize("slots", [4, 8, 16, 60])
@pytest.mark.parametrize("power", [0.8, 0.95])
def test_paired_effects_agree_with_statsmodels(slots, power):
    sd = 0.42
    found = planning.paired_mde(sd, slots, 0.95, power)
    reached = TTestPower().power(math.log1p(found) / sd, slots, 0.05, alternative="larger")
    both = TTestPower().power(math.log1p(found) / sd, slots, 0.05, alternative="two-sided")

    # The larger end of the two-sided test alone.
    assert both == pytest.approx(power, abs=1e-4)
    assert reached > both


def test_many_slots_come_near_the_rule_of_thumb():
    """exp(2.8 √2 sigma / √S) - 1"""
    found = planning.paired_mde(math.sqrt(2) * 0.3, 400)

    assert found == pytest.approx(math.expm1(2.8 * math.sqrt(2) * 0.3 / 20), rel=0.01)


def test_slots_are_the_fewest_that_do():
    sd = planning.paired_sd(0.3, 600)
    slots = planning.paired_slots(sd, 0.5)

    assert planning.paired_mde(sd, slots) <= 0.5 < planning.paired_mde(sd, slots - 1)
    assert planning.paired_slots(sd, 0.001) is None
    assert planning.paired_mde(sd, 1) is None


def test_the_spread_of_a_slot_holds_luck_and_counting():
    rng = np.random.default_rng(5)
    mean = 200 * np.exp(rng.normal(0, 0.3, (2, 20_000)))
    x = rng.poisson(mean)
    y = np.log(x[1] + 0.5) - np.log(x[0] + 0.5)

    assert planning.paired_sd(0.3, 200) == pytest.approx(stats.tstd(y), rel=0.03)
