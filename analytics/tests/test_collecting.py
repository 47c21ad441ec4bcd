"""The collector against the sandbox network as a process of its own."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from analytics.models import PostMetrics, PublicationStats
from analytics.services import cadence, collecting, tracking, writing
from analytics.services.collecting import CLAIM
from socialhub.models import AccountStatus, Credential, Lease
from socialhub.platforms.base import COUNTERS, GONE, Metrics
from socialhub.services import leases
from socialhub.tests.factories import AccountFactory, PublicationFactory

pytestmark = pytest.mark.django_db

NOTHING = {"due": 0, "read": 0, "changed": 0, "gone": 0, "absent": 0, "skipped": 0, "errors": {}}


def collect(at=None, **expected):
    """One run; the numbers that are not 0 are the expected ones."""
    result = collecting.collect(at or timezone.now())
    assert result == {**NOTHING, **expected}


def stats(publication) -> PublicationStats:
    return PublicationStats.objects.get(pk=publication.pk)


def history(publication, *names) -> list[tuple]:
    rows = PostMetrics.objects.filter(publication=publication).order_by("collected_at")
    return list(rows.values_list(*names))


# -- what is written ---------------------------------------------------------------


def test_first_reading_keeps_numbers_and_what_is_not_reported(desk):
    publication = desk.tracked(age=timedelta(hours=2))
    desk.server.set_metrics(publication.remote_id, likes=3, shares=1, impressions=50, clicks=None)
    desk.server.comment(publication.remote_id, "ana", "Nice")

    collect(due=1, read=1, changed=1)

    row = stats(publication)
    reported = {"likes": 3, "comments": 1, "shares": 1, "impressions": 50}
    assert row.counters() == {name: reported.get(name) for name in COUNTERS}
    assert (row.engagements, row.engagement_rate) == (5, 10.0)
    assert history(publication, "likes", "clicks", "is_manual") == [(3, None, False)]


def test_zero_is_a_number(desk):
    publication = desk.tracked()

    collect(due=1, read=1, changed=1)

    assert (stats(publication).likes, stats(publication).engagements) == (0, 0)
    assert stats(publication).engagement_rate is None


def test_a_snapshot_is_written_only_when_a_counter_changed(desk):
    publication, now = desk.tracked(age=timedelta(hours=2)), timezone.now()
    desk.server.set_metrics(publication.remote_id, likes=1)
    collect(now, due=1, read=1, changed=1)

    collect(now + timedelta(minutes=20), due=1, read=1)
    desk.server.set_metrics(publication.remote_id, likes=4)
    collect(now + timedelta(minutes=40), due=1, read=1, changed=1)

    assert history(publication, "likes") == [(1,), (4,)]
    assert stats(publication).metrics_at >= now + timedelta(minutes=40)


def test_a_counter_no_longer_reported_becomes_unknown_not_zero(desk):
    publication, now = desk.tracked(age=timedelta(hours=2)), timezone.now()
    desk.server.set_metrics(publication.remote_id, likes=1)
    collect(now, due=1, read=1, changed=1)

    desk.server.set_metrics(publication.remote_id, likes=None)
    collect(now + timedelta(minutes=20), due=1, read=1, changed=1)

    assert history(publication, "likes") == [(1,), (None,)]


def test_a_vanished_post_keeps_its_numbers_and_is_marked(desk):
    account = desk.account()
    publication, now = desk.tracked(account, age=timedelta(hours=2)), timezone.now()
    desk.server.set_metrics(publication.remote_id, likes=7)
    collect(now, due=1, read=1, changed=1)
    before = stats(publication)

    desk.server.act("DELETE", f"/api/posts/{publication.remote_id}", account.handle)
    later = now + timedelta(minutes=20)
    collect(later, due=1, read=1, gone=1)

    row = stats(publication)
    assert (row.likes, row.metrics_at) == (7, before.metrics_at)
    assert row.gone_at >= later
    assert row.next_collect_at >= later + timedelta(days=1)
    assert history(publication, "likes") == [(7,)]


def connect_mastodon(mastodon):
    return AccountFactory(
        platform="mastodon",
        server_url=mastodon.base_url,
        handle="office",
        secrets={"access_token": mastodon.token("office")},
    )


def test_next_parts_of_our_own_series_are_not_comments_of_others(desk, mastodon):
    account = connect_mastodon(mastodon)
    first = mastodon.act("POST", "/api/v1/statuses", "office", status="One")["id"]
    reply = {"status": "Two", "in_reply_to_id": first}
    second = mastodon.act("POST", "/api/v1/statuses", "office", **reply)["id"]
    mastodon.act("POST", "/api/v1/statuses", "visitor", status="Hi", in_reply_to_id=first)
    at = timezone.now()
    opening = PublicationFactory(account=account, published=True, remote_id=first)
    PublicationFactory(account=account, published=True, remote_id=second, parent=opening)
    tracking.sweep()

    collect(at + timedelta(seconds=5), due=2, read=2, changed=2)

    row = stats(opening)
    assert (row.comments, row.replies) == (1, 1)


def test_parts_as_comments_are_taken_off_the_first_part(desk, mastodon):
    account = connect_mastodon(mastodon)
    first = mastodon.act("POST", "/api/v1/statuses", "office", status="Part 1")["id"]
    later = [
        mastodon.act("POST", "/api/v1/statuses", "office", status=f"{n}", in_reply_to_id=first)[
            "id"
        ]
        for n in (2, 3)
    ]
    mastodon.act("POST", "/api/v1/statuses", "visitor", status="Hi", in_reply_to_id=first)
    opening = PublicationFactory(account=account, published=True, remote_id=first)
    above = opening
    for remote_id in later:
        above = PublicationFactory(
            account=account,
            published=True,
            remote_id=remote_id,
            parent=above,
            root=opening,
            follows_as="comment",
        )
    at = timezone.now()
    tracking.sweep()

    collect(at + timedelta(seconds=5), due=3, read=3, changed=3)

    assert (stats(opening).comments, stats(above.parent).comments) == (1, 0)


# -- when ----------------------------------------------------------------------------


def test_an_account_has_one_reader(desk):
    publication, now = desk.tracked(), timezone.now()
    account = publication.account

    mine = collecting.claim(account)
    theirs = collecting.claim(account)

    assert (mine is None, theirs) == (False, None)
    collect(now)
    leases.release(f"metrics:{account.pk}", mine)
    collect(now, due=1, read=1, changed=1)
    assert not Lease.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_four_collectors_at_once_read_each_row_once(desk):
    account, now = desk.account(), timezone.now()
    rows = [desk.tracked(account) for _ in range(30)]
    results, barrier = [], threading.Barrier(4)

    def run() -> None:
        barrier.wait()
        try:
            results.append(collecting.collect(now + timedelta(seconds=5)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 4
    assert sum(result["read"] for result in results) == len(rows)
    assert PostMetrics.objects.count() == len(rows)
    assert desk.server.requests("metrics")["count"] == 1


def test_a_reading_older_than_what_is_known_is_dropped(desk):
    publication, now = desk.tracked(), timezone.now()
    newer = now + timedelta(hours=1)
    PublicationStats.objects.filter(pk=publication.pk).update(likes=9, metrics_at=newer)

    collect(now + timedelta(seconds=1), due=1, read=1)

    assert (stats(publication).likes, stats(publication).metrics_at) == (9, newer)
    assert history(publication, "likes") == []
    # Not asked for in a circle.
    wait = stats(publication).next_collect_at - now
    assert timedelta(seconds=16) <= wait < timedelta(seconds=60)
    assert desk.server.requests("metrics")["count"] == 1


@pytest.mark.parametrize(("age", "again"), [(timedelta(days=89), 1), (timedelta(days=90), None)])
def test_a_vanished_post_is_looked_for_daily_until_the_end(desk, age, again):
    publication, at = desk.tracked(age=age), timezone.now() + timedelta(seconds=1)
    writing.write(publication.account, {publication.pk: GONE}, at)

    row = stats(publication)
    assert row.gone_at == at
    assert row.next_collect_at == (again and at + timedelta(days=again))


@pytest.mark.parametrize(
    ("platform", "age"),
    [
        ("bluesky", timedelta(hours=23)),
        ("bluesky", timedelta(days=1)),
        ("bluesky", timedelta(days=7)),
        ("bluesky", timedelta(days=90)),
        ("sandbox", timedelta(minutes=14)),
        ("sandbox", timedelta(minutes=15)),
    ],
)
def test_the_next_reading_follows_the_cadence(platform, age):
    account, at = AccountFactory(platform=platform), timezone.now()
    publication = PublicationFactory(account=account, published=True, published_at=at - age)
    tracking.ensure_stats([publication.pk])

    writing.write(account, {publication.pk: Metrics(likes=1)}, at)

    every = cadence.interval(age, account.capabilities.collect_every_seconds)
    assert stats(publication).next_collect_at == (every and at + every)


def test_what_the_network_never_reports_stays_as_recorded_by_hand(desk):
    publication, now = desk.tracked(age=timedelta(hours=2)), timezone.now()
    never = next(name for name in COUNTERS if name not in publication.account.capabilities.metrics)
    PublicationStats.objects.filter(pk=publication.pk).update(**{never: 6})
    desk.server.set_metrics(publication.remote_id, likes=2)

    collect(now, due=1, read=1, changed=1)

    assert (stats(publication).likes, getattr(stats(publication), never)) == (2, 6)
    assert history(publication, "likes", never) == [(2, 6)]


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_the_rows(desk, rows, django_assert_num_queries):
    account = desk.account()
    for _ in range(rows):
        desk.tracked(account)
    now = timezone.now()

    # Accounts, lease 5 (of which 2 for a savepoint), due, login, write 21 (of which 6 for the two
    # temporary tables, 2 for the savepoint, 5 for rollups and activity), release.
    with django_assert_num_queries(30):
        collect(now, due=rows, read=rows, changed=rows)


def test_nothing_due_costs_one_query(desk, django_assert_num_queries):
    desk.publication()

    with django_assert_num_queries(1):
        collect()


# -- when it fails -----------------------------------------------------------------


def test_a_rate_limit_pauses_reading_of_the_whole_account_only(desk):
    account = desk.account()
    rows, now = [desk.tracked(account) for _ in range(3)], timezone.now()
    desk.server.fault("metrics", "rate_limited", retry_after=900)

    collect(now, due=3, errors={"rate_limited": 3})

    account.refresh_from_db()
    assert account.paused_until is None
    for row in rows:
        wait = stats(row).next_collect_at - now
        assert timedelta(seconds=890) < wait < timedelta(seconds=910)
    collect(now + timedelta(minutes=10))
    collect(now + timedelta(minutes=16), due=3, read=3, changed=3)


def test_a_dead_network_leaves_the_numbers_and_backs_off(desk):
    publication, now = desk.tracked(age=timedelta(hours=2)), timezone.now()
    desk.server.set_metrics(publication.remote_id, likes=5)
    collect(now, due=1, read=1, changed=1)
    desk.server.fault("metrics", "500_before", times=2)

    at = now + timedelta(minutes=20)
    waits = []
    for _ in range(2):
        collect(at, due=1, errors={"unavailable": 1})
        waits.append(round((stats(publication).next_collect_at - at).total_seconds()))
        at = stats(publication).next_collect_at

    assert (stats(publication).likes, waits) == (5, [15, 30])
    collect(at, due=1, read=1)
    assert stats(publication).failures == 0


def test_a_revoked_login_blocks_the_account_and_the_row_waits(desk):
    account = desk.account()
    publication, now = desk.tracked(account), timezone.now()
    desk.server.revoke(account.handle)

    collect(now, due=1, errors={"auth_revoked": 1})

    account.refresh_from_db()
    assert account.status == AccountStatus.NEEDS_RECONNECT
    assert stats(publication).metrics_at is None
    collect(now + timedelta(hours=1))

    # Logging in again makes the token valid; then it is read at once.
    secrets = Credential.objects.get(account=account).secrets
    account.adapter.connect(account.server_url, account.handle, secrets["token"])
    account.status = AccountStatus.ACTIVE
    account.save()
    collect(now + timedelta(hours=1), due=1, read=1, changed=1)


def test_a_reader_that_died_leaves_its_account_to_others(desk):
    publication, now = desk.tracked(), timezone.now()
    collecting.claim(publication.account)

    collect(now + timedelta(minutes=1))
    left = Lease.objects.get().expires_at - now
    # The time is over.
    Lease.objects.update(expires_at=timezone.now())
    collect(now + timedelta(minutes=1), due=1, read=1, changed=1)

    assert CLAIM <= left < CLAIM + timedelta(minutes=1)
    assert connection.in_atomic_block  # the test's own: nothing was left open
    assert stats(publication).failures == 0


def test_secrets_nobody_can_decrypt_do_not_stop_others(desk):
    broken, alive = desk.tracked(), desk.tracked()
    assert broken.account_id < alive.account_id
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Credential._meta.db_table} SET secrets = 'x' WHERE account_id = %s",
            [broken.account_id],
        )

    collect(now, due=2, read=1, changed=1, errors={"internal": 1})

    assert stats(broken).metrics_at is None
    # Not with every tick, but when the lease has run out.
    collect(now)
    Lease.objects.update(expires_at=timezone.now())
    collect(now, due=1, errors={"internal": 1})


def test_a_broken_number_is_no_answer(desk):
    publication, now = desk.tracked(), timezone.now()
    desk.server.set_metrics(publication.remote_id, likes=2**40)

    collect(now, due=1, absent=1)

    row = stats(publication)
    assert (row.likes, row.failures) == (None, 1)
    assert row.next_collect_at - now < timedelta(seconds=20)
