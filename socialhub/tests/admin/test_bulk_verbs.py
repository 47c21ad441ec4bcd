"""Bulk actions: each row goes through its service, and the message counts what came of it."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from socialhub.models import AccountStatus, PostStatus
from socialhub.services import posts
from socialhub.tests.factories import (
    AccountFactory,
    InteractionFactory,
    PostFactory,
    PublicationFactory,
)

pytestmark = pytest.mark.django_db


def run(client, model: str, action: str, rows) -> list[str]:
    response = client.post(
        reverse(f"admin:socialhub_{model}_changelist"),
        {"action": action, ACTION_CHECKBOX_NAME: [row.pk for row in rows]},
    )
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_approving_several_counts_those_refused_and_says_why(person):
    author, _client = person("Marketer")
    _judge, client = person("Approver")
    waiting = [posts.create(author, text="x", accounts=[AccountFactory()]) for _n in range(2)]
    for post in waiting:
        posts.submit(post, author)
    done = PostFactory(approved=True)

    said = run(client, "post", "approve_selected", [*waiting, done])

    assert said == ["2 approved, 1 refused: This post is approved, so this cannot be done."]
    assert [posts_.status for posts_ in _fresh(waiting)] == [PostStatus.APPROVED] * 2


def test_sending_again_counts_only_failed_ones(person):
    _user, client = person("Marketer")
    failed = PublicationFactory(status="failed", error_code="unavailable")
    out = PublicationFactory(published=True)

    said = run(client, "publication", "retry_selected", [failed, out])

    assert said[0].startswith("1 on the queue again, 1 refused:")
    assert [row.status for row in _fresh([failed, out])] == ["scheduled", "published"]


def test_comments_are_archived_and_assigned(person):
    user, client = person("Marketer")
    one, two = InteractionFactory(), InteractionFactory()

    run(client, "interaction", "archive_selected", [one])
    run(client, "interaction", "assign_selected", [two])

    one, two = _fresh([one, two])
    assert one.archived_at is not None
    assert two.assignee == user


def test_accounts_are_disconnected_not_deleted(person):
    _user, client = person("Administrator")
    account = PublicationFactory().account

    said = run(client, "account", "disconnect_selected", [account])

    [account] = _fresh([account])
    assert said == ["1 disconnected"]
    assert account.status == AccountStatus.DISABLED
    url = reverse("admin:socialhub_account_delete", args=[account.pk])
    assert client.post(url, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("model", "action", "make"),
    [
        ("post", "submit_selected", PostFactory),
        ("post", "approve_selected", PostFactory),
        ("post", "archive_selected", PostFactory),
        ("publication", "cancel_selected", PublicationFactory),
        ("publication", "retry_selected", lambda: PublicationFactory(status="failed")),
        ("interaction", "archive_selected", InteractionFactory),
        ("account", "disconnect_selected", AccountFactory),
    ],
)
def test_an_analyst_is_not_offered_any_of_it(person, model, action, make):
    _user, client = person("Analyst")
    row = make()
    before = type(row).objects.filter(pk=row.pk).values().get()

    run(client, model, action, [row])
    page = client.get(reverse(f"admin:socialhub_{model}_changelist")).content.decode()

    assert action not in page
    assert type(row).objects.filter(pk=row.pk).values().get() == before


def test_an_export_holds_the_visible_rows_and_no_formulas(person):
    user, client = person("Marketer")
    seen, hidden = AccountFactory(), AccountFactory()
    user.account_grants.create(account=seen)
    PublicationFactory(account=seen, post=PostFactory(text="=1+1", approved=True))
    PublicationFactory(account=hidden, published_at=timezone.now())

    url = reverse("admin:socialhub_publication_export")
    response = client.post(url, {"format": "0", "resource": ""})

    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [(row["account"], row["text"]) for row in rows] == [(seen.handle, "'=1+1")]


def _fresh(rows):
    return [type(row).objects.get(pk=row.pk) for row in rows]
