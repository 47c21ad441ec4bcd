"""Stopping, extending, and a variant that was changed or is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from analytics.models import PublicationStats
from analytics.services import tracking
from experiments.models import ABTestState, Outcome
from experiments.services import ab_tests, evaluating
from experiments.tests.factories import make_test, running
from socialhub.models import Publication, PublicationStatus
from socialhub.services import posts, publishing
from socialhub.services.errors import Conflict, Invalid
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def marketer():
    return UserFactory(role="Marketer")


def statuses(test):
    rows = Publication.objects.filter(ab_test_part__test=test)
    return set(rows.values_list("status", flat=True))


def publish(part):
    """As if it went out at its time."""
    rows = Publication.objects.filter(pk=part.publication_id)
    rows.update(
        status=PublicationStatus.PUBLISHED, remote_id=f"r{part.pk}", published_at=part.due_at
    )
    return rows.get()


# -- stopping -------------------------------------------------------------------------


def test_a_stopped_test_is_decided_and_its_posts_do_not_go_out():
    test = running()
    out = publish(test.publications.first())

    found = ab_tests.stop(test, marketer())

    assert (found.state, found.outcome, found.winner) == (
        ABTestState.DECIDED,
        Outcome.STOPPED,
        None,
    )
    assert found.evidence["state"] == "stopped"
    assert statuses(test) == {PublicationStatus.CANCELLED, PublicationStatus.PUBLISHED}
    out.refresh_from_db()
    assert out.status == PublicationStatus.PUBLISHED
    assert "stopped" in found.history.values_list("history_change_reason", flat=True)


def test_a_stopped_test_that_was_looked_at_this_very_moment_is_decided_too():
    test = running()

    with time_machine.travel(timezone.now(), tick=False):
        evaluating.evaluate(test, timezone.now())
        found = ab_tests.stop(test, marketer())

    assert found.outcome == Outcome.STOPPED


@pytest.mark.parametrize("make", [make_test, lambda: ab_tests.stop(running(), marketer())])
def test_what_does_not_run_is_not_stopped(make):
    test = make()
    before = (test.state, test.outcome, test.stopped_at)

    with pytest.raises(Conflict) as refused:
        ab_tests.stop(test, marketer())

    test.refresh_from_db()
    assert refused.value.code == "wrong_state"
    assert (test.state, test.outcome, test.stopped_at) == before


# -- extending ------------------------------------------------------------------------


def test_an_extension_leaves_the_planned_end_where_it_is():
    test = running(design="single_post")
    end, until = test.ends_at, test.ends_at + timedelta(days=7)

    found = ab_tests.extend(test, marketer(), until)

    assert (found.ends_at, found.extended_to) == (end, until)
    with pytest.raises(Invalid) as shorter:
        ab_tests.extend(test, marketer(), end + timedelta(days=1))
    with pytest.raises(Invalid) as longer:
        ab_tests.extend(test, marketer(), found.starts_at + timedelta(days=29))
    assert (shorter.value.code, longer.value.code) == ("not_later", "too_late")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "not_extendable"),
        ({"design": "single_post", "is_open_ended": True}, "open_ended"),
    ],
)
def test_what_is_not_extended(fields, code):
    test = running(**fields)

    with pytest.raises(Conflict) as refused:
        ab_tests.extend(test, marketer(), timezone.now() + timedelta(days=20))

    assert refused.value.code == code
    test.refresh_from_db()
    assert test.extended_to is None


def test_a_draft_is_not_extended():
    with pytest.raises(Conflict):
        ab_tests.extend(make_test(), marketer(), timezone.now() + timedelta(days=20))


# -- a variant that is not what it was ----------------------------------------------


def evaluated(test):
    evaluating.evaluate(test, timezone.now())
    test.refresh_from_db()
    return test


def test_an_edited_post_breaks_its_test_at_once(django_capture_on_commit_callbacks):
    test = running()
    post = test.publications.first().post

    with django_capture_on_commit_callbacks(execute=True):
        posts.edit(post, UserFactory(role="Administrator"), text="Something else")

    test.refresh_from_db()
    assert (test.state, test.broken_why) == (ABTestState.RUNNING, "variant_edited")
    assert statuses(test) == {PublicationStatus.CANCELLED}
    found = evaluated(test)
    assert (found.state, found.outcome, found.reason) == (
        ABTestState.DECIDED,
        Outcome.INVALID,
        "variant_edited",
    )


def test_an_edit_nobody_told_of_is_found_by_the_next_look():
    test = running()

    # No commit in this test: the signal's work is lost.
    posts.edit(test.publications.first().post, UserFactory(role="Administrator"), text="Else")

    test.refresh_from_db()
    assert test.broken_at is None
    found = evaluated(test)
    assert (found.outcome, found.reason) == (Outcome.INVALID, "variant_edited")


def test_what_readers_do_not_see_may_be_changed(django_capture_on_commit_callbacks):
    test = running()
    post = test.publications.first().post

    with django_capture_on_commit_callbacks(execute=True):
        posts.edit(post, UserFactory(role="Administrator"), is_evergreen=True)

    assert evaluated(test).state == ABTestState.RUNNING


def test_a_cancelled_showing_makes_the_test_invalid():
    test = running()

    publishing.cancel(test.publications.first().publication, UserFactory(role="Administrator"))

    found = evaluated(test)
    assert (found.outcome, found.reason) == (Outcome.INVALID, "variant_deleted")
    assert statuses(test) == {PublicationStatus.CANCELLED}


def test_a_post_deleted_on_the_network_makes_the_test_invalid():
    test = running()
    out = publish(test.publications.first())
    with time_machine.travel(out.published_at + timedelta(hours=2), tick=False):
        tracking.ensure_stats([out.pk])
        PublicationStats.objects.filter(pk=out.pk).update(gone_at=timezone.now())
        found = evaluated(test)

    assert (found.outcome, found.reason) == (Outcome.INVALID, "variant_deleted")


def test_the_first_reason_stays():
    test = running()

    assert ab_tests.break_test(test, "variant_deleted")
    assert not ab_tests.break_test(test, "variant_edited")

    test.refresh_from_db()
    assert test.broken_why == "variant_deleted"


def test_only_a_running_test_breaks():
    stopped = ab_tests.stop(running(), marketer())

    assert not ab_tests.break_test(stopped, "variant_edited")
    assert not ab_tests.break_test(make_test(), "variant_edited")


def test_the_composer_knows_of_a_running_test():
    test = running()
    part = test.publications.first()

    assert ab_tests.running_part(part.post) == part
    ab_tests.stop(test, marketer())
    assert ab_tests.running_part(part.post) is None
