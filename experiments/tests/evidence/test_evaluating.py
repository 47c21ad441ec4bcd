"""Looks at running tests, and the one decision they lead to."""

from __future__ import annotations

import pytest

from experiments.models import ABTest, ABTestState, Outcome
from experiments.services import evaluating
from experiments.tests.evidence.driving import (
    DAY,
    HOUR,
    START,
    Audience,
    drive,
    read,
    running,
    show,
)
from socialhub.models import Notice
from socialhub.platforms.base import Metrics

pytestmark = pytest.mark.django_db


def _single(seed: int, lift: float) -> tuple[ABTest, Audience]:
    test, audience = running(planned_size=30_000), Audience(seed)
    audience.meets(show(test, "A", START))
    audience.meets(show(test, "B", START), lift)
    return test, audience


def test_a_better_post_is_named_once_with_its_evidence(django_capture_on_commit_callbacks):
    test, audience = _single(1, 0.5)

    drive(test, audience, START + 16 * DAY, 6 * HOUR)

    assert (test.state, test.outcome) == (ABTestState.DECIDED, Outcome.WINNER)
    assert test.winner.name == "B"
    last = test.looks.last()
    assert last.leader == test.winner
    assert last.log10_p < last.log10_bound
    assert test.decided_at == last.at
    assert test.evidence["counts"] == last.counts
    assert test.evidence["claim_code"] == "post_rate"
    assert Notice.objects.get().incident == f"experiments:decided:{test.pk}:"


def test_a_decision_is_never_made_again():
    test, audience = _single(1, 0.5)
    drive(test, audience, START + 16 * DAY, 6 * HOUR)
    decided = ABTest.objects.filter(pk=test.pk).values().get()
    looks = test.looks.count()

    # The loser overtakes.
    read(
        START + 20 * DAY,
        {
            one: Metrics(likes=10**6 * (1 - n), impressions=10**7)
            for n, one in enumerate(audience.totals)
        },
    )

    assert evaluating.evaluate(test, START + 20 * DAY) is None
    assert ABTest.objects.filter(pk=test.pk).values().get() == decided
    assert test.looks.count() == looks


def test_equal_posts_end_without_a_winner():
    test, audience = _single(5, 0.0)

    drive(test, audience, START + 16 * DAY, 6 * HOUR)

    assert test.outcome in (Outcome.INCONCLUSIVE, Outcome.NO_MEANINGFUL_DIFFERENCE)
    assert test.winner is None
    assert [look.number for look in test.looks.all()] == list(range(1, test.looks.count() + 1))
