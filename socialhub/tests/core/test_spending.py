"""The monthly cap: reserved before sending, shared by all workers, given back when refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connections

from socialhub.models import AccountSpending, LiveReading, Notice, NoticeKind
from socialhub.platforms.base import Metrics
from socialhub.services import live, spending
from socialhub.services.accounts import findings
from socialhub.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


def on_x(**fields):
    return AccountFactory(platform="x", **fields)


def spent(account):
    row = AccountSpending.objects.get(account=account)
    return row.writing_usd, row.reading_usd


def test_money_is_reserved_up_to_the_cap_and_given_back():
    account = on_x(monthly_cap_usd="0.03")

    took = [spending.reserve(account, {"post": 1}, AT) for _ in range(3)]
    spending.release(account, {"post": 1}, AT)
    again = spending.reserve(account, {"post": 1}, AT)

    assert (took, again) == ([True, True, False], True)
    assert spent(account) == (Decimal("0.03"), 0)


def test_a_sum_taken_back_is_zero():
    account = on_x()
    for _ in range(7):
        spending.reserve(account, {"post": 1, "post_read": 1}, AT)
    for _ in range(7):
        spending.release(account, {"post": 1, "post_read": 1}, AT)

    assert spent(account) == (0, 0)


def test_the_next_month_in_utc_has_money_of_its_own():
    account = on_x(monthly_cap_usd="0.015")
    assert spending.reserve(account, {"post": 1}, AT)
    assert not spending.reserve(account, {"post": 1}, AT)

    assert spending.reserve(account, {"post": 1}, spending.next_month(AT))


def test_people_are_told_once_per_month_and_cap():
    account = on_x(monthly_cap_usd=0)

    errors = [spending.refusal(account, AT).code for _ in range(2)]

    assert errors == ["over_cap", "over_cap"]
    assert Notice.objects.filter(kind=NoticeKind.OVER_CAP, account=account).count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_workers_together_stay_within_the_cap():
    account = on_x(monthly_cap_usd="0.06")
    start, took = threading.Barrier(8), []

    def reserve():
        start.wait()
        try:
            took.append(spending.reserve(account, {"post": 1}, AT))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=reserve) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(took) == [False] * 4 + [True] * 4
    assert spent(account) == (Decimal("0.06"), 0)


def test_findings_are_written_down_once():
    from socialhub.services import accounts

    account = on_x()
    login = accounts.connection(account)
    login.findings.learned["metrics_off"] = {"views": "2026-11-27"}
    login.findings.charged["post_read"] = 3
    login.findings.slow_until = AT

    kept = [findings.keep(account, login) for _ in range(2)]

    account.refresh_from_db()
    assert kept == [AT, None]
    assert account.options == {"metrics_off": {"views": "2026-11-27"}}
    assert spent(account) == (0, Decimal("0.015"))


def test_live_counters_go_to_the_account_they_are_of():
    asked, other = on_x(remote_id="1"), on_x(remote_id="2")

    live.store(asked, {"": {"a": Metrics(likes=1)}, "2": {"b": Metrics(likes=2)}}, AT)
    live.store(asked, {"2": {"b": Metrics(comments=5)}, "9": {"c": Metrics(likes=1)}}, AT)

    rows = LiveReading.objects.order_by("remote_id").values_list("account", "counters")
    assert list(rows) == [(asked.pk, {"likes": 1}), (other.pk, {"likes": 2, "comments": 5})]
