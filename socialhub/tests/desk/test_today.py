"""Today says what waits, offers the one step that helps, and costs the same for many rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from socialhub.models import (
    AccountGrant,
    AccountStatus,
    Post,
    PostEditor,
    PostStatus,
    Publication,
    PublicationStatus,
)
from socialhub.queries import today as queries_today
from socialhub.tests.factories import (
    AccountFactory,
    InteractionFactory,
    PostFactory,
    PublicationFactory,
)

MADRID = ZoneInfo("Europe/Madrid")
NOON = datetime(2026, 11, 24, 12, tzinfo=MADRID)


def in_review(**fields):
    post = PostFactory(status=PostStatus.IN_REVIEW, **fields)
    PublicationFactory(
        post=post, status=PublicationStatus.DRAFT, not_before=None, due_at=_tomorrow()
    )
    return post


def _tomorrow():
    return timezone.now() + timedelta(days=1)


def failed(**fields):
    return PublicationFactory(status=PublicationStatus.FAILED, error_code="permission", **fields)


def test_the_sentence_counts_posts_not_publications(person):
    user, _client = person("Marketer")
    two_networks = PostFactory(approved=True)
    for _n in range(2):
        PublicationFactory(post=two_networks, due_at=NOON + timedelta(hours=2))
    PublicationFactory(published=True, due_at=NOON - timedelta(hours=2))

    found = queries_today.today(user, NOON)

    assert found.sentence == ("2 posts go out today, 1 of them are out already. Nothing needs you.")
    assert (len(found.earlier), len(found.later)) == (1, 2)


def test_days_are_the_organisations(person):
    user, _client = person("Marketer")
    # 23:30 UTC is half past midnight of the next day in Madrid.
    late = datetime(2026, 11, 24, 23, 30, tzinfo=ZoneInfo("UTC"))
    PublicationFactory(due_at=late)

    found = queries_today.today(user, NOON)

    assert found.posts == 0
    assert [day.total for day in found.week] == [0, 1, 0, 0, 0, 0, 0]


def test_a_failed_publication_is_sent_again_by_its_button(person):
    _user, client = person("Marketer")
    publication = failed()
    page = client.get(reverse("admin:index"))
    url = reverse("admin:today-act", args=["retry", publication.pk])
    assert url in page.text

    answer = client.post(url, headers={"HX-Request": "true"})

    publication.refresh_from_db()
    assert publication.status == PublicationStatus.SCHEDULED
    assert "sent again" in answer["HX-Trigger"]
    assert url not in answer.text


def test_a_refusal_is_said_and_nothing_changes(person):
    _user, client = person("Marketer")
    publication = failed()
    Post.objects.filter(pk=publication.post_id).update(status=PostStatus.DRAFT, approved_hash="")

    answer = client.post(
        reverse("admin:today-act", args=["retry", publication.pk]), headers={"HX-Request": "true"}
    )

    publication.refresh_from_db()
    assert publication.status == PublicationStatus.FAILED
    assert "not approved yet" in answer["HX-Trigger"]


def test_a_button_works_without_javascript(person):
    _user, client = person("Marketer")
    publication = failed()

    answer = client.post(reverse("admin:today-act", args=["retry", publication.pk]), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("admin:index")
    assert "sent again" in answer.text


def test_an_approver_is_shown_what_others_wrote(person):
    user, client = person("Approver")
    theirs, own = in_review(), in_review()
    PostEditor.objects.create(post=own, user=user)

    page = client.get(reverse("admin:index"))

    assert reverse("admin:today-act", args=["approve", theirs.pk]) in page.text
    assert reverse("admin:today-act", args=["approve", own.pk]) not in page.text
    client.post(reverse("admin:today-act", args=["approve", theirs.pk]))
    theirs.refresh_from_db()
    assert theirs.status == PostStatus.APPROVED


def test_an_analyst_sees_what_waits_and_no_button(person):
    _user, client = person("Analyst")
    failed()
    InteractionFactory()
    in_review()

    page = client.get(reverse("admin:index"))

    assert "3 things wait for a colleague." in page.text
    assert "/admin/today/retry/" not in page.text
    assert "/admin/today/approve/" not in page.text
    assert "New post" not in page.text


def test_an_analyst_cannot_press_the_button_either(person):
    _user, client = person("Analyst")
    publication = failed()

    client.post(reverse("admin:today-act", args=["retry", publication.pk]))

    publication.refresh_from_db()
    assert publication.status == PublicationStatus.FAILED


def test_rows_of_accounts_not_granted_are_not_there(person):
    user, client = person("Marketer")
    mine, other = failed(post__text="Mine"), failed(post__text="Somebody else's")
    AccountGrant.objects.create(user=user, account=mine.account)

    page = client.get(reverse("admin:index"))
    answer = client.post(reverse("admin:today-act", args=["retry", other.pk]))

    assert "Mine" in page.text
    assert "Somebody else" not in page.text
    assert answer.status_code == 404


def test_an_account_to_reconnect_leads_to_its_page(person):
    _user, client = person()
    account = AccountFactory(status=AccountStatus.NEEDS_RECONNECT)

    page = client.get(reverse("admin:index"))

    assert reverse("admin:socialhub_account_change", args=[account.pk]) in page.text


def test_somebody_without_a_role_is_told_so(person, django_user_model):
    user, client = person("Analyst")
    user.groups.clear()

    page = client.get(reverse("admin:index"))

    assert "You have no role yet." in page.text
    assert client.get(reverse("admin:calendar")).status_code == 403


def _fill(rows):
    for _n in range(rows):
        failed()
        in_review()
        InteractionFactory()
        PublicationFactory(due_at=timezone.now())
        AccountFactory(status=AccountStatus.NEEDS_RECONNECT)


@pytest.mark.parametrize("role", ["", "Marketer"])
def test_more_rows_take_no_more_queries(person, queries, role):
    _user, client = person(role)
    _fill(1)
    one = queries(client, reverse("admin:index"))
    _fill(2)

    assert queries(client, reverse("admin:index")) == one
    assert Publication.objects.count() > 8
