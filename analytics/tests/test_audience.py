"""How many follow each account: read from the sandbox network, and what the readings add up to."""

from __future__ import annotations

import io
import json
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from analytics.models import AccountMetrics, DataVersion
from analytics.queries.audience import AccountAudience, followers
from analytics.services import audience
from analytics.services.collecting import CLAIM
from socialhub.models import AccountStatus, Credential, Lease
from socialhub.platforms.base import Audience
from socialhub.tests.factories import AccountFactory, organisation
from socialhub.tests.platforms.contract import closed_port

pytestmark = pytest.mark.django_db

# A Thursday; Mexico City is six hours behind.
NOW = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
NOTHING = {"due": 0, "read": 0, "errors": {}}


def collect(at=NOW, **expected):
    """One run; the numbers that are not 0 are the expected ones."""
    result = audience.collect(at)
    assert result == {**NOTHING, **expected}


def rows(account, *names) -> list[tuple]:
    found = AccountMetrics.objects.filter(account=account).order_by("local_day")
    return list(found.values_list("local_day", *(names or ("followers",))))


def known(account, **by_day) -> None:
    """Readings of November 2026: d24=10 is 10 followers on the 24th."""
    for name, count in by_day.items():
        at = datetime(2026, 11, int(name[1:]), 12, tzinfo=UTC)
        audience.store(account, Audience(followers=count), at)


def ours(account) -> AccountAudience:
    """The account's figures from the 24th to the 26th."""
    [found] = followers([account.pk], date(2026, 11, 24), date(2026, 11, 26))
    return found


# -- what is written ---------------------------------------------------------------


def test_a_reading_keeps_numbers_and_what_is_not_reported(desk):
    account = desk.account()
    desk.server.set_audience(account.handle, followers=12, following=None, posts=3)

    collect(due=1, read=1)

    names = ("followers", "following", "posts")
    assert rows(account, *names) == [(NOW.date(), 12, None, 3)]
    assert AccountMetrics.objects.get().collected_at >= NOW


def test_nobody_following_is_a_number(desk):
    account = desk.account()

    collect(due=1, read=1)

    assert rows(account) == [(NOW.date(), 0)]


def test_the_last_reading_of_a_day_stays(desk):
    account = desk.account()
    desk.server.set_audience(account.handle, followers=12)
    collect(due=1, read=1)

    desk.server.set_audience(account.handle, followers=9)
    later = NOW + timedelta(hours=7)
    collect(later, due=1, read=1)

    assert rows(account) == [(NOW.date(), 9)]
    assert AccountMetrics.objects.get().collected_at >= later


def test_a_number_no_longer_reported_becomes_unknown(desk):
    account = desk.account()
    desk.server.set_audience(account.handle, followers=12)
    collect(due=1, read=1)

    desk.server.set_audience(account.handle, followers=None)
    collect(NOW + timedelta(hours=7), due=1, read=1)

    assert rows(account) == [(NOW.date(), None)]


def test_an_older_reading_does_not_replace_a_newer_one():
    account = AccountFactory()
    audience.store(account, Audience(followers=12), NOW)
    version = DataVersion.objects.get().version

    audience.store(account, Audience(followers=9), NOW - timedelta(minutes=1))

    assert rows(account) == [(NOW.date(), 12)]
    assert DataVersion.objects.get().version == version


def test_the_day_is_that_of_the_organisation(desk):
    organisation(timezone="America/Mexico_City")
    account = desk.account()

    # 03:00 UTC is still yesterday evening there.
    collect(datetime(2026, 11, 26, 3, 0, tzinfo=UTC), due=1, read=1)

    assert rows(account) == [(date(2026, 11, 25), 0)]


def test_what_is_cached_of_the_figures_is_stale_after_a_reading(desk):
    account = desk.account()
    collect(due=1, read=1)
    before = DataVersion.objects.get().version

    collect(NOW + timedelta(days=1), due=1, read=1)

    assert len(rows(account)) == 2
    assert DataVersion.objects.get().version == before + 1


# -- when ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (timedelta(hours=5, minutes=59), {}),
        (timedelta(hours=6, minutes=1), {"due": 1, "read": 1}),
    ],
)
def test_an_account_is_read_again_after_six_hours(desk, later, expected):
    desk.account()
    collect(due=1, read=1)

    collect(NOW + later, **expected)


def test_a_new_day_does_not_wait_six_hours(desk):
    account = desk.account()
    collect(datetime(2026, 11, 26, 23, 50, tzinfo=UTC), due=1, read=1)

    collect(datetime(2026, 11, 27, 0, 1, tzinfo=UTC), due=1, read=1)

    assert [day.day for day, _ in rows(account)] == [26, 27]


def test_only_active_accounts_are_read(desk):
    for status in (AccountStatus.DISABLED, AccountStatus.NEEDS_RECONNECT):
        AccountFactory(server_url=desk.server.base_url, status=status)

    collect()

    assert desk.server.requests("profile")["count"] == 0


def test_nothing_due_costs_two_queries(desk, django_assert_num_queries):
    desk.account()
    collect(due=1, read=1)
    DataVersion.objects.update(timezone="UTC")

    # The zone of the days, and the accounts.
    with django_assert_num_queries(2):
        collect()


@pytest.mark.django_db(transaction=True)
def test_four_collectors_at_once_read_each_account_once(desk):
    accounts = [desk.account() for _ in range(8)]
    results, barrier = [], threading.Barrier(4)

    def run() -> None:
        barrier.wait()
        try:
            results.append(audience.collect(NOW))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 4
    assert sum(result["read"] for result in results) == len(accounts)
    assert AccountMetrics.objects.count() == len(accounts)
    assert desk.server.requests("profile")["count"] == len(accounts)


# -- when it fails -----------------------------------------------------------------


def test_a_dead_network_leaves_yesterday_and_does_not_stop_others(desk):
    dead = AccountFactory(server_url=closed_port())
    alive = [desk.account() for _ in range(3)]
    known(dead, d25=40)

    collect(due=4, read=3, errors={"unavailable": 1})

    assert rows(dead) == [(date(2026, 11, 25), 40)]
    assert [rows(account) for account in alive] == [[(NOW.date(), 0)]] * 3
    collect(NOW + timedelta(minutes=10), due=1, errors={"unavailable": 1})


def test_secrets_nobody_can_decrypt_do_not_stop_others(desk):
    broken, *alive = [desk.account() for _ in range(4)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Credential._meta.db_table} SET secrets = 'x' WHERE account_id = %s",
            [broken.pk],
        )

    collect(due=4, read=3, errors={"internal": 1})

    assert rows(broken) == []
    assert [rows(account) for account in alive] == [[(NOW.date(), 0)]] * 3


def test_a_rate_limit_is_kept_to(desk):
    account = desk.account()
    desk.server.fault("profile", "rate_limited", retry_after=900)
    before = timezone.now()

    collect(due=1, errors={"rate_limited": 1})

    lease = Lease.objects.get()
    assert timedelta(seconds=899) < lease.expires_at - before < timedelta(seconds=930)
    collect(NOW + timedelta(minutes=10))
    # The time is over.
    Lease.objects.update(expires_at=timezone.now())
    collect(NOW + timedelta(minutes=20), due=1, read=1)
    assert rows(account) == [(NOW.date(), 0)]
    account.refresh_from_db()
    assert account.paused_until is None


def test_a_revoked_login_blocks_the_account(desk):
    account = desk.account()
    desk.server.revoke(account.handle)

    collect(due=1, errors={"auth_revoked": 1})

    account.refresh_from_db()
    assert account.status == AccountStatus.NEEDS_RECONNECT
    assert rows(account) == []
    collect()


def test_a_number_that_cannot_be_stored_is_no_answer(desk):
    account = desk.account()
    desk.server.set_audience(account.handle, followers=2**63)

    collect(due=1, errors={"unavailable": 1})

    assert rows(account) == []


def test_a_reader_that_died_leaves_the_account_to_others(desk):
    account = desk.account()
    assert audience._claim(account, NOW) is not None

    collect()
    left = Lease.objects.get().expires_at - timezone.now()
    Lease.objects.update(expires_at=timezone.now())

    assert timedelta(0) < left < CLAIM
    collect(due=1, read=1)


# -- the command ---------------------------------------------------------------------


def test_the_command_prints_what_it_did(desk):
    account, out = desk.account(), io.StringIO()

    call_command("collect_audience", now="2026-11-26T09:00:00-06:00", stdout=out)

    assert json.loads(out.getvalue()) == {"due": 1, "read": 1, "errors": {}}
    assert rows(account) == [(NOW.date(), 0)]


# -- what is read back ---------------------------------------------------------------


def test_followers_of_a_period():
    account = AccountFactory(handle="office")
    known(account, d20=80, d21=90, d24=100, d25=None, d26=104)

    assert ours(account) == AccountAudience(
        account=account.pk,
        handle="office",
        platform="sandbox",
        series=[
            (date(2026, 11, 24), 100),
            (date(2026, 11, 25), None),
            (date(2026, 11, 26), 104),
        ],
        latest=104,
        measured_at=datetime(2026, 11, 26, 12, tzinfo=UTC),
        before=90,
        before_day=date(2026, 11, 21),
    )
    assert ours(account).change == 14


@pytest.mark.parametrize(
    ("readings", "latest", "before", "change"),
    [
        ({}, None, None, None),
        ({"d23": 5}, None, 5, None),
        ({"d24": 5}, 5, None, None),
        ({"d23": 5, "d26": None}, None, 5, None),
        ({"d22": 5, "d23": None, "d25": 3}, 3, 5, -2),
        ({"d23": 0, "d24": 0}, 0, 0, 0),
        ({"d27": 9}, None, None, None),
    ],
)
def test_a_change_needs_both_ends(readings, latest, before, change):
    account = AccountFactory()
    known(account, **readings)

    found = ours(account)

    assert (found.latest, found.before, found.change) == (latest, before, change)


def test_all_accounts_are_those_connected_or_with_a_number_in_the_period():
    active, waiting = AccountFactory(), AccountFactory(status=AccountStatus.NEEDS_RECONNECT)
    left = AccountFactory(status=AccountStatus.DISABLED)
    for account in (left, AccountFactory(status=AccountStatus.DISABLED)):
        known(account, d20=1)
    known(left, d24=1)
    AccountFactory(status=AccountStatus.CONNECTING)

    found = followers(None, date(2026, 11, 24), date(2026, 11, 26))

    assert [one.account for one in found] == [active.pk, waiting.pk, left.pk]


@pytest.mark.parametrize("accounts", [1, 3])
def test_queries_do_not_grow_with_the_accounts(accounts, django_assert_num_queries):
    for _ in range(accounts):
        known(AccountFactory(), d20=1, d24=2, d26=3)

    with django_assert_num_queries(1):
        found = followers(None, date(2026, 11, 24), date(2026, 11, 26))

    assert [one.change for one in found] == [2] * accounts


def test_no_account_is_no_answer():
    known(AccountFactory(), d24=1)

    assert followers([], date(2026, 11, 24), date(2026, 11, 26)) == []
