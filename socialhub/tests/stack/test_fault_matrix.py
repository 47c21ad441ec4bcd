"""Every fault, one by one: nothing twice, nothing lost, and the row's state is the true one.

On the sandbox and on a real Bluesky network; `test_reliability.py` has the others.
Worker, network and test are separate processes; the truth is read from the network's own feed.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from socialhub.models import Outcome, Publication, PublicationStatus
from socialhub.services import posts
from socialhub.tests.factories import PostFactory, PublicationFactory
from socialhub.tests.stack.networks import Network
from socialhub.tests.support.workers import Crew, wait_for

pytestmark = [pytest.mark.thorough, pytest.mark.stack, pytest.mark.django_db(transaction=True)]


def due(network: Network, text: str = "") -> Publication:
    """A publication due now. The mention makes every adapter call the network to prepare."""
    body = text or f"Fault matrix {timezone.now().timestamp()} @nobody.test"
    post = PostFactory(text=body, approved=True)
    return PublicationFactory(post=post, account=network.account(), due_at=timezone.now())


def state(publication: Publication) -> str:
    return Publication.objects.values_list("status", flat=True).get(pk=publication.pk)


def published(publication: Publication, crew: Crew) -> Publication:
    """Wait until the row says published."""

    def done() -> bool:
        return state(publication) == PublicationStatus.PUBLISHED

    try:
        wait_for(done, f"published, is {state(publication)}")
    except AssertionError as exc:
        exc.add_note(crew.log()[-6000:])
        raise
    publication.refresh_from_db()
    return publication


def assert_out_once(publication: Publication, network: Network) -> None:
    """One copy on the network, and the row knows its id."""
    copies = network.truth(publication.account)
    assert [copy["id"] for copy in copies] == [publication.remote_id]
    assert publication.attempts.filter(outcome="").count() == 0


@pytest.mark.parametrize(
    "fault",
    [
        "timeout_after_accept",
        "502_after_accept",
        "500_after_accept",
        "408_after_accept",
        "unreadable_200",
        "reset_after_accept",
        "reset_before",
    ],
)
def test_a_lost_answer_ends_in_one_copy(network, crew, fault):
    publication = due(network)
    network.fault("commit", fault)
    crew.worker()
    crew.ticker()

    published(publication, crew)

    assert_out_once(publication, network)


def test_a_worker_killed_before_the_fence_loses_nothing(network, crew):
    publication = due(network)
    network.fault("before", "slow", seconds=30)
    asked = network.asked("before")
    worker = crew.worker()
    crew.ticker()
    wait_for(lambda: network.asked("before") > asked, "it waits for the network")
    worker.kill()
    assert publication.attempts.count() == 0

    crew.worker()
    published(publication, crew)

    assert_out_once(publication, network)


def test_a_worker_killed_between_fence_and_answer_posts_once(network, crew):
    publication = due(network)
    network.fault("commit", "slow", seconds=2.5)
    worker = crew.worker()
    crew.ticker()
    wait_for(lambda: network.truth(publication.account), "the request arrived")
    worker.kill()
    assert publication.attempts.get().outcome == ""

    crew.worker()
    published(publication, crew)

    assert_out_once(publication, network)


def test_a_database_error_after_success_posts_once(network, crew):
    publication = due(network)
    with broken_success():
        crew.worker()
        crew.ticker()
        wait_for(lambda: network.truth(publication.account), "the request arrived")
        wait_for(lambda: state(publication) == PublicationStatus.UNKNOWN, "the row was reaped")

    published(publication, crew)

    assert_out_once(publication, network)


def test_the_whole_stack_killed_in_mid_publish_posts_once(network, crew):
    publication = due(network)
    network.fault("commit", "slow", seconds=2.5)
    crew.worker()
    crew.ticker()
    wait_for(lambda: network.truth(publication.account), "the request arrived")

    crew.stop()
    crew.worker()
    crew.ticker()

    published(publication, crew)
    assert_out_once(publication, network)


def test_every_broker_message_dropped_loses_nothing(network, crew):
    publication = due(network)
    # Rings, but nobody listens to this queue; then all messages are thrown away.
    deaf = crew.worker(queues="nobody")
    ticker = crew.ticker()
    wait_for(lambda: crew.messages("publish"), "messages wait")
    deaf.kill()
    ticker.kill()
    crew.drop_messages()
    assert network.truth(publication.account) == []

    crew.worker()
    crew.ticker()

    published(publication, crew)
    assert_out_once(publication, network)


def test_two_workers_and_five_messages_post_once(network, crew):
    publication = due(network)
    network.fault("commit", "slow", seconds=1)
    crew.worker()
    crew.worker()
    crew.message(publication.pk, times=5)
    crew.ticker()

    published(publication, crew)
    # Whatever was still in the queue has been worked off.
    wait_for(lambda: crew.messages("publish") == 0, "the queue is empty")

    assert_out_once(publication, network)
    assert publication.attempts.count() == 1


def test_two_beats_post_once(network, crew):
    publication = due(network)
    crew.worker()
    crew.beat()
    crew.beat()

    published(publication, crew)

    assert_out_once(publication, network)
    assert publication.attempts.count() == 1


def test_a_worker_frozen_after_its_claim_does_not_post_a_second_copy(network, crew):
    publication = due(network)
    network.fault("before", "slow", seconds=2)
    asked = network.asked("before")
    frozen = crew.worker(children=1)
    crew.ticker()
    # Claimed, waiting for the network, and certainly inside no transaction.
    wait_for(lambda: network.asked("before") > asked, "it waits for the network")
    frozen.freeze()
    crew.worker()
    published(publication, crew)

    frozen.thaw()
    # It ends without sending: its read was too old, or the fence found the claim taken away.
    ended = re.compile(r"publish_publication\[.*succeeded.*'(stopped|later)'")
    wait_for(lambda: ended.search(crew.log()), "the thawed worker ended its task")

    assert_out_once(publication, network)


def test_rate_limited_is_not_sent_again_before_the_network_said(network, time_machine):
    from socialhub.services import publishing

    publication = due(network)
    network.fault("commit", "rate_limited", retry_after=900)
    start = timezone.now()
    rung: list[int] = []

    publishing.publish(publication.pk)

    publication.refresh_from_db()
    assert publication.status == PublicationStatus.SCHEDULED
    assert publication.attempts.get().outcome == Outcome.REFUSED
    time_machine.move_to(start + timedelta(seconds=895), tick=True)
    assert publishing.ring(timezone.now(), rung.append) == []
    assert publishing.publish(publication.pk) == "not_ours"
    time_machine.move_to(start + timedelta(seconds=910), tick=True)
    assert publishing.ring(timezone.now(), rung.append) == [publication.pk]
    assert publishing.publish(publication.pk) == "published"
    publication.refresh_from_db()
    assert_out_once(publication, network)


@pytest.mark.parametrize(
    "network",
    [
        "sandbox",
        "mastodon",
        "mastodon_plain",
        pytest.param("bluesky", marks=pytest.mark.realnet),
    ],
    indirect=True,
)
@pytest.mark.parametrize("lost", ["first", "second"])
def test_the_same_text_twice_on_purpose_is_two_posts(network, crew, lost):
    if lost == "first":
        network.fault("commit", "timeout_after_accept")
    first = due(network, text="Every Friday the same offer")
    crew.worker()
    crew.ticker()
    published(first, crew)
    if lost == "second":
        network.fault("commit", "timeout_after_accept")
    second = PublicationFactory(post=first.post, account=first.account, due_at=timezone.now())

    published(second, crew)

    ids = sorted(copy["id"] for copy in network.truth(first.account))
    assert ids == sorted([first.remote_id, second.remote_id])
    assert len(ids) == 2


# -- a person changes their mind at every step ---------------------------------------


@pytest.mark.parametrize("verb", ["edit", "cancel", "withdraw"])
def test_a_change_before_the_fence_stops_the_publication(network, crew, verb):
    publication = due(network)
    network.fault("before", "slow", seconds=2)
    crew.worker()
    crew.ticker()
    wait_for(lambda: state(publication) == PublicationStatus.PUBLISHING, "claimed")

    change(publication, verb)

    expected = "cancelled" if verb == "cancel" else "draft"
    wait_for(lambda: state(publication) == expected, f"{expected}, is {state(publication)}")
    assert network.truth(publication.account) == []


@pytest.mark.parametrize("verb", ["edit", "cancel", "withdraw"])
def test_a_change_after_the_fence_comes_too_late_and_the_row_says_so(network, crew, verb):
    publication = due(network)
    network.fault("commit", "slow", seconds=2)
    crew.worker()
    crew.ticker()
    wait_for(publication.attempts.exists, "the fence was passed")

    change(publication, verb)

    published(publication, crew)
    assert_out_once(publication, network)


@pytest.mark.parametrize("verb", ["edit", "cancel", "withdraw"])
def test_a_change_while_unknown_is_honoured_when_it_is_not_out(network, crew, verb):
    publication = due(network)
    network.fault("commit", "reset_before")
    crew.worker()
    ticker = crew.ticker()
    wait_for(lambda: state(publication) == PublicationStatus.UNKNOWN, "unknown")
    ticker.pause()

    change(publication, verb)
    ticker.resume()

    expected = "cancelled" if verb == "cancel" else "draft"
    wait_for(lambda: state(publication) == expected, f"{expected}, is {state(publication)}")
    assert network.truth(publication.account) == []


def change(publication: Publication, verb: str) -> None:
    from socialhub.services import publishing

    if verb == "edit":
        posts.edit(publication.post, None, text="Something else altogether")
    elif verb == "withdraw":
        posts.withdraw(publication.post, None)
    else:
        publishing.cancel(publication, None)


# -- helpers ---------------------------------------------------------------------


class broken_success:
    """While open, the database refuses to write "published": a trigger, in any process."""

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            for statement in _TRIGGER[connection.vendor]:
                cursor.execute(statement)

    def __exit__(self, *exc: object) -> None:
        with connection.cursor() as cursor:
            on = " ON socialhub_publication" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER refuse_published{on}")


_TRIGGER = {
    "sqlite": [
        "CREATE TRIGGER refuse_published BEFORE UPDATE ON socialhub_publication "
        "WHEN NEW.status = 'published' BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION refuse_published() RETURNS trigger AS "
        "$$ BEGIN RAISE EXCEPTION 'disk full'; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER refuse_published BEFORE UPDATE ON socialhub_publication "
        "FOR EACH ROW WHEN (NEW.status = 'published') EXECUTE FUNCTION refuse_published()",
    ],
}
