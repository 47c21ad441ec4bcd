import json

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import proportion_confint

from experiments.statistics import dispersion, mismatch, sequential
from experiments.statistics.calculate import calculate
from experiments.statistics.counts import InvalidCounts

HOURS = 336


def variants(*counts, **more):
    return [
        {"name": name, "engagements": x, "impressions": n, **more}
        for name, (x, n) in zip("ABCDEFGHIJ", counts, strict=False)
    ]


def table(rates, *, each=100, number=HOURS, seed=0):
    """Increments (hours, variants, 2)."""
    rng = np.random.default_rng(seed)
    n = np.full((number, len(rates)), each)
    return np.stack([rng.binomial(n, rates), n], axis=-1)


def followed(increments, **more):
    """The question of a test looked at every hour."""
    looks = increments.cumsum(axis=0)
    return {"variants": variants(*looks[-1].tolist()), "looks": looks.tolist(), **more}


def test_sequential_p_of_counts_is_that_of_the_formula():
    answer = calculate(
        {"variants": variants((300, 10_000), (380, 10_000)), "tuning_total_n": 40_000}
    )

    sd = (0.03 * 0.97 / 10_000 + 0.038 * 0.962 / 10_000) ** 0.5
    expected = sequential.p_value(0.008, sd, 20_000, 40_000, 0.01)
    assert answer["pairs"][0]["p_sequential"] == pytest.approx(expected)


def test_hourly_increments_widen_everything_by_their_dispersion():
    hourly = 3 * table((0.01, 0.012))
    hourly[..., 1] //= 3
    totals = hourly.sum(axis=0).tolist()
    question = {"kind": "rate", "variants": variants(*totals)}

    plain, known = calculate(question), calculate({**question, "hourly": hourly.tolist()})

    phi = dispersion.estimate(hourly[..., 0], hourly[..., 1], "rate")
    assert (plain["phi"], known["phi"]) == (None, phi)
    assert 2.5 < phi < 3.5
    assert known["omnibus"]["statistic"] == pytest.approx(plain["omnibus"]["statistic"] / phi)
    (low, high), (lower, higher) = (one["variants"][0]["wilson"] for one in (plain, known))
    assert (higher - lower) / (high - low) == pytest.approx(phi**0.5, rel=0.01)


def test_looks_are_followed_by_the_hybrid():
    question = followed(table((0.03, 0.045)), planned_looks=HOURS)

    answer = calculate(question)

    assert (answer["status"], answer["winner"]) == ("winner", "B")
    smallest = [look["p_sequential"][0] for look in answer["looks"]]
    assert smallest == sorted(smallest, reverse=True)
    assert answer["pairs"][0]["p_sequential"] == smallest[-1] < 0.01


def test_what_is_significant_before_the_planned_end_is_not_a_winner_yet():
    hourly = np.full((HOURS, 2, 2), 100)
    hourly[..., 0] = 3
    hourly[::3, 1, 0] = 4

    early = calculate(followed(hourly, planned_looks=2 * HOURS))
    last = calculate(followed(hourly, planned_looks=HOURS))

    assert early["pairs"][0]["p_raw"] == last["pairs"][0]["p_raw"] < 0.02
    assert (early["status"], last["status"]) == ("running", "winner")


@pytest.mark.parametrize("number", [30, 336, 1_000])
def test_the_last_planned_look_is_the_final_one(number):
    question = followed(table((0.03, 0.03), number=number, seed=1))

    assert calculate({**question, "planned_looks": number})["status"] == "inconclusive"
    assert calculate({**question, "planned_looks": number + 1})["status"] == "running"
    assert calculate(question)["status"] == "running"


def test_a_split_followed_over_time_is_judged_by_the_sequential_test():
    looks = table((0.03, 0.03)).cumsum(axis=0)
    looks[:, 1, 1] = looks[:, 1, 1] * 8 // 10

    answer = calculate({"variants": variants(*looks[-1].tolist()), "looks": looks.tolist()})

    assert answer["status"] == "invalid"
    assert answer["srm"]["p_sequential"] < mismatch.LIMIT
    assert answer["srm"]["enforced"]


def test_slots_as_strata_are_compared_by_mantel_and_haenszel():
    rng = np.random.default_rng(3)
    n = rng.integers(500, 3_000, (8, 2))
    x = rng.binomial(n, [0.03, 0.045])
    blocks = np.stack([x, n], axis=-1)
    strata = [
        np.array([[x[i, 1], n[i, 1] - x[i, 1]], [x[i, 0], n[i, 0] - x[i, 0]]]) for i in range(8)
    ]

    question = {"design": "cmh", "blocks": blocks.tolist()}
    answer = calculate({**question, "variants": variants(*blocks.sum(axis=0).tolist())})

    theirs = StratifiedTable(strata).test_null_odds(correction=False)
    assert answer["cmh"]["p"] == pytest.approx(theirs.pvalue, rel=1e-6)
    assert answer["pairs"][0]["p_raw"] == answer["cmh"]["p"]
    assert (answer["status"], answer["winner"]) == ("winner", "B")
    assert not answer["causal"]


def test_matched_slots_are_not_judged_by_their_sums():
    # One lucky post makes the sum of B; slot by slot there is nothing.
    blocks = [[[30, 1_000], [29 + at % 3, 1_000]] for at in range(7)] + [
        [[30, 1_000], [300, 1_000]]
    ]
    totals = np.array(blocks).sum(axis=0).tolist()

    answer = calculate({"design": "paired_slots", "blocks": blocks, "variants": variants(*totals)})

    assert answer["omnibus"]["p"] < 1e-9
    assert answer["status"] == "inconclusive"
    assert calculate({"design": "paired_slots", "variants": variants(*totals)})["status"] == (
        "insufficient_data"
    )


@pytest.mark.parametrize(
    "row", [[[3, 100], [4, 100]], {"A": [3, 100], "B": {"engagements": 4, "impressions": 100}}]
)
def test_rows_may_be_lists_or_called_by_name(row):
    question = {"variants": variants((90, 3_000), (120, 3_000)), "hourly": [row] * 30}

    assert calculate(question)["phi"] == 1.0


def test_intervals_of_each_variant_are_wilsons():
    answer = calculate({"variants": variants((30, 1_000), (45, 1_000)), "confidence": 0.9})

    expected = proportion_confint(30, 1_000, alpha=0.1, method="wilson")
    assert answer["variants"][0]["wilson"] == pytest.approx(list(expected), rel=1e-6)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("seed", range(5))
def test_an_interval_never_says_the_opposite_of_its_verdict(kind, seed):
    rng = np.random.default_rng(seed)
    counts = [(int(x), 2_000) for x in rng.binomial(2_000, [0.03, 0.05, 0.04, 0.055])]

    answer = calculate({"kind": kind, "variants": variants(*counts)})

    for pair in answer["pairs"]:
        for low, high in filter(None, (pair["ci"], pair["lift_ci"])):
            assert (low > 0 or high < 0) == (pair["p_holm"] < 0.05)


def test_ten_variants_with_everything_are_plain_json():
    hourly = table(np.linspace(0.02, 0.05, 10), number=60)
    question = followed(hourly, hourly=hourly.tolist(), blocks=hourly[:10].tolist())

    answer = calculate(question)

    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert len(answer["pairs"]) == len(answer["paired"]["pairs"]) == 45


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"variants": variants((5, 10))}, "too_few_variants"),
        ({"variants": variants((5, 10), (11, 10))}, "above_impressions"),
        ({"variants": variants((5, 10), (float("nan"), 10))}, "not_a_number"),
        ({"variants": variants((5, 10), (5, None))}, "no_impressions"),
        ({"confidence": 95}, "confidence"),
        ({"kind": "mood"}, "kind"),
        ({"design": "guess"}, "plan"),
        ({"hourly": [[[1, 2]]]}, "plan"),
        ({"looks": "many"}, "plan"),
        ({"blocks": [[[1, -2], [1, 2]]]}, "negative"),
        ({"planned_looks": 2.5}, "plan"),
        ({"prior": [0, 1]}, "plan"),
        ({"kind": "per_post", "variants": [{"name": "A", "values": ["x"]}] * 2}, "duplicate_name"),
    ],
)
def test_what_cannot_be_calculated_with_is_refused(changes, code):
    with pytest.raises(InvalidCounts) as refused:
        calculate({"variants": variants((5, 10), (6, 10)), **changes})

    assert refused.value.code == code
