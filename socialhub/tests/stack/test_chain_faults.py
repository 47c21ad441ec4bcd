"""A series whose answers get lost: every part once, in order, under the right parent.

Worker, network and test are separate processes; the truth is read from the network's own feed.
"""

from __future__ import annotations

import pytest
from django.utils import timezone

from socialhub.models import Publication, PublicationStatus
from socialhub.tests.factories import PostFactory, PublicationFactory
from socialhub.tests.stack.networks import Network
from socialhub.tests.support.workers import Crew, wait_for

pytestmark = [pytest.mark.thorough, pytest.mark.stack, pytest.mark.django_db(transaction=True)]
PARTS = 5


def chain(network: Network, name: str) -> list[Publication]:
    """A series due now on an account of its own. Each text is one word, so that a fault finds it
    in any encoding."""
    account = network.account()
    rows: list[Publication] = []
    for n in range(1, PARTS + 1):
        above = {"parent": rows[-1], "root": rows[0], "pace_seconds": 0} if rows else {}
        post = PostFactory(text=f"{name}part{n}", approved=True, content_type="thread")
        rows.append(PublicationFactory(post=post, account=account, due_at=timezone.now(), **above))
    return rows


def out(rows: list[Publication]) -> int:
    ids = [row.pk for row in rows]
    return Publication.objects.filter(pk__in=ids, status=PublicationStatus.PUBLISHED).count()


def assert_unbroken(network: Network, rows: list[Publication]) -> None:
    """The feed holds exactly the parts, each answering the one before; the rows know their ids."""
    feed = {post["text"]: post for post in network.truth(rows[0].account)}
    ids = {
        row.post.text: row.remote_id
        for row in Publication.objects.filter(pk__in=[r.pk for r in rows])
    }
    texts = [row.post.text for row in rows]
    assert len(network.truth(rows[0].account)) == PARTS
    assert {text: post["id"] for text, post in feed.items()} == ids
    above = [None, *(feed[text]["id"] for text in texts[:-1])]
    assert [feed[text]["parent_id"] or None for text in texts] == above


def test_a_lost_answer_at_any_part_keeps_the_chain(network, crew: Crew):
    # One series per place where the answer gets lost, all at once.
    series = [chain(network, f"lost{k}at") for k in range(1, PARTS + 1)]
    for k, rows in enumerate(series, 1):
        network.fault("commit", "timeout_after_accept", contains=rows[k - 1].post.text)
    crew.worker(children=4)
    crew.ticker()

    def done() -> bool:
        return all(out(rows) == PARTS for rows in series)

    try:
        wait_for(done, "every part of every series", seconds=120)
    except AssertionError as exc:
        exc.add_note(crew.log()[-4000:])
        raise
    for rows in series:
        assert_unbroken(network, rows)
        assert all(row.attempts.count() == 1 for row in rows)


def test_a_worker_killed_in_mid_series_sends_each_part_once(network, crew: Crew):
    rows = chain(network, "killed")
    network.fault("commit", "slow", seconds=2.5, contains=rows[2].post.text)
    worker = crew.worker()
    crew.ticker()
    wait_for(lambda: len(network.truth(rows[0].account)) == 3, "part 3 arrived")
    worker.kill()
    assert out(rows) == 2

    crew.worker()
    wait_for(lambda: out(rows) == PARTS, "the whole series", seconds=90)

    assert_unbroken(network, rows)
