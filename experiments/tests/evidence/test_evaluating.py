"""Looks at running tests, and the one decision they lead to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from experiments.models import ABTest, ABTestState, Design, Outcome
from experiments.queries import results
from experiments.services import evaluating, notices
from experiments.tests.evidence.driving import (
    DAY,
    HOUR,
    START,
    Audience,
    drive,
    pair_up,
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


def test_a_better_post_is_named_once_with_its_evidence():
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
    notice = Notice.objects.get()
    assert notices.describe(notice.incident).what == "B beats every other variant."
    assert set(notice.deliveries.values_list("user", flat=True)) == {test.author.pk}


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


# -- paired slots -----------------------------------------------------------------------------


def _paired(seed: int, lift: float, blocks: int = 8) -> tuple[ABTest, Audience]:
    test = running(
        design=Design.PAIRED, planned_size=blocks, ends_at=START + (4 * blocks + 4) * DAY
    )
    audience = Audience(seed, reach=4_000)
    pair_up(test, blocks, audience, lift)
    return test, audience


def test_a_better_text_wins_over_many_slots():
    test, audience = _paired(2, 1.0)

    drive(test, audience, START + 40 * DAY, DAY)

    assert (test.outcome, test.winner.name) == (Outcome.WINNER, "B")
    assert test.evidence["claim_code"] == "account_rate"
    assert test.looks.last().blocks_done == 8
    shown = results.results(test, START + 40 * DAY)
    assert (shown["status"], shown["winner"]) == ("winner", "B")
    assert shown["pairs"][0]["lift_ci"][0] > 0
    assert len(shown["schedule"]) == 16
    assert [one["blocks_done"] for one in shown["looks"]] == list(range(9))
    assert shown["paired"]["slots"] == 8


def test_the_luck_of_posts_names_no_winner():
    test, audience = _paired(3, 0.0)

    drive(test, audience, START + 40 * DAY, DAY)

    assert test.outcome == Outcome.INCONCLUSIVE
    # Of 8 slots whose posts' luck is 0.3.
    assert 0.3 < test.evidence["detectable"] < 1.5
    assert results.results(test, START + 40 * DAY)["winner"] is None


def test_a_showing_is_counted_once_at_its_age():
    test = running(design=Design.PAIRED, planned_size=4, ends_at=START + 60 * DAY)
    a = show(test, "A", START)
    numbers = ((71, 30), (72, 31), (73, 40))
    for hours, likes in numbers:
        read(START + hours * HOUR, {a: Metrics(likes=likes, impressions=1_000)})
        evaluating.evaluate(test, START + hours * HOUR)

    part = test.publications.get()
    assert (part.engagements, part.impressions) == (31, 1_000)
    assert part.counted_at == START + 72 * HOUR


# -- evaluators at work at once -----------------------------------------------------------------


def test_looking_again_at_the_same_time_is_the_same_look():
    test, _audience = _single(1, 0.0)
    first = evaluating.evaluate(test, START + HOUR)

    assert evaluating.evaluate(test, START + HOUR) == first
    assert evaluating.evaluate(test, START) == first
    assert test.looks.count() == 1


def test_one_test_that_fails_does_not_stop_the_others():
    broken, _audience = _single(1, 0.0)
    ABTest.objects.filter(pk=broken.pk).update(kind="nonsense")
    running()

    assert evaluating.evaluate_all(START + HOUR) == {
        "looked": 1,
        "decided": 0,
        "broken": 0,
        "failed": 1,
    }


@pytest.mark.django_db(transaction=True)
def test_two_evaluators_make_one_decision():
    test, audience = _single(1, 0.5)
    at = START
    for _ in range(57):
        audience.pass_time(at, at + 6 * HOUR)
        at += 6 * HOUR
        if evaluating.evaluate(test, at) and test.state == ABTestState.DECIDED:
            break
    # Once more from before the decision, by several at once.
    last = test.looks.last()
    ABTest.objects.filter(pk=test.pk).update(
        state="running", outcome="", winner=None, decided_at=None, evidence={}, reason=""
    )
    last.delete()
    Notice.objects.all().delete()
    start = Barrier(4)

    def look(n: int) -> None:
        mine = ABTest.objects.get(pk=test.pk)
        start.wait(10)
        evaluating.evaluate(mine, at + n * timedelta(seconds=1))
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(4)))

    test.refresh_from_db()
    numbers = list(test.looks.values_list("number", flat=True))
    assert test.outcome == Outcome.WINNER
    assert numbers == list(range(1, len(numbers) + 1))
    assert test.history.filter(history_change_reason="decided").count() == 2
    assert Notice.objects.count() == 1
