"""What becomes of a winner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from experiments.models import ABTest, ABTestState, Outcome
from experiments.services import ab_tests
from experiments.services.ab_tests import VariantData
from experiments.tests.factories import running, slots
from socialhub.models import Post, PostStatus, Publication, PublicationStatus
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import AccountFactory, UserFactory, organisation

pytestmark = pytest.mark.django_db


def won(**fields):
    """B won: the row as an evaluation leaves it."""
    test = running(**fields)
    winner = test.variants.get(position=1)
    ABTest.objects.filter(pk=test.pk).update(
        state=ABTestState.DECIDED,
        outcome=Outcome.WINNER,
        reason="planned_end",
        winner=winner,
        decided_at=timezone.now(),
    )
    test.refresh_from_db()
    return test


def marketer():
    return UserFactory(role="Marketer")


def later():
    return timezone.now() + timedelta(days=200)


def test_on_the_accounts_of_the_test_it_is_approved_already():
    test, due = won(), later()

    post = ab_tests.promote(test, marketer(), due_at=due)

    publication = post.publications.get()
    assert (post.text, post.variant_key) == (test.winner.text, "")
    assert (post.status, post.approved_by) == (PostStatus.APPROVED, test.approved_by)
    assert (publication.status, publication.due_at) == (PublicationStatus.SCHEDULED, due)
    assert publication.account == test.accounts.get()
    test.refresh_from_db()
    assert test.promoted_post == post
    assert publication in Publication.objects.due(due)


def test_on_more_accounts_somebody_has_to_approve_it():
    test, account = won(), slots(AccountFactory())

    post = ab_tests.promote(test, marketer(), accounts=[account])

    publication = post.publications.get()
    assert post.status == PostStatus.IN_REVIEW
    assert (publication.account, publication.status) == (account, PublicationStatus.DRAFT)
    assert publication.due_at > timezone.now()


def test_who_may_approve_their_own_puts_it_on_more_accounts_at_once():
    organisation(self_approval=True)

    post = ab_tests.promote(
        won(), UserFactory(role="Administrator"), accounts=[slots(AccountFactory())]
    )

    assert post.status == PostStatus.APPROVED
    assert post.publications.get().status == PublicationStatus.SCHEDULED


def test_the_winners_own_posts_become_evergreen_and_free_for_recycling():
    test = won()
    part = test.publications.filter(variant=test.winner).first()
    Publication.objects.filter(pk=part.publication_id).update(
        status=PublicationStatus.PUBLISHED, remote_id="r1", published_at=part.due_at
    )
    before = Post.objects.count()

    post = ab_tests.promote(test, marketer(), recycle=True)

    assert (post, Post.objects.count()) == (part.post, before)
    post.refresh_from_db()
    assert (post.is_evergreen, post.recycling.time_sensitive) == (True, False)
    assert post.approved_hash == post.content_hash


def test_a_new_post_can_be_evergreen():
    post = ab_tests.promote(won(), marketer(), due_at=later(), evergreen=True)

    post.refresh_from_db()
    assert (post.is_evergreen, hasattr(post, "recycling")) == (True, False)


def test_a_split_link_leads_everybody_to_the_winner():
    links = [VariantData(link=f"https://shop.example/{n}") for n in range(2)]
    test = won(design="split", split_by="link", metric="leads", variants=links)

    assert ab_tests.promote(test, marketer()) is None

    weights = dict(test.link.destinations.values_list("url", "weight"))
    assert weights == {"https://shop.example/0": 0, "https://shop.example/1": 1}
    test.refresh_from_db()
    assert test.promoted_at is not None


def test_only_once():
    test = won()
    ab_tests.promote(test, marketer(), due_at=later())

    with pytest.raises(Conflict) as refused:
        ab_tests.promote(test, marketer(), due_at=later())

    assert refused.value.code == "already_promoted"


def test_without_a_winner_there_is_nothing_to_promote():
    for test in (running(), ab_tests.stop(running(), marketer())):
        with pytest.raises(Conflict) as refused:
            ab_tests.promote(test, marketer())
        assert refused.value.code == "no_winner"


def test_an_account_without_slots_needs_a_time():
    test, account = won(), AccountFactory()

    with pytest.raises(Invalid) as refused:
        ab_tests.promote(test, marketer(), accounts=[account])

    test.refresh_from_db()
    assert (refused.value.code, test.promoted_at) == ("no_slot", None)


@pytest.mark.parametrize("role", ["Approver", "Analyst"])
def test_who_may_not_write_promotes_nothing(role):
    with pytest.raises(Forbidden):
        ab_tests.promote(won(), UserFactory(role=role))


def test_over_the_api(marketer):
    test = won()

    response = marketer.post(
        f"/api/ab-tests/{test.pk}/promote/", {"due_at": later().isoformat(), "evergreen": True}
    )

    assert response.status_code == 200, response.data
    post = Post.objects.get(pk=response.data["promoted_post"])
    assert (post.is_evergreen, post.publications.count()) == (True, 1)


def test_who_may_write_but_not_start_promotes_nothing():
    test = running()
    writer = UserFactory()
    writer.user_permissions.add(Permission.objects.get(codename="change_post"))

    with pytest.raises(Forbidden):
        ab_tests.promote(test, writer)
