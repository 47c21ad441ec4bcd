from __future__ import annotations

import pytest

from experiments.statistics.counts import InvalidCounts, Variant, checked, checked_confidence
from experiments.tests.statistics.tables import variants

NAN = float("nan")


def refused(variants, kind="proportion") -> tuple[str, str]:
    with pytest.raises(InvalidCounts) as caught:
        checked(variants, kind)
    return caught.value.code, caught.value.variant


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize(
    ("engagements", "impressions", "code"),
    [
        (-1, 10, "negative"),
        (1, -10, "negative"),
        (NAN, 10, "not_a_number"),
        (1, NAN, "not_a_number"),
        (float("inf"), 10, "not_a_number"),
        ("5", 10, "not_a_number"),
        (2.0, 10, "not_a_number"),
        (True, 10, "not_a_number"),
        (None, 10, "not_a_number"),
        (1, None, "no_impressions"),
        (1, 2**63, "too_large"),
    ],
)
def test_a_wrong_count_names_its_variant(kind, engagements, impressions, code):
    wrong = Variant("B", engagements, impressions)

    assert refused([Variant("A", 1, 10), wrong], kind) == (code, "B")


def test_more_engagements_than_impressions_are_refused_as_proportion_and_fine_as_rate():
    viral = variants((3, 10), (25, 20))

    assert refused(viral) == ("above_impressions", "B")
    assert checked(viral, "rate") == tuple(viral)


def test_engagements_without_impressions_are_no_rate():
    blind = variants((3, 10), (25, 0))

    assert refused(blind, "rate") == ("no_impressions", "B")
    assert refused(blind, "proportion") == ("above_impressions", "B")
    assert [one.impressions for one in checked(blind, "count")] == [0, 0]


def test_counts_do_not_need_impressions_where_only_engagements_are_compared():
    found = checked([Variant("A", 30, None), Variant("B", 40, None)], "count")

    assert [one.impressions for one in found] == [0, 0]


def test_nothing_seen_yet_is_no_error():
    empty = variants((0, 0), (0, 0))

    assert checked(empty, "proportion") == tuple(empty)


def test_two_to_the_53_stays_exact():
    large = variants((2**53, 2**53 + 1), (1, 2))

    assert checked(large, "proportion")[0].engagements == 2**53


@pytest.mark.parametrize(
    ("number", "code"),
    [(0, "too_few_variants"), (1, "too_few_variants"), (11, "too_many_variants")],
)
def test_a_test_has_two_to_ten_variants(number, code):
    assert refused([Variant(str(i), 1, 10) for i in range(number)]) == (code, "")


@pytest.mark.parametrize("number", [2, 10])
def test_two_and_ten_variants_are_fine(number):
    assert len(checked([Variant(str(i), 1, 10) for i in range(number)], "proportion")) == number


def test_names_are_not_given_twice():
    assert refused([Variant("A", 1, 10), Variant("A", 2, 10)]) == ("duplicate_name", "A")


@pytest.mark.parametrize("weight", [0, -1, 1e-7, 1e7, NAN, 10**400, float("inf"), "1", None, True])
def test_a_weight_is_above_nothing(weight):
    assert refused([Variant("A", 1, 10), Variant("B", 1, 10, weight)]) == ("weight", "B")


def test_an_unknown_kind_is_refused():
    assert refused(variants((1, 10), (2, 10)), "mood") == ("kind", "")


@pytest.mark.parametrize("wrong", [95, 10**400, 1, 0, -0.5, NAN, "0.95", None, True])
def test_confidence_is_a_share_and_not_guessed(wrong):
    with pytest.raises(InvalidCounts) as caught:
        checked_confidence(wrong)

    assert caught.value.code == "confidence"


def test_usual_confidences_are_fine():
    assert [checked_confidence(one) for one in (0.8, 0.95, 0.999)] == [0.8, 0.95, 0.999]
