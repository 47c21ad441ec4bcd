"""Counters on networks that charge for reading them, and counters that arrive by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from analytics.models import PublicationStats
from analytics.services import collecting, tracking
from socialhub.models import Account, AccountSpending, Notice, NoticeKind
from socialhub.platforms.base import Metrics
from socialhub.platforms.registry import get_adapter
from socialhub.services import live
from socialhub.tests.factories import AccountFactory, PublicationFactory

pytestmark = pytest.mark.django_db
NOTHING = {"due": 0, "read": 0, "changed": 0, "gone": 0, "absent": 0, "skipped": 0, "errors": {}}
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def server(standins):
    return standins("x")


def account_on_x(server, **fields) -> Account:
    profile = get_adapter("x").connect(server.base_url, "", server.token("office"))
    return AccountFactory(
        platform="x",
        handle=profile.handle,
        remote_id=profile.remote_id,
        secrets=dict(profile.secrets),
        **fields,
    )


def out(server, account, number, at) -> list[int]:
    """So many posts that are on the network, due at once."""
    headers = {"Authorization": f"Bearer {server.token('office')}"}
    made = []
    for n in range(number):
        sent = {"text": f"Number {n} of {number}"}
        answer = server.call("POST", "/2/tweets", json=sent, headers=headers)
        row = PublicationFactory(
            account=account,
            published=True,
            due_at=at,
            published_at=at,
            remote_id=answer["data"]["id"],
        )
        made.append(row.pk)
    tracking.ensure_stats(made)
    return made


def stats(ids):
    return list(PublicationStats.objects.filter(pk__in=ids).order_by("pk"))


def reading_usd(account) -> Decimal:
    return AccountSpending.objects.get(account=account).reading_usd


def test_a_post_is_first_read_after_half_a_day_and_then_once_in_a_day(server):
    account = account_on_x(server)
    ids = out(server, account, 1, NOON)
    asked = server.requests("metrics")

    assert collecting.collect(NOON + timedelta(hours=11)) == NOTHING
    first = collecting.collect(NOON + timedelta(hours=13))
    again = [collecting.collect(NOON + timedelta(hours=n)) for n in range(14, 37)]

    assert first == {**NOTHING, "due": 1, "read": 1, "changed": 1}
    assert again == [NOTHING] * 23
    assert server.requests("metrics") - asked == 1
    [row] = stats(ids)
    assert row.next_collect_at - row.metrics_at == timedelta(days=1)
    assert reading_usd(account) == Decimal("0.005")


def test_a_post_read_twice_on_a_day_is_paid_once(server):
    account = account_on_x(server)
    ids = out(server, account, 2, NOON - timedelta(days=1))
    collecting.collect(NOON)

    PublicationStats.objects.filter(pk__in=ids).update(next_collect_at=NOON)
    same_day = collecting.collect(NOON + timedelta(hours=2))
    PublicationStats.objects.filter(pk__in=ids).update(next_collect_at=NOON)
    next_day = collecting.collect(NOON + timedelta(hours=13))

    assert (same_day["read"], next_day["read"]) == (2, 2)
    assert reading_usd(account) == Decimal("0.02")


def test_what_the_cap_stops_is_not_measured_and_never_zero(server):
    account = account_on_x(server, monthly_cap_usd="0.01")
    ids = out(server, account, 3, NOON - timedelta(days=1))

    found = collecting.collect(NOON)

    assert found == {**NOTHING, "due": 3, "read": 2, "changed": 2, "skipped": 1}
    [skipped] = [row for row in stats(ids) if row.skipped_at is not None]
    assert skipped.metrics_at is None
    assert (skipped.likes, skipped.impressions, skipped.engagements) == (None, None, None)
    assert reading_usd(account) == Decimal("0.01")
    assert Notice.objects.get().kind == NoticeKind.OVER_CAP


def test_a_raised_cap_lets_the_rest_be_read(server):
    account = account_on_x(server, monthly_cap_usd="0.01")
    ids = out(server, account, 3, NOON - timedelta(days=1))
    collecting.collect(NOON)

    Account.objects.filter(pk=account.pk).update(monthly_cap_usd="1.00")
    found = collecting.collect(NOON + timedelta(hours=2))

    assert found == {**NOTHING, "due": 1, "read": 1, "changed": 1}
    assert [row.skipped_at for row in stats(ids)] == [None] * 3


def test_a_reading_that_failed_costs_nothing(server):
    account = account_on_x(server, monthly_cap_usd="1.00")
    out(server, account, 2, NOON - timedelta(days=1))
    server.fault("metrics", "502_after_accept")

    found = collecting.collect(NOON)

    assert found["errors"] == {"unavailable": 2}
    assert reading_usd(account) == 0


def test_counters_that_arrive_by_themselves_are_read_without_a_request():
    account = AccountFactory(platform="telegram", remote_id="-1001")
    at = timezone.now()
    heard, silent = (
        PublicationFactory(
            account=account, published=True, published_at=at, due_at=at, remote_id=one
        )
        for one in ("7", "8")
    )
    tracking.ensure_stats([heard.pk, silent.pk])
    live.store(account, {"-1001": {"7": Metrics(likes=4)}}, at)

    found = collecting.collect(at)

    assert found == {**NOTHING, "due": 2, "read": 2, "changed": 1}
    assert [row.likes for row in stats([heard.pk, silent.pk])] == [4, None]
