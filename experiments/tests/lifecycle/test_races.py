"""Many at once: one start, one end. Real threads and a real database."""

from __future__ import annotations

from datetime import time

import pytest
from django.utils import timezone

from experiments.models import ABTest, ABTestState
from experiments.services import ab_tests, evaluating
from experiments.tests.factories import approved, make_test, running, slots
from socialhub.models import PostingSlot, Publication
from socialhub.services import posts
from socialhub.services.errors import ServiceError
from socialhub.tests.factories import AccountFactory, PostFactory, UserFactory
from socialhub.tests.operations.test_leases import WORKERS, race

pytestmark = pytest.mark.django_db(transaction=True)


def tried(call):
    """ "done", or the code of the refusal."""

    def one():
        try:
            call()
        except ServiceError as exc:
            return exc.code
        return "done"

    return one


def test_one_start_of_many_makes_the_posts():
    test, user = approved(), UserFactory(role="Marketer")

    answers = race(tried(lambda: ab_tests.start(test, user)))

    assert sorted(answers) == ["done"] + ["wrong_state"] * (WORKERS - 1)
    assert Publication.objects.count() == 8


def test_an_edit_during_the_start_is_before_or_after_it():
    test = approved()
    starter, editor = UserFactory(role="Marketer"), UserFactory(role="Marketer")
    turns = iter(range(WORKERS))

    def one():
        if next(turns):
            return tried(lambda: ab_tests.start(test, starter))()
        return tried(lambda: ab_tests.edit(test, editor, question="Else?"))()

    answers = race(one)

    test.refresh_from_db()
    if test.state == ABTestState.RUNNING:
        assert (test.question, "already_started" in answers) == ("Which opening is better?", True)
        assert Publication.objects.count() == 8
    else:
        assert (test.state, test.question) == (ABTestState.DRAFT, "Else?")
        assert not Publication.objects.exists()


def test_two_tests_that_start_together_take_different_slots():
    account = slots(AccountFactory())
    for hour in (7, 12, 20):
        PostingSlot.objects.create(account=account, weekday=5, time=time(hour))
    tests = [approved(accounts=[account]) for _n in range(WORKERS)]
    user, turns = UserFactory(role="Marketer"), iter(tests)

    answers = race(tried(lambda: ab_tests.start(next(turns), user)))

    times = list(Publication.objects.values_list("due_at", flat=True))
    assert (answers, len(times), len(set(times))) == (["done"] * WORKERS, 48, 48)


def test_one_stop_of_many_ends_it():
    test, user = running(), UserFactory(role="Marketer")

    answers = race(tried(lambda: ab_tests.stop(test, user)))

    test.refresh_from_db()
    assert answers.count("done") == 1
    assert set(answers) == {"done", "wrong_state"}
    assert (test.state, test.outcome) == (ABTestState.DECIDED, "stopped")


def test_one_post_becomes_one_test():
    post, user = PostFactory(text="New chairs"), UserFactory(role="Marketer")

    answers = race(tried(lambda: ab_tests.from_post(post, user)))

    assert sorted(answers) == ["already_tested"] * (WORKERS - 1) + ["done"]


def test_one_edit_of_many_with_the_same_version_counts():
    test, user = make_test(), UserFactory(role="Marketer")

    answers = race(tried(lambda: ab_tests.edit(test, user, version=1, question="Else?")))

    assert sorted(answers) == ["done"] + ["stale"] * (WORKERS - 1)


def test_stopping_looking_and_editing_at_once_end_it_and_wait_for_nobody():
    """No deadlock, whichever is first; the posts that remain do not go out."""
    test, user = running(), UserFactory(role="Administrator")
    edited = [part.post for part in test.publications.order_by("-pk")[:WORKERS]]
    turns = iter(range(WORKERS))

    def one():
        turn = next(turns)
        verbs = [
            lambda: ab_tests.stop(test, user),
            lambda: evaluating.evaluate(ABTest.objects.get(pk=test.pk), timezone.now()),
            lambda: posts.edit(edited[turn], user, text="Something else"),
        ]
        return tried(verbs[turn % 3])()

    answers = race(one)
    evaluating.evaluate(test, timezone.now())

    test.refresh_from_db()
    assert "done" in answers
    assert (test.state, test.outcome in ("stopped", "invalid")) == (ABTestState.DECIDED, True)
    left = Publication.objects.filter(status__in=["scheduled", "publishing", "unknown"])
    assert not left.exists()
