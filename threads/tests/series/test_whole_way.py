"""A series from the first draft to the network, through the engine and against the sandbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from socialhub.models import FollowsAs, Publication
from socialhub.services import publishing
from socialhub.tests.factories import UserFactory
from socialhub.tests.stack.networks import SandboxNetwork
from threads.services import series as services
from threads.tests.factories import chain, scheduled, statuses

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
