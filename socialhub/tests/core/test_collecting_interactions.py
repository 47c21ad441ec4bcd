"""What others wrote, fetched from networks that run as processes of their own."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from socialhub import signals
from socialhub.models import Account, AccountStatus, Interaction, Publication
from socialhub.services import collecting_interactions
from socialhub.tests.factories import AccountFactory, PublicationFactory

pytestmark = pytest.mark.django_db


def collect(at=None, **expected):
    """One run; the numbers that are not 0 are the expected ones."""
    result = collecting_interactions.collect(at or timezone.now())
    assert result == {"accounts": 0, "new": 0, "errors": {}, **expected}


@pytest.fixture
def account(sandbox) -> Account:
    made = AccountFactory(server_url=sandbox.base_url)
    sandbox.act("GET", "/api/session", made.handle)
    return made


@pytest.fixture
def publication(sandbox, account) -> Publication:
    at = timezone.now()
    post = {"handle": account.handle, "text": "Hello", "created_at": at.isoformat()}
    remote_id = sandbox.seed(post)[0]["id"]
    return PublicationFactory(account=account, published=True, remote_id=remote_id)


def test_comments_are_stored_with_the_publication_they_answer(sandbox, publication):
    first = sandbox.comment(publication.remote_id, "Ana Gil", "How much is it?")
    sandbox.comment(first, "Luis", "I want to know too")

    collect(accounts=1, new=1)

    row = Interaction.objects.get()
    assert (row.remote_id, row.publication, row.kind) == (first, publication, "comment")
    assert (row.author_handle, row.author_name) == ("ana.gil", "Ana Gil")
    assert row.text == "How much is it?"


def test_a_comment_is_stored_once_however_often_it_comes(sandbox, publication):
    now = timezone.now()
    sandbox.comment(publication.remote_id, "ana", "Nice")
    collect(now, accounts=1, new=1)
    Account.objects.update(interactions_cursor="")

    collect(now + timedelta(minutes=1), accounts=1)

    assert Interaction.objects.count() == 1


def test_the_cursor_goes_on_where_we_stopped(sandbox, publication):
    now = timezone.now()
    first = sandbox.comment(publication.remote_id, "ana", "Nice")
    collect(now, accounts=1, new=1)
    second = sandbox.comment(publication.remote_id, "ana", "Very nice")

    collect(now + timedelta(minutes=1), accounts=1, new=1)

    assert set(Interaction.objects.values_list("remote_id", flat=True)) == {first, second}
    publication.account.refresh_from_db()
    assert publication.account.interactions_cursor == second


def test_a_mention_belongs_to_no_publication(sandbox, account):
    sandbox.act("POST", "/api/posts", "visitor", text=f"Ask @{account.handle} about it")

    collect(accounts=1, new=1)

    assert (Interaction.objects.get().kind, Interaction.objects.get().publication) == (
        "mention",
        None,
    )


@pytest.mark.django_db(transaction=True)
def test_others_are_told_after_the_commit(sandbox, publication):
    sandbox.comment(publication.remote_id, "ana", "Nice")
    heard = []

    def listen(sender, interaction_id, **kwargs):
        heard.append(interaction_id)

    signals.interaction_received.connect(listen)
    try:
        collect(accounts=1, new=1)
    finally:
        signals.interaction_received.disconnect(listen)

    assert heard == [Interaction.objects.get().pk]


def test_what_our_own_account_wrote_is_no_comment(sandbox, publication):
    # Written past us, so that the network lists it like anybody's.
    sandbox.comment(publication.remote_id, publication.account.handle, "Our second thought")
    theirs = sandbox.comment(publication.remote_id, "ana", "Hi")

    collect(accounts=1, new=1)

    assert list(Interaction.objects.values_list("remote_id", flat=True)) == [theirs]


def test_a_reply_of_ours_sent_from_here_is_no_comment(sandbox, publication):
    ours = sandbox.comment(publication.remote_id, "another.name", "Part two")
    PublicationFactory(
        account=publication.account, published=True, remote_id=ours, parent=publication
    )

    collect(accounts=1)

    assert Interaction.objects.count() == 0


# -- when --------------------------------------------------------------------------------


def test_sandbox_accounts_are_read_every_20_seconds(account):
    now = timezone.now()
    collect(now, accounts=1)

    collect(now + timedelta(seconds=19))
    collect(now + timedelta(seconds=20), accounts=1)


def test_real_networks_are_read_every_five_minutes(mastodon):
    AccountFactory(
        platform="mastodon",
        server_url=mastodon.base_url,
        secrets={"access_token": mastodon.token("office")},
    )
    now = timezone.now()
    collect(now, accounts=1)

    collect(now + timedelta(seconds=299))
    collect(now + timedelta(seconds=300), accounts=1)


def test_nothing_due_costs_one_query(account, django_assert_num_queries):
    now = timezone.now()
    Account.objects.update(next_interactions_at=now + timedelta(seconds=1))

    with django_assert_num_queries(1):
        collect(now)


def test_of_two_workers_that_saw_it_due_one_gets_it(account):
    now = timezone.now()
    mine, theirs = Account.objects.get(), Account.objects.get()

    claims = [collecting_interactions.claim(row, now) for row in (mine, theirs)]

    assert claims == [True, False]


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_read_an_account_once(sandbox, publication):
    sandbox.comment(publication.remote_id, "ana", "Nice")
    now, results, barrier = timezone.now(), [], threading.Barrier(4)

    def run() -> None:
        barrier.wait()
        try:
            results.append(collecting_interactions.collect(now))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(result["accounts"] for result in results) == [0, 0, 0, 1]
    assert sandbox.requests("notifications")["count"] == 1
    assert Interaction.objects.count() == 1


# -- when it fails -----------------------------------------------------------------------


def test_a_rate_limit_pauses_reading_only(sandbox, account):
    now = timezone.now()
    sandbox.fault("notifications", "rate_limited", retry_after=600)

    collect(now, errors={"rate_limited": 1})

    account.refresh_from_db()
    assert account.paused_until is None
    assert timedelta(seconds=595) < account.next_interactions_at - now < timedelta(seconds=605)


def test_a_dead_network_is_asked_again_and_nothing_is_lost(sandbox, publication):
    now = timezone.now()
    sandbox.comment(publication.remote_id, "ana", "Nice")
    sandbox.fault("notifications", "500_before")

    collect(now, errors={"unavailable": 1})
    collect(now + timedelta(seconds=20), accounts=1, new=1)


def test_a_revoked_login_blocks_the_account(sandbox, account):
    sandbox.revoke(account.handle)

    collect(errors={"auth_revoked": 1})

    account.refresh_from_db()
    assert account.status == AccountStatus.NEEDS_RECONNECT
    collect(timezone.now() + timedelta(hours=1))


def test_a_dead_account_does_not_stop_the_others(sandbox, account):
    AccountFactory(server_url="http://127.0.0.1:1")

    collect(accounts=1, errors={"unavailable": 1})


def test_the_command_prints_what_it_did(sandbox, publication):
    sandbox.comment(publication.remote_id, "ana", "Nice")
    out = StringIO()

    call_command("collect_interactions", stdout=out)

    assert json.loads(out.getvalue()) == {"accounts": 1, "new": 1, "errors": {}}
