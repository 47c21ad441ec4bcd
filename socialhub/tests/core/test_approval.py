"""Approval vouches for exactly one content, by somebody who did not write it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from socialhub.models import AccountGrant, PostStatus, Publication, PublicationStatus
from socialhub.services import posts
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import AccountFactory, UserFactory, organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer():
    return UserFactory(role="Marketer")


@pytest.fixture
def approver():
    return UserFactory(role="Approver")


def written(marketer, **fields):
    fields = {"text": "Fresh bread", "accounts": [AccountFactory()], **fields}
    return posts.create(marketer, **fields)


def in_an_hour():
    return timezone.now() + timedelta(hours=1)


def statuses(post) -> list[str]:
    return list(post.publications.order_by("pk").values_list("status", flat=True))


def test_approving_schedules_at_the_time_that_was_chosen(marketer, approver):
    due_at = in_an_hour()
    post = written(marketer, due_at=due_at)
    posts.submit(post, marketer)

    posts.approve(post, approver)

    publication = Publication.objects.get()
    post.refresh_from_db()
    assert (post.status, post.approved_by) == (PostStatus.APPROVED, approver)
    assert (publication.status, publication.due_at) == (PublicationStatus.SCHEDULED, due_at)


def test_approving_after_the_chosen_time_asks_for_a_new_one(marketer, approver):
    post = written(marketer, due_at=in_an_hour())
    posts.submit(post, marketer)
    post.publications.update(due_at=timezone.now() - timedelta(minutes=1))

    with pytest.raises(Invalid) as refused:
        posts.approve(post, approver)
    assert refused.value.code == "due_passed"
    post.refresh_from_db()
    assert (post.status, statuses(post)) == (PostStatus.IN_REVIEW, [PublicationStatus.DRAFT])

    posts.approve(post, approver, due_at=in_an_hour())
    assert statuses(post) == [PublicationStatus.SCHEDULED]


@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_approves_what_they_edited(superuser):
    administrator = UserFactory(role="Administrator", is_superuser=superuser)
    post = written(administrator)
    posts.submit(post, administrator)

    with pytest.raises(Forbidden):
        posts.approve(post, administrator)

    organisation(self_approval=True)
    posts.approve(post, administrator)
    post.refresh_from_db()
    assert post.status == PostStatus.APPROVED


def test_who_edited_before_the_last_approval_may_approve_the_next_edit(marketer):
    administrator = UserFactory(role="Administrator")
    post = written(administrator)
    posts.approve(post, UserFactory(role="Approver"))
    posts.edit(post, marketer, text="Other bread")

    posts.approve(post, administrator)

    post.refresh_from_db()
    assert post.status == PostStatus.APPROVED


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Other bread"},
        {"link": "https://example.org/bread"},
        {"track_link": True, "link": "https://example.org/"},
        {"language": "es"},
        {"overrides": "for the account"},
        {"accounts": "one more"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_content_takes_the_post_off_the_queue(marketer, approver, change):
    post = written(marketer, due_at=in_an_hour())
    posts.submit(post, marketer)
    posts.approve(post, approver)
    publication = post.publications.get()
    if "overrides" in change:
        change = {"overrides": {publication.account_id: "Only here"}}
    if "accounts" in change:
        change = {"accounts": [publication.account, AccountFactory()]}

    posts.edit(post, marketer, **change)

    post.refresh_from_db()
    assert post.status == PostStatus.DRAFT
    assert set(statuses(post)) == {PublicationStatus.DRAFT}


def test_a_change_of_campaign_needs_no_new_approval(marketer, approver):
    from socialhub.tests.factories import CampaignFactory

    post = written(marketer, due_at=in_an_hour())
    posts.submit(post, marketer)
    posts.approve(post, approver)

    posts.edit(post, marketer, campaign=CampaignFactory(), is_evergreen=True)

    post.refresh_from_db()
    assert (post.status, statuses(post)) == (PostStatus.APPROVED, [PublicationStatus.SCHEDULED])


def test_a_form_opened_before_another_edit_is_refused(marketer):
    post = written(marketer)
    seen = post.version
    posts.edit(post, marketer, text="First")

    with pytest.raises(Conflict) as refused:
        posts.edit(post, marketer, version=seen, text="Second")

    post.refresh_from_db()
    assert (refused.value.code, post.text) == ("stale", "First")


def test_text_that_does_not_fit_is_not_handed_in(marketer):
    account = AccountFactory(platform="bluesky", handle="shop.example")
    post = written(marketer, text="x" * 301, accounts=[account])

    with pytest.raises(Invalid) as refused:
        posts.submit(post, marketer)

    post.refresh_from_db()
    assert refused.value.message == "Too long for Bluesky: 301 of 300. Shorten the text."
    assert post.status == PostStatus.DRAFT


def test_too_many_bytes_of_emoji_are_named(marketer):
    account = AccountFactory(platform="bluesky", handle="shop.example")
    post = written(marketer, text="👨‍👩‍👧‍👦" * 160, accounts=[account])

    with pytest.raises(Invalid) as refused:
        posts.submit(post, marketer)

    assert "4000 of 3000" in refused.value.message


def test_changes_need_a_comment(marketer, approver):
    post = written(marketer)
    posts.submit(post, marketer)

    with pytest.raises(Invalid):
        posts.request_changes(post, approver, "  ")
    posts.request_changes(post, approver, "Name the price.")

    post.refresh_from_db()
    assert (post.status, post.review_comment) == (
        PostStatus.CHANGES_REQUESTED,
        "Name the price.",
    )


def test_withdrawing_takes_it_off_the_queue(marketer, approver):
    post = written(marketer, due_at=in_an_hour())
    posts.submit(post, marketer)
    posts.approve(post, approver)

    posts.withdraw(post, marketer)

    assert statuses(post) == [PublicationStatus.DRAFT]


def test_a_post_without_account_is_not_handed_in(marketer):
    with pytest.raises(Invalid) as refused:
        posts.submit(posts.create(marketer, text="Bread"), marketer)
    assert refused.value.code == "no_accounts"


def test_a_due_time_in_the_past_stores_nothing(marketer):
    with pytest.raises(Invalid):
        written(marketer, due_at=timezone.now() - timedelta(minutes=5))
    assert Publication.objects.count() == 0


def test_history_names_who_did_what(marketer, approver):
    post = written(marketer)
    posts.submit(post, marketer)
    posts.approve(post, approver)

    rows = post.history.order_by("history_id").values_list(
        "history_user__username", "history_change_reason", "status"
    )
    assert list(rows)[-2:] == [
        (marketer.username, "submitted", "in_review"),
        (approver.username, "approved", "approved"),
    ]


@pytest.mark.parametrize("verb", ["edit", "submit", "schedule", "queue", "withdraw", "archive"])
def test_a_post_that_also_goes_elsewhere_is_left_alone(verb):
    limited, granted = UserFactory(role="Administrator"), AccountFactory()
    AccountGrant.objects.create(user=limited, account=granted)
    post = written(UserFactory(role="Marketer"), accounts=[granted, AccountFactory()])

    with pytest.raises(Forbidden) as refused:
        getattr(posts, verb)(post, limited)

    assert refused.value.code == "other_accounts"
