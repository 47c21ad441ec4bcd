from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import ttest_rel
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from experiments.statistics.plans import Block, History, Look
from experiments.statistics.verdict import evaluate
from experiments.tests.statistics.following import START, plan

END = START + timedelta(days=40)


def blocks(lifts, number=12, *, seed=0, luck=0.3, impressions=20_000):
    """Finished slots, one every three days; each post has luck of its own."""
    rng = np.random.default_rng(seed)
    found = []
    for at in range(number):
        rate = 0.03 * np.exp(rng.normal(0, luck, len(lifts))) * np.array(lifts)
        x = rng.poisson(rate * (impressions or 20_000))
        counts = tuple((int(value), impressions) for value in x)
        found.append(Block(START + timedelta(days=3 * (at + 1)), counts))
    return found


def paired_plan(variants=2, number=12, **changes):
    given = {"design": "paired_slots", "kind": "rate", "planned": number, "ends_at": END}
    return plan(variants, **(given | changes))


def asked(rows, ours, now=END, posts=()):
    return evaluate(History.of([], len(ours.variants), blocks=rows, posts=posts), ours, now)


def _log_rates(rows):
    return np.array([[np.log((x + 0.5) / ((n or 0) + 1)) for x, n in row.counts] for row in rows])


def test_slots_are_compared_by_the_paired_t_test_once_all_are_done():
    rows = blocks((1, 2), seed=2)
    y = _log_rates(rows)

    verdict = asked(rows, paired_plan())

    expected = ttest_rel(y[:, 1], y[:, 0])
    pair = verdict.pairs[0]
    assert pair.p == pytest.approx(expected.pvalue)
    assert (pair.low, pair.high) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert (verdict.state, verdict.winner) == ("winner", "B")
    assert verdict.claim.code == "account_rate"
    assert verdict.decided_at == rows[-1].at


def test_before_the_planned_number_of_slots_there_is_no_look():
    rows = blocks((1, 3), seed=2)

    verdict = asked(rows[:11], paired_plan(), START + timedelta(days=35))

    assert (verdict.state, verdict.pairs) == ("running", ())
    assert asked(rows[:2], paired_plan(), START + timedelta(days=9)).state == "insufficient_data"


def test_several_looks_share_the_error():
    rows = blocks((1, 1), 16, seed=1)
    ours = paired_plan(number=16, paired_looks=(8, 12), ends_at=START + timedelta(days=60))
    y = _log_rates(rows)

    verdict = asked(rows, ours, START + timedelta(days=60))

    expected = ttest_rel(y[:, 1], y[:, 0]).confidence_interval(1 - 0.05 / 3)
    assert (verdict.pairs[0].low, verdict.pairs[0].high) == pytest.approx(tuple(expected))


def test_an_early_look_decides_and_later_slots_do_not_change_it():
    rows = blocks((1, 3), 16, seed=1)
    ours = paired_plan(number=16, paired_looks=(8, 12), ends_at=START + timedelta(days=60))

    early = asked(rows[:8], ours, rows[7].at)
    late = asked(rows, ours, START + timedelta(days=60))

    assert (early.state, early.look, early.decided_at) == ("winner", 8, rows[7].at)
    assert (late.state, late.decided_at, late.pairs) == (early.state, rows[7].at, early.pairs)


def test_slots_that_never_came_leave_the_rest_to_be_judged_at_the_end():
    rows = blocks((1, 2.5), 10, seed=3)

    assert asked(rows, paired_plan(), END - timedelta(days=1)).state == "running"
    verdict = asked(rows, paired_plan())

    assert (verdict.state, verdict.look, verdict.decided_at) == ("winner", 10, END)


def test_three_slots_are_too_few_to_say_anything():
    verdict = asked(blocks((1, 5), 3), paired_plan())

    assert (verdict.state, verdict.reason) == ("inconclusive", "too_few_posts")


def test_the_winner_must_beat_every_other_variant():
    verdict = asked(blocks((1, 1, 0.3), seed=5), paired_plan(3))

    assert verdict.winner is None
    below = [pair.p_holm < 0.05 for pair in verdict.pairs]
    assert below == [False, True, True]


def test_a_difference_within_the_smallest_effect_is_no_meaningful_one():
    rows = blocks((1, 1), seed=5, luck=0.02)

    assert asked(rows, paired_plan(smallest_effect=0.3)).state == "no_meaningful_difference"
    assert asked(rows, paired_plan()).state == "inconclusive"


def test_slots_without_impressions_compare_reactions():
    rows = blocks((1, 2), seed=6, impressions=None)
    y = np.array([[np.log(x + 0.5) for x, _ in row.counts] for row in rows])

    verdict = asked(rows, paired_plan(kind="count"))

    assert verdict.pairs[0].p == pytest.approx(ttest_rel(y[:, 1], y[:, 0]).pvalue)
    assert verdict.claim.code == "account_count"


def test_equal_slots_have_no_spread_and_no_winner():
    rows = [Block(START + timedelta(days=at + 1), ((10, 1_000), (20, 1_000))) for at in range(12)]

    assert asked(rows, paired_plan()).winner is None


def test_a_deleted_post_ends_a_paired_test():
    ours = paired_plan(broken_at=START + timedelta(days=4), broken_why="variant_deleted")

    verdict = asked(blocks((1, 3), seed=2), ours)

    assert (verdict.state, verdict.reason) == ("invalid", "variant_deleted")


def test_values_of_posts_are_compared_by_welch_at_the_end():
    rng = np.random.default_rng(1)
    posts = (rng.normal(10, 1, 9), rng.normal(12, 3, 6))
    ours = plan(kind="per_post", design="single_post", planned=9, ends_at=END)

    verdict = asked([], ours, posts=posts)

    means = CompareMeans(DescrStatsW(posts[1]), DescrStatsW(posts[0]))
    _, p, _ = means.ttest_ind(usevar="unequal")
    assert verdict.pairs[0].p == pytest.approx(p)
    assert (verdict.state == "winner") == (p < 0.05)
    assert asked([], ours, END - timedelta(days=1), posts).state == "insufficient_data"
    too_few = asked([], ours, posts=(posts[0], posts[1][:3]))
    assert (too_few.state, too_few.reason) == ("inconclusive", "too_few_posts")


def test_values_of_matched_posts_are_compared_as_they_are():
    rng = np.random.default_rng(4)
    values = rng.gamma(2, 50, (10, 1)) + rng.normal((0, 60), 30, (10, 2))
    rows = [
        Block(START + timedelta(days=3 * (at + 1)), ((0, None), (0, None)), tuple(own))
        for at, own in enumerate(values.tolist())
    ]

    verdict = asked(rows, paired_plan(kind="per_post", number=10, smallest_effect=0.2))

    expected = ttest_rel(values[:, 1], values[:, 0])
    assert verdict.pairs[0].p == pytest.approx(expected.pvalue)
    assert verdict.pairs[0].difference == pytest.approx((values[:, 1] - values[:, 0]).mean())
    assert (verdict.winner, verdict.claim.code) == ("B", "account_value")


def test_the_shares_of_visitors_are_watched_when_values_are_compared():
    rows = [Look(START + timedelta(hours=h), ((1, 100 * h), (1, 50 * h))) for h in (1, 2, 3)]
    ours = plan(kind="per_post", ends_at=END)

    verdict = evaluate(rows, ours, START + timedelta(hours=3))

    assert (verdict.state, verdict.reason) == ("invalid", "mismatch")
