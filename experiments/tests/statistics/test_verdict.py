from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from experiments.statistics.counts import InvalidCounts
from experiments.statistics.plans import History, Look
from experiments.statistics.verdict import evaluate
from experiments.tests.statistics.following import END, HOURS, START, hours, looks, plan, steady

A_LOT_BETTER = (0.03, 0.045)
ALIKE = (0.03, 0.03)


def test_a_large_effect_wins_early_and_stays_decided():
    rows = steady(A_LOT_BETTER)

    final = evaluate(rows, plan(), END)

    assert (final.state, final.winner, final.reason) == ("winner", "B", "sequential")
    assert final.decided_at < START + timedelta(days=7)
    assert final.counts == tuple(rows[final.look].counts)
    # Asked at the moment itself it was the same, evidence included.
    assert evaluate(rows[: final.look + 1], plan(), final.decided_at) == final
    assert evaluate(rows, plan(), final.decided_at - timedelta(seconds=1)).state == "running"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rates", [(0.03, 0.036), (0.03, 0.033, 0.03)])
def test_asking_every_hour_decides_what_asking_at_the_end_decides(seed, rates):
    rows, ours = steady(rates, each=60, seed=seed), plan(len(rates), smallest_effect=0.2)

    hourly = [evaluate(rows, ours, hours(number)) for number in range(HOURS + 1)]

    first = next(verdict for verdict in hourly if verdict.decided)
    assert all(verdict == first for verdict in hourly if verdict.decided)
    assert [verdict.decided for verdict in hourly] == sorted(verdict.decided for verdict in hourly)


def test_later_corrections_do_not_change_a_decision():
    rows = steady(A_LOT_BETTER)
    decided = evaluate(rows, plan(), END)
    taken_back = [
        replace(row, counts=tuple((x // 2, n) for x, n in row.counts))
        for row in rows[decided.look + 1 :]
    ]

    assert evaluate(rows[: decided.look + 1] + taken_back, plan(), END) == decided


def test_the_interval_of_an_early_winner_leaves_zero_out():
    pair = evaluate(steady(A_LOT_BETTER), plan(), END).pairs[0]

    assert (pair.a, pair.b) == ("A", "B")
    assert 0 < pair.low < pair.difference < pair.high
    assert pair.p_holm < 0.01
    assert pair.log10_p == pytest.approx(np.log10(pair.p))


def test_the_final_look_is_the_ordinary_test_at_four_fifths_of_the_error():
    rows = steady((0.03, 0.033), seed=7)
    verdict = evaluate(rows, plan(), END)
    (x0, n0), (x1, n1) = rows[-1].counts

    z, p = proportions_ztest([x1, x0], [n1, n0])

    pair = verdict.pairs[0]
    assert verdict.reason == "planned_end"
    if verdict.phi == 1.0:
        assert pair.p == pytest.approx(p, rel=1e-6)
    assert pair.p == pytest.approx(2 * _upper(z / verdict.phi**0.5), rel=1e-6)
    assert (verdict.state == "winner") == (pair.p < 0.04) == (pair.low > 0)


def _upper(z):
    from scipy.stats import norm

    return norm.sf(z)


def test_pairs_are_adjusted_as_statsmodels_does_it():
    verdict = evaluate(steady((0.03, 0.033, 0.027, 0.03), seed=3), plan(4), END)

    _, expected, _, _ = multipletests([pair.p for pair in verdict.pairs], method="holm")

    assert [pair.p_holm for pair in verdict.pairs] == pytest.approx(expected)


def test_two_tied_leaders_are_no_winner_however_bad_the_third():
    states = {
        evaluate(steady((0.04, 0.04, 0.02), seed=seed), plan(3), END).winner for seed in range(20)
    }

    assert "C" not in states
    assert None in states


def test_no_difference_ends_as_such_only_after_a_week():
    ours = plan(smallest_effect=0.5)

    verdict = evaluate(steady(ALIKE, each=1_000), ours, END)

    assert (verdict.state, verdict.reason) == ("no_meaningful_difference", "equivalence")
    assert verdict.decided_at == START + timedelta(days=7)
    bound = 0.5 * 0.03 * 1.05
    assert all(-bound < pair.low and pair.high < bound for pair in verdict.pairs)


def test_nothing_found_by_the_planned_end_is_inconclusive():
    verdict = evaluate(steady(ALIKE, seed=1), plan(), END)

    assert (verdict.state, verdict.winner, verdict.decided_at) == ("inconclusive", None, END)
    assert evaluate(steady(ALIKE, seed=1), plan(), END + timedelta(days=9)) == verdict


def test_an_extended_test_has_no_second_final_look():
    # Alike for two weeks, then B gains a little: an ordinary test would see it, the looks do not.
    x = np.full((2 * HOURS, 2), 3)
    x[HOURS::2, 1] = 4
    rows, longer = looks(x, np.full_like(x, 100)), END + timedelta(days=14)

    verdict = evaluate(rows, plan(extended_to=longer), longer)

    (x0, n0), (x1, n1) = rows[-1].counts
    assert proportions_ztest([x1, x0], [n1, n0])[1] < 0.04
    assert (verdict.state, verdict.reason) == ("inconclusive", "extended_end")
    assert evaluate(rows, plan(extended_to=longer), END).state == "running"


def test_an_open_end_gives_the_whole_error_to_the_looks():
    rows = steady((0.03, 0.036), seed=2)

    hybrid, open_end = (evaluate(rows, ours, END) for ours in (plan(), plan(ends_at=None)))

    assert open_end.reason == "sequential"
    assert open_end.decided_at <= hybrid.decided_at
    assert evaluate(steady(ALIKE), plan(ends_at=None), END).state == "running"


def test_an_end_within_the_week_waits_for_the_whole_week():
    rows = steady(ALIKE, number=8 * 24)
    ours = plan(ends_at=START + timedelta(days=2))

    assert evaluate(rows, ours, START + timedelta(days=6)).state == "running"
    assert evaluate(rows, ours, END).decided_at == START + timedelta(days=7)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "too_young"),
        (steady(A_LOT_BETTER, each=5_000, number=23), "too_young"),
        (steady((0.001, 0.009), each=20, number=100), "too_few"),
        (steady((0.999, 0.9), each=20, number=100), "too_few"),
        (steady(A_LOT_BETTER, each=1, number=90), "too_few"),
        (steady(A_LOT_BETTER, each=5_000, number=60, behind=timedelta(hours=3)), "stale"),
        (steady(A_LOT_BETTER, each=5_000, number=60)[40:], "few_looks"),
    ],
)
def test_guards_keep_a_look_from_counting(rows, reason):
    verdict = evaluate(rows, plan(), hours(100))

    assert (verdict.state, verdict.reason) == ("insufficient_data", reason)


def test_impressions_behind_engagements_skip_the_look_and_are_awaited():
    rows = steady(A_LOT_BETTER, number=60)
    late = Look(at=hours(61), counts=((5, 3), (900, 20)))

    verdict = evaluate([*rows, late], plan(), hours(61))

    assert verdict.reason in ("impressions_lag", "sequential")
    assert evaluate([*rows[:10], late], plan(), hours(61)).reason == "impressions_lag"


def test_in_a_rate_more_engagements_than_impressions_are_data():
    rng = np.random.default_rng(0)
    n = np.full((HOURS, 2), 10)
    rows = looks(rng.poisson(n * np.array([1.5, 2.0])), n)

    verdict = evaluate(rows, plan(kind="rate", planned=3_360), END)

    assert (verdict.state, verdict.winner) == ("winner", "B")


def test_the_final_look_waits_for_counts_that_are_fresh():
    rows = steady(ALIKE, seed=1)
    stale = replace(rows[-1], synced_at=END - timedelta(hours=5))
    fresh = replace(rows[-1], at=END + timedelta(hours=4), synced_at=None)

    assert evaluate([*rows[:-1], stale], plan(), END).state == "running"
    late = evaluate([*rows[:-1], stale, fresh], plan(), END + timedelta(hours=5))
    assert (late.state, late.decided_at) == ("inconclusive", fresh.at)


def test_too_little_at_the_end_is_said():
    verdict = evaluate(steady((0.03, 0.2), each=1), plan(), END)

    assert (verdict.state, verdict.reason) == ("inconclusive", "too_few")


def test_a_split_that_does_not_follow_its_weights_is_invalid():
    n = np.tile([100, 80], (HOURS, 1))
    rows = looks(n // 30 + 1, n)

    assert evaluate(rows, plan(), END).reason == "mismatch"
    assert evaluate(rows, plan(), END).state == "invalid"
    # As agreed, it is sound; and the feed decides who sees an organic post.
    assert evaluate(rows, plan(weights=(10, 8)), END).state != "invalid"
    assert evaluate(rows, plan(design="single_post"), END).state != "invalid"


def test_a_variant_edited_before_the_decision_makes_the_test_invalid():
    rows = steady(A_LOT_BETTER)
    decided_at = evaluate(rows, plan(), END).decided_at
    before, after = decided_at - timedelta(hours=1), decided_at + timedelta(hours=1)

    early = evaluate(rows, plan(broken_at=before, broken_why="variant_edited"), END)
    late = evaluate(rows, plan(broken_at=after, broken_why="variant_edited"), END)

    assert (early.state, early.reason, early.decided_at) == ("invalid", "variant_edited", before)
    assert late == evaluate(rows, plan(), END)


def test_stopping_ends_a_test_that_is_undecided():
    ours = plan(stopped_at=hours(48))

    assert evaluate(steady(ALIKE), ours, hours(47)).state != "stopped"
    assert evaluate(steady(ALIKE), ours, END).state == "stopped"
    assert evaluate([], ours, END).state == "stopped"


def test_clustered_engagements_need_more_to_win():
    rng = np.random.default_rng(8)
    n = np.full((HOURS, 2), 100)
    single = rng.poisson(n * np.array([0.03, 0.036]))
    triple = 3 * rng.poisson(n * np.array([0.01, 0.012]))

    alone, together = (evaluate(looks(x, n), plan(kind="rate"), END) for x in (single, triple))

    assert alone.phi < 1.2 < 2.5 < together.phi < 3.5


# -- without impressions ----------------------------------------------------------------------


def test_without_impressions_reactions_are_compared_exactly():
    rng = np.random.default_rng(9)
    rows = looks(rng.poisson([0.6, 0.7], (HOURS, 2)))
    ours = plan(kind="count", design="single_post", planned=300)

    verdict = evaluate(rows, ours, END)

    a, b = (int(x // verdict.phi) for x, _ in rows[-1].counts)
    assert verdict.reason == "planned_end"
    assert verdict.pairs[0].p == pytest.approx(binomtest(a, a + b, 0.5).pvalue)
    assert "more reactions" in verdict.claim.sentence


def test_without_impressions_a_large_difference_wins_early():
    rng = np.random.default_rng(9)
    ours = plan(kind="count", design="single_post", planned=400)

    verdict = evaluate(looks(rng.poisson([0.6, 1.8], (HOURS, 2))), ours, END)

    assert (verdict.winner, verdict.reason) == ("B", "sequential")


def test_without_impressions_less_than_25_reactions_are_too_few():
    rows = looks(np.tile([0, 1], (HOURS, 1)))

    verdict = evaluate(rows, plan(kind="count", design="single_post", planned=400), hours(200))

    assert (verdict.state, verdict.reason) == ("insufficient_data", "too_few")


# -- odd input --------------------------------------------------------------------------------


def test_huge_counts_do_not_overflow():
    rows = steady(A_LOT_BETTER, each=2**45)

    verdict = evaluate(rows, plan(), END)

    assert verdict.winner == "B"
    assert verdict.pairs[0].p == 0.0
    assert np.isfinite(verdict.pairs[0].log10_p)


def test_looks_may_come_in_any_order():
    rows = steady(A_LOT_BETTER)

    assert evaluate(rows[::-1], plan(), END) == evaluate(rows, plan(), END)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"names": ("A",)}, "too_few_variants"),
        ({"names": tuple("ABCDEFGHIJK")}, "too_many_variants"),
        ({"confidence": 95}, "confidence"),
        ({"weights": (1.0,)}, "weight"),
        ({"weights": (1.0, 0.0)}, "weight"),
        ({"planned": 0}, "plan"),
        ({"ends_at": START}, "plan"),
        ({"design": "cmh"}, "plan"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(changes, code):
    with pytest.raises(InvalidCounts) as refused:
        plan(**changes)

    assert refused.value.code == code


@pytest.mark.parametrize("counts", [((1, 2),), ((1, 2), (float("nan"), 2)), ((1, 2), (-1, 2))])
def test_looks_without_proper_counts_are_refused(counts):
    with pytest.raises(InvalidCounts):
        History.of([Look(START, counts)], 2)


def test_a_trend_that_cannot_win_is_hinted_at():
    hopeless = evaluate(steady(ALIKE, number=300, seed=3), plan(), hours(300))
    hopeful = evaluate(steady((0.03, 0.034), number=200, seed=1), plan(), hours(200))

    assert hopeless.state == hopeful.state == "running"
    assert hopeless.conditional_power < 0.1 < hopeful.conditional_power <= 1


def test_the_evidence_crosses_its_line_when_the_leader_wins():
    rows = steady((0.03, 0.03, 0.04), number=200, seed=3)
    verdict = evaluate(rows, plan(3), END)
    own = [pair for pair in verdict.pairs if "C" in (pair.a, pair.b)]

    assert (verdict.reason, verdict.leader) == ("sequential", "C")
    assert 10**verdict.log10_p == pytest.approx(max(pair.p_holm for pair in own))
    assert verdict.log10_p < verdict.log10_bound == pytest.approx(-2)
    before = evaluate(rows[: verdict.look], plan(3), END - timedelta(days=1))
    assert before.log10_p >= before.log10_bound


def test_a_rate_without_any_impressions_waits_for_them():
    rows = looks(np.full((40, 2), 20), np.array([[100, 0]] * 40))

    verdict = evaluate(rows, plan(kind="rate", design="single_post"), hours(40))

    assert (verdict.state, verdict.reason) == ("insufficient_data", "impressions_lag")
    assert verdict.log10_p is None


def test_counts_that_never_come_are_waited_for_a_week():
    rows = steady((0.03, 0.03), number=HOURS + 7 * 24 + 1, behind=timedelta(hours=3))

    assert not evaluate(rows, plan(), END + timedelta(days=7) - timedelta(hours=1)).decided
    verdict = evaluate(rows, plan(), END + timedelta(days=8))

    assert (verdict.state, verdict.reason) == ("inconclusive", "stale")
    assert verdict.decided_at == END + timedelta(days=7)
