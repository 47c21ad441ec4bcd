"""A series from the first draft to the network, through the engine and against the sandbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from socialhub.models import Account, FollowsAs, Publication
from socialhub.services import publishing
from socialhub.services.accounts import connecting
from socialhub.services.errors import Conflict
from socialhub.tests.factories import UserFactory
from socialhub.tests.stack.networks import SandboxNetwork
from threads.services import series as services
from threads.services.series import AccountChoice
from threads.tests.factories import chain, put_out, scheduled, statuses

pytestmark = pytest.mark.django_db
WORDS = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon"]


@pytest.fixture
def network(sandbox):
    return SandboxNetwork(sandbox)


def publish_due(steps: int = 10) -> None:
    """The beat and a worker, for a minute of the wall clock."""
    at = timezone.now()
    for step in range(steps):
        now = at + timedelta(seconds=6 * step)
        with time_machine.travel(now, tick=False):
            for pk in publishing.ring(now, lambda pk: None):
                publishing.publish(pk, now)


def test_a_series_goes_out_as_a_chain(network):
    row = scheduled(accounts=[network.account()], closing="Tell us yours!")

    assert (row.state, statuses(row)) == ("scheduled", ["scheduled"] * 3)
    publish_due()

    first, second, third = chain(row)
    posts = network.truth(first.account)
    assert [post["text"] for post in posts] == ["One 1/3", "Two 2/3", "Three\n\nTell us yours! 3/3"]
    assert [post["parent_id"] for post in posts] == [None, first.remote_id, second.remote_id]
    assert (third.root_id, third.parent_id, third.follows_as) == (
        first.pk,
        second.pk,
        FollowsAs.REPLY,
    )
    row.refresh_from_db()
    assert row.state == "published"


def test_a_failed_part_stops_the_rest_and_resume_sends_what_is_missing(network, sandbox):
    row = scheduled(accounts=[network.account()], texts=WORDS, numbering="none")
    sandbox.fault("publish", "reject", contains="Gamma")
    publish_due()

    assert statuses(row) == ["published", "published", "failed", "scheduled", "scheduled"]
    assert row.state == "partial"
    found = services.resume(row, UserFactory(role="Marketer"))
    assert [(one.publication.pk, one.how) for one in found] == [(chain(row)[2].pk, "sent")]
    publish_due()

    rows = chain(row)
    posts = network.truth(rows[0].account)
    assert [post["text"] for post in posts] == WORDS
    assert [post["parent_id"] for post in posts[1:]] == [part.remote_id for part in rows[:-1]]
    assert Publication.objects.count() == 5


def test_an_answer_that_was_lost_is_looked_for_and_not_sent_again(network, sandbox):
    row = scheduled(accounts=[network.account()], texts=WORDS, numbering="none")
    sandbox.fault("publish", "reset_after_accept", contains="Beta")
    publish_due()

    assert statuses(row) == ["published", "unknown", *["scheduled"] * 3]
    with pytest.raises(Conflict) as caught:
        services.withdraw(row, None)
    assert caught.value.code == "in_flight"
    [resumed] = services.resume(row, None)
    assert (resumed.publication.pk, resumed.how) == (chain(row)[1].pk, "looked")
    publishing.settle_due(timezone.now())
    publish_due()

    assert [post["text"] for post in network.truth(chain(row)[0].account)] == WORDS
    assert row.state == "published"


def test_a_part_deleted_on_the_network_ends_the_chain_and_says_so(network, sandbox):
    account = network.account()
    row = scheduled(accounts=[account], pace_seconds=3600)
    publish_due()
    sandbox.act("DELETE", f"/api/posts/{chain(row)[0].remote_id}", account.handle)
    later = timezone.now() + timedelta(hours=1, minutes=1)
    with time_machine.travel(later, tick=False):
        publish_due(1)

    failed = chain(row)[1]
    assert statuses(row) == ["published", "failed", "scheduled"]
    assert (failed.error_code, row.state) == ("not_found", "partial")
    assert network.truth(account) == []


def test_a_disconnected_account_waits_and_the_other_goes_on(network):
    one, two = network.account(), network.account()
    row = scheduled(accounts=[one, two])
    put_out(chain(row, one)[0])
    connecting.disconnect(one, None)
    publish_due()

    assert statuses(row, one) == ["published", "scheduled", "scheduled"]
    assert statuses(row, two) == ["published"] * 3
    assert row.state == "partial"
    with pytest.raises(Conflict) as caught:
        services.resume(row, None, one)
    assert "reconnected" in caught.value.message


def test_comments_hang_on_the_first_part_and_numbered_posts_on_nothing(network):
    one, two = network.account(), network.account()
    Account.objects.filter(pk=one.pk).update(overrides={"threads": False})
    Account.objects.filter(pk=two.pk).update(overrides={"replies": False})
    choices = [
        AccountChoice(Account.objects.get(pk=one.pk), "comments"),
        AccountChoice(Account.objects.get(pk=two.pk), "numbered"),
    ]
    row = scheduled(accounts=choices, numbering="none")
    publish_due()

    first = chain(row, one)[0].remote_id
    shown = [(post["text"], post["parent_id"]) for post in network.truth(one)]
    assert shown == [("One", None), ("Two", first), ("Three", first)]
    assert [(post["text"], post["parent_id"]) for post in network.truth(two)] == [
        ("One 1/3", None),
        ("Two 2/3", None),
        ("Three 3/3", None),
    ]


def test_cancelling_leaves_what_is_out(network):
    row = scheduled(accounts=[network.account()], pace_seconds=3600)
    publish_due()

    services.cancel(row, None)
    publish_due()

    assert statuses(row) == ["published", "cancelled", "cancelled"]
    assert row.state == "partial"
    with pytest.raises(Conflict) as caught:
        services.resume(row, None)
    assert caught.value.code == "nothing_to_resume"
