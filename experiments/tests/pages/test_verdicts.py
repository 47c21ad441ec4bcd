"""What a test says: every state and outcome as a sentence."""

from __future__ import annotations

import math

import pytest
from django.utils import timezone, translation

from experiments import verdicts, wording
from experiments.models import ABTest, ABTestVariant, Design, MetricKind
from experiments.verdicts import Effect
from experiments.views import evidence
from experiments.views.evidence import p_of


def test_of(**fields):
    given = {"design": "paired_slots", "metric": "engagements", "kind": "rate"}
    given |= {"planned_size": 12, "started_at": timezone.now(), "state": "running"}
    return ABTest(**{**given, **fields})


test_of.__test__ = False


def won(winner="B", **fields):
    test = test_of(state="decided", outcome="winner", **fields)
    test.winner = ABTestVariant(name=winner)
    return test


def plain(text):
    return text.replace("\u00a0", " ")


B_AHEAD = Effect("B", "A", 0.23, 0.08, 0.41)


@pytest.mark.parametrize(
    ("test", "effects", "said"),
    [
        (
            won(),
            [B_AHEAD],
            "B gets 23 % more engagements per impression than A (between +8 % and +41 %).",
        ),
        # Seen from the other side: 1 / 0.8 = 1.25.
        (
            won("A"),
            [Effect("B", "A", -0.2, -0.5, -0.1)],
            "A gets 25 % more engagements per impression than B (between +11 % and +100 %).",
        ),
        # The control wins: against whoever came next, not against the worst.
        (
            won("A"),
            [Effect("B", "A", -0.5), Effect("C", "A", -0.2), Effect("C", "B", 0.6)],
            "A gets 25 % more engagements per impression than C.",
        ),
        (won(kind="count"), [Effect("B", "A", 0.5)], "B gets 50 % more engagements than A."),
        (
            won(design="split", kind="proportion", metric="clicks"),
            [Effect("B", "A", 0.035)],
            "B gets 3.5 % more clicks per visitor than A.",
        ),
        (
            won(kind="per_post", metric="revenue"),
            [Effect("B", "A", None)],
            "B gets more revenue per post than every other variant.",
        ),
        (
            test_of(state="decided", outcome="no_meaningful_difference", smallest_effect=0.2),
            [],
            "No difference that matters: all variants are within ±20 %.",
        ),
        (
            test_of(state="decided", outcome="invalid", reason="variant_edited"),
            [],
            "This test cannot be used. A variant was changed after it had gone out.",
        ),
        (
            test_of(state="decided", outcome="stopped", reason="stopped"),
            [],
            "Stopped before a decision. No variant may be called better.",
        ),
        (test_of(), [], "Running. The first look comes within the hour."),
    ],
)
def test_the_headline(test, effects, said):
    assert plain(verdicts.headline(test, effects)) == said


def test_the_headline_of_what_is_not_decided_counts():
    assert verdicts.headline(test_of(), [], (6, 12)) == "Not decided yet: 6 of 12 slots."
    split = test_of(design="split", kind="proportion")
    assert verdicts.headline(split, [], (4210, 33600)) == (
        "Not decided yet: 4,210 of 33,600 visitors each."
    )


def test_without_a_winner_it_says_what_could_have_been_seen():
    test = test_of(state="decided", outcome="inconclusive", reason="planned_end")

    assert plain(verdicts.headline(test, [], None, 0.3)) == (
        "No winner: the data could have seen +30 % or more. Keep the control."
    )
    assert "Keep the control" in verdicts.headline(test, [])


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("winner", "One post each: this post did better; its text need not be better."),
        ("inconclusive", "Neither that one is better, nor that they are alike."),
        ("no_meaningful_difference", "The variants are alike as far as you care"),
        ("invalid", "Nothing."),
        ("stopped", "Nothing."),
    ],
)
def test_only_a_winner_may_claim_something_better(outcome, said):
    test = test_of(design="single_post", state="decided", outcome=outcome)

    assert said in verdicts.claim(test)[1]
    assert verdicts.claim(test_of())[0] == "What a winner will show:"


def test_an_early_stop_warns_of_the_winners_curse():
    early, late = won(reason="sequential"), won(reason="planned_end")

    assert any("larger than they are" in one for one in verdicts.notes(early, ""))
    assert not any("larger than they are" in one for one in verdicts.notes(late, ""))


def test_little_hope_is_a_hint_and_no_more():
    assert "is 7" in verdicts.notes(test_of(), "between_looks", 0.07)[1]
    assert len(verdicts.notes(test_of(), "between_looks", 0.7)) == 1


def test_every_reason_and_claim_has_words():
    from typing import get_args

    from experiments.statistics.claims import SENTENCES
    from experiments.statistics.outcome import Reason
    from experiments.statistics.plans import Broken
    from experiments.statistics.replay import Wait

    flat = {one for part in get_args(Reason) for one in (get_args(part) or (part,))}

    assert flat | set(get_args(Broken)) | set(get_args(Wait)) == set(wording.REASONS)
    assert set(wording.CLAIMS) == set(SENTENCES)
    for design in Design.values:
        for kind in MetricKind.values:
            assert wording.claim_of(design, kind)


def test_numbers_follow_the_language():
    with translation.override("es"):
        assert plain(verdicts.percent(0.0235, sign=True)) == "+2,4 %"
        assert plain(verdicts.percents(-12.5)) == "−1 250 %"


# -- effects around the control --------------------------------------------------------------------

PAIR = {"a": "A", "b": "B", "difference": 0.2, "low": 0.1, "high": 0.3}


def effect(test, counts=None, weights=(1, 1)):
    rows = [ABTestVariant(name=name, weight=w) for name, w in zip("AB", weights, strict=True)]
    found = evidence.effects(test, rows, [PAIR], counts)[0]
    return tuple(
        round(one, 6) if one is not None else None for one in (found.effect, found.low, found.high)
    )


def test_effects_are_relative_whatever_they_were_compared_on():
    # Log rates; differences of rates over the control's 0.5; shares of both above a half.
    assert effect(test_of()) == tuple(round(math.expm1(x), 6) for x in (0.2, 0.1, 0.3))
    assert effect(test_of(design="split"), [[50, 100], [70, 100]]) == (0.4, 0.2, 0.6)
    assert effect(test_of(design="single_post", kind="count")) == (1.333333, 0.5, 3.0)
    # A third was intended for b: 0.533 of both is 0.533 / 0.467 * 2 times as much.
    assert effect(test_of(design="split", kind="count"), None, (2, 1))[0] == 1.285714
    assert effect(test_of(design="single_post", kind="per_post")) == (None, None, None)
    assert effect(test_of(design="split"), [[0, 100], [7, 100]]) == (None, None, None)


def test_the_plot_keeps_its_zero_inside_and_cuts_what_is_endless():
    plot = evidence.plot("A", [B_AHEAD, Effect("C", "A", -0.9, -0.99, 60.0)])

    assert plot is not None
    assert [row.start >= 0 and row.start + row.width <= 100.01 for row in plot.rows] == [True] * 2
    assert [row.clipped for row in plot.rows] == [False, True]
    assert [row.clear for row in plot.rows] == [True, False]
    assert 0 < plot.zero < 100
    assert 3 <= len(plot.ticks) <= 7
    assert evidence.plot("A", [Effect("B", "A", None)]) is None


def test_what_an_inconclusive_test_could_have_seen():
    rows = [ABTestVariant(name="A"), ABTestVariant(name="B")]
    test = test_of(design="split", kind="proportion", paired_looks=[])
    pair = {"a": "A", "b": "B", "difference": 0.0, "low": -0.0205375, "high": 0.0205375}

    # At 0.04 an interval is ± 2.0537 standard errors of 0.01; 0.0205 + 0.0084 over 0.1.
    found = evidence.detectable(test, rows, [pair], [[100, 1000], [100, 1000]])

    assert found == pytest.approx(0.28954, abs=1e-4)
    assert evidence.detectable(test, rows, [{**pair, "low": None}], [[100, 1000]] * 2) is None


@pytest.mark.parametrize(
    ("p", "words"), [(1.0, "1"), (0.00914, "0.0091"), (1e-12, "10⁻¹²"), (None, "–")]
)
def test_p_is_said_by_its_size(p, words):
    assert p_of(p) == words
