"""The engine's rules, one at a time, against the sandbox network as a process of its own."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.utils import IntegrityError
from django.utils import timezone

from socialhub.models import (
    AccountStatus,
    Notice,
    NoticeKind,
    Outcome,
    Post,
    Publication,
    PublicationAttempt,
    PublicationStatus,
)
from socialhub.platforms.base import Receipt
from socialhub.services import posts, publishing
from socialhub.services.errors import Conflict
from socialhub.services.publishing import claims, fence, generations, outcomes, settling
from socialhub.tests.factories import (
    AccountFactory,
    PublicationFactory,
    organisation,
)
from socialhub.tests.stack.networks import SandboxNetwork

pytestmark = pytest.mark.django_db


@pytest.fixture
def network(sandbox):
    return SandboxNetwork(sandbox)


@pytest.fixture
def publication(network):
    return PublicationFactory(account=network.account(), due_at=timezone.now())


def now_and_again(publication) -> str:
    publication.refresh_from_db()
    return publication.status


# -- due and claim ---------------------------------------------------------------


def test_publishing_saves_id_attempt_and_life(publication, network):
    result = publishing.publish(publication.pk)

    publication.refresh_from_db()
    attempt = publication.attempts.get()
    assert result == "published"
    assert [p["id"] for p in network.truth(publication.account)] == [publication.remote_id]
    assert (attempt.outcome, attempt.remote_id) == (Outcome.ACCEPTED, publication.remote_id)
    assert [line.code for line in publishing.timeline(publication)] == ["accepted"]


@pytest.mark.parametrize(
    "why",
    ["later", "unapproved", "disabled", "needs_reconnect", "paused", "stop_asked", "parent"],
)
def test_what_is_not_due_is_not_claimed(why):
    publication = PublicationFactory()
    row = Publication.objects.filter(pk=publication.pk)
    now = timezone.now()
    if why == "later":
        row.update(not_before=now + timedelta(seconds=5))
    elif why == "unapproved":
        posts.withdraw(publication.post, None)
        row.update(status="scheduled", due_at=now, not_before=now)
    elif why in ("disabled", "needs_reconnect"):
        type(publication.account).objects.update(status=why)
    elif why == "paused":
        type(publication.account).objects.update(paused_until=now + timedelta(minutes=1))
    elif why == "stop_asked":
        row.update(cancel_requested_at=now)
    else:
        row.update(parent=PublicationFactory())

    assert claims.claim(publication.pk, now) is None


@pytest.mark.django_db(transaction=True)
def test_one_of_eight_claims_wins():
    publication = PublicationFactory()
    start = threading.Barrier(8)
    won: list[uuid.UUID | None] = []

    def claim():
        start.wait()
        won.append(claims.claim(publication.pk, timezone.now()))
        connections["default"].close()

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 8
    assert len([token for token in won if token]) == 1


def test_a_tick_over_ten_thousand_rows_needs_few_queries(django_assert_max_num_queries):
    account, later = AccountFactory(), timezone.now() + timedelta(days=1)
    waiting = Post.objects.bulk_create(Post(text=f"Later {n}") for n in range(10_000))
    Publication.objects.bulk_create(
        Publication(post=p, account=account, due_at=later, not_before=later, status="scheduled")
        for p in waiting
    )
    PublicationFactory.create_batch(100, account=account)
    rung: list[int] = []

    with django_assert_max_num_queries(5):
        publishing.ring(timezone.now(), rung.append)

    assert len(rung) == 100


def test_a_row_is_rung_for_once_a_minute(publication):
    now = timezone.now()
    rung: list[int] = []
    for seconds in (0, 30, 61):
        publishing.ring(now + timedelta(seconds=seconds), rung.append)
    assert rung == [publication.pk, publication.pk]


# -- missed ----------------------------------------------------------------------


def test_what_is_long_overdue_asks_a_person(network):
    organisation(missed_after_minutes=120)
    late = timezone.now() - timedelta(minutes=121)
    publication = PublicationFactory(account=network.account(), due_at=late)

    assert publishing.publish(publication.pk) == "missed"

    assert now_and_again(publication) == PublicationStatus.MISSED
    assert network.truth(publication.account) == []
    assert Notice.objects.get().kind == NoticeKind.MISSED


def test_a_part_that_waits_for_its_parent_is_never_missed(network):
    account = network.account()
    parent = PublicationFactory(account=account, due_at=timezone.now())
    part = PublicationFactory(
        account=account, parent=parent, due_at=timezone.now() - timedelta(days=1)
    )

    assert publishing.publish(part.pk) == "not_ours"
    assert part.waiting_for == parent.pk
    publishing.publish(parent.pk)

    part.refresh_from_db()
    assert part.status == PublicationStatus.SCHEDULED
    assert part.not_before > timezone.now()
    Publication.objects.filter(pk=part.pk).update(not_before=timezone.now())
    assert publishing.publish(part.pk) == "published"
    texts = {p["id"]: p["parent_id"] for p in network.truth(account)}
    part.refresh_from_db()
    parent.refresh_from_db()
    assert texts[part.remote_id] == parent.remote_id


def test_a_missed_one_can_be_sent_by_hand(network):
    late = timezone.now() - timedelta(days=2)
    publication = PublicationFactory(account=network.account(), due_at=late)
    publishing.publish(publication.pk)

    publication.refresh_from_db()
    publishing.retry(publication, None)

    assert publishing.publish(publication.pk) == "published"


# -- refusals --------------------------------------------------------------------


def test_a_refusal_for_good_fails_with_a_sentence(publication, network):
    network.fault("commit", "reject")

    assert publishing.publish(publication.pk) == "failed"

    publication.refresh_from_db()
    assert publication.error_code == "invalid_content"
    assert publishing.explain(publication) == (
        "The network did not take this content. Change the post as the details say."
    )
    assert Notice.objects.get().kind == NoticeKind.FAILED


def test_a_network_that_cannot_be_reached_is_tried_later(publication):
    type(publication.account).objects.update(server_url="http://127.0.0.1:1")

    assert publishing.publish(publication.pk) == "later"

    publication.refresh_from_db()
    assert publication.status == PublicationStatus.SCHEDULED
    assert publication.not_before > timezone.now()
    assert (publication.error_code, publication.failures) == ("unavailable", 1)


def test_after_a_day_it_gives_up(publication, settings):
    settings.PUBLISH_GIVE_UP_AFTER = 0
    type(publication.account).objects.update(server_url="http://127.0.0.1:1")

    publishing.publish(publication.pk)

    assert now_and_again(publication) == PublicationStatus.FAILED


def test_a_lost_account_blocks_the_row_and_says_so(publication, network):
    network.server.revoke(publication.account.handle)

    publishing.publish(publication.pk)

    publication.refresh_from_db()
    publication.account.refresh_from_db()
    assert publication.account.status == AccountStatus.NEEDS_RECONNECT
    assert publication.status == PublicationStatus.SCHEDULED
    assert claims.claim(publication.pk, timezone.now()) is None
    assert Notice.objects.get().kind == NoticeKind.RECONNECT


# -- one writer ------------------------------------------------------------------


def fenced(publication):
    """Claim and pass the fence, as a worker does."""
    token = claims.claim(publication.pk, timezone.now())
    row = Publication.objects.for_list().get(pk=publication.pk)
    from socialhub.services import accounts

    connection_ = accounts.connection(row.account)
    generation = generations.freeze(row, row.account.adapter, connection_)
    return row, fence.pass_fence(row, token, generation, "")


def test_the_fence_refuses_a_claim_that_was_taken_away(publication):
    token = claims.claim(publication.pk, timezone.now())
    row = Publication.objects.for_list().get(pk=publication.pk)
    from socialhub.services import accounts

    generation = generations.freeze(row, row.account.adapter, accounts.connection(row.account))
    Publication.objects.update(claim_token=uuid.uuid4())

    assert fence.pass_fence(row, token, generation, "") is None
    assert PublicationAttempt.objects.count() == 0


def test_the_guard_stops_a_worker_that_stood_still(settings):
    settings.PUBLISH_SEND_WINDOW = 30
    fence.send_guard(time.monotonic())()
    with pytest.raises(fence.TooLate):
        fence.send_guard(time.monotonic() - 31)()


def test_a_guard_that_refuses_leaves_nothing_on_the_network(publication, network, settings):
    settings.PUBLISH_SEND_WINDOW = -1

    assert publishing.publish(publication.pk) == "later"

    assert network.truth(publication.account) == []
    assert publication.attempts.get().outcome == Outcome.NOT_SENT


def test_two_requests_of_one_publication_are_never_under_way(publication):
    _row, attempt = fenced(publication)
    with pytest.raises(IntegrityError):
        PublicationAttempt.objects.create(
            publication=publication,
            generation=attempt.generation,
            number=2,
            claim_token=uuid.uuid4(),
            started_at=timezone.now(),
        )


# -- late and double answers -----------------------------------------------------


@pytest.mark.parametrize("state", ["unknown", "scheduled", "cancelled", "failed", "missed"])
def test_a_late_acceptance_wins_from_any_state(publication, state):
    row, attempt = fenced(publication)
    now = timezone.now()
    Publication.objects.filter(pk=row.pk).update(
        status=state, claim_token=None, claimed_at=None, next_look_at=now
    )

    outcomes.record_acceptance(row, attempt, Receipt("late-1"))

    publication.refresh_from_db()
    assert (publication.status, publication.remote_id) == ("published", "late-1")


def test_a_second_copy_is_kept_and_shown(publication):
    row, attempt = fenced(publication)
    outcomes.record_acceptance(row, attempt, Receipt("one"))
    second = PublicationAttempt.objects.create(
        publication=row,
        generation=attempt.generation,
        number=2,
        claim_token=uuid.uuid4(),
        started_at=timezone.now(),
    )

    outcomes.record_acceptance(row, second, Receipt("two"))

    publication.refresh_from_db()
    second.refresh_from_db()
    assert publication.remote_id == "one"
    assert (second.remote_id, second.is_duplicate) == ("two", True)
    assert Notice.objects.get().kind == NoticeKind.DUPLICATE


def test_the_id_of_another_publication_is_not_taken(publication):
    other = PublicationFactory(account=publication.account, published=True)
    row, attempt = fenced(publication)

    assert outcomes.record_acceptance(row, attempt, Receipt(other.remote_id)) is False
    assert now_and_again(publication) == PublicationStatus.PUBLISHING


# -- unknown ---------------------------------------------------------------------


def unknown(publication):
    row, attempt = fenced(publication)
    outcomes.record_unknown(row, attempt, "outcome_unknown")
    Publication.objects.filter(pk=row.pk).update(next_look_at=timezone.now())
    return row, attempt


def test_two_looks_minutes_apart_before_it_is_sent_again(publication, settings):
    row, attempt = unknown(publication)

    first = settling.settle(row.pk, timezone.now())
    at_once = settling.settle(row.pk, timezone.now())
    later = timezone.now() + timedelta(seconds=settings.PUBLISH_LOOK_INTERVAL + 1)
    second = settling.settle(row.pk, later)

    attempt.refresh_from_db()
    assert (first, at_once, second) == ("not_found", "not_ours", "again")
    assert attempt.outcome == Outcome.NOT_OUT
    assert now_and_again(publication) == PublicationStatus.SCHEDULED


def test_sending_again_repeats_the_same_generation_while_it_may_be_out(publication):
    row, attempt = unknown(publication)
    Publication.objects.filter(pk=row.pk).update(
        status="scheduled", next_look_at=None, not_before=timezone.now()
    )
    from socialhub.services import accounts

    again = generations.freeze(row, row.account.adapter, accounts.connection(row.account))
    assert again == attempt.generation


def test_a_look_that_fails_counts_for_nothing(publication, network):
    row, _attempt = unknown(publication)
    network.server.fault("look", "500_before", times=3)

    assert settling.settle(row.pk, timezone.now()) == "later"

    publication.refresh_from_db()
    assert (publication.status, publication.looks) == (PublicationStatus.UNKNOWN, 0)


def test_a_person_says_it_is_live(publication):
    row, _attempt = unknown(publication)

    publishing.resolve(row, None, live=True, permalink="https://example.org/1")

    publication.refresh_from_db()
    assert (publication.status, publication.permalink) == (
        "published",
        "https://example.org/1",
    )


def test_a_person_says_send_again(publication, network):
    row, _attempt = unknown(publication)

    publishing.resolve(row, None, live=False)

    assert publishing.publish(publication.pk) == "published"
    assert len(network.truth(publication.account)) == 1


def test_an_unclaimed_attempt_is_reaped_to_unknown_and_a_bare_claim_to_the_queue(network):
    account = network.account()
    bare = PublicationFactory(account=account, due_at=timezone.now())
    sent = PublicationFactory(account=account, due_at=timezone.now())
    claims.claim(bare.pk, timezone.now())
    fenced(sent)

    counts = publishing.reap(timezone.now() + timedelta(hours=1))

    assert counts == {"freed": 1, "unknown": 1}
    assert (now_and_again(bare), now_and_again(sent)) == ("scheduled", "unknown")


# -- verbs -----------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["cancel", "reschedule"])
def test_a_verb_on_a_row_in_flight_asks_it_to_stop(publication, verb):
    claims.claim(publication.pk, timezone.now())
    arguments = [timezone.now() + timedelta(hours=1)] if verb == "reschedule" else []

    row = getattr(publishing, verb)(publication, None, *arguments)

    assert (row.status, row.cancel_requested_at is not None) == ("publishing", True)


def test_a_published_one_cannot_be_cancelled():
    publication = PublicationFactory(published=True)
    with pytest.raises(Conflict):
        publishing.cancel(publication, None)


def test_punctuality_is_measured_from_the_rows(publication):
    assert publishing.punctuality(timezone.now()).p95 is None
    publishing.publish(publication.pk)
    Publication.objects.update(due_at=timezone.now() - timedelta(seconds=20))

    found = publishing.punctuality(timezone.now() + timedelta(seconds=1))

    assert found.n == 1
    assert 15 < found.p95 < 25


def test_the_database_refuses_states_that_lie(publication):
    for changes in (
        {"status": "published"},
        {"status": "publishing"},
        {"status": "unknown"},
        {"not_before": None},
    ):
        with pytest.raises(IntegrityError), connection_savepoint():
            Publication.objects.filter(pk=publication.pk).update(**changes)


def connection_savepoint():
    from django.db import transaction

    return transaction.atomic(using=connection.alias)
