"""What a post would cost, beside the counters of the composer."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from socialhub import money
from socialhub.models import AccountSpending
from socialhub.services import spending
from socialhub.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db

LIVE = reverse("admin:socialhub_post_live")


def on_x(spent: str = "", **fields):
    account = AccountFactory(platform="x", **fields)
    if spent:
        month = spending.month_of(timezone.now())
        AccountSpending.objects.create(account=account, month=month, writing_usd=spent)
    return account


def words(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def shown(client, *accounts, text="Plums are here"):
    data = {"text": text, "accounts": [one.pk for one in accounts], "language": "en"}
    return client.post(LIVE, data, headers={"hx-request": "true"})


def test_the_price_stands_beside_the_counter(person):
    _user, client = person("Marketer")
    account = on_x("1.24", monthly_cap_usd="5")

    page = words(shown(client, account))

    assert "about $0.015 this month $1.24 of $5.00" in page
    assert "link costs" not in page
    assert "Together" not in page


def test_a_link_is_dearer_and_without_a_cap_there_is_none(person):
    _user, client = person("Marketer")

    page = words(shown(client, on_x(), text="Plums https://example.org/plums"))

    assert "about $0.20: a link costs 13 times as much this month $0.00" in page
    assert " of $" not in page


def test_what_exceeds_the_cap_is_red(person):
    _user, client = person("Marketer")
    fits, exceeds = on_x("4.985", monthly_cap_usd="5"), on_x("4.99", monthly_cap_usd="5")

    assert "would exceed" not in words(shown(client, fits))
    page = shown(client, exceeds)

    assert "It would exceed the monthly cap and is not sent." in words(page)
    assert 'class="sh-counts-rule sh-error"' in page.content.decode()


def test_several_accounts_are_summed_and_free_ones_say_nothing(person):
    _user, client = person("Marketer")

    assert "about" not in words(shown(client, AccountFactory(platform="bluesky")))
    assert "Together about $0.03" in words(shown(client, on_x(), on_x(), AccountFactory()))


def test_the_price_is_written_as_the_language_does():
    assert money.exact(Decimal("0.0150"), "USD", "es") == "0,015\xa0US$"
    assert money.exact(Decimal("5"), "USD", "en") == "$5.00"


def test_three_accounts_need_no_more_queries_than_one(person):
    _user, client = person("Marketer")
    accounts = [on_x("1.24", monthly_cap_usd="5") for _ in range(3)]
    shown(client, accounts[0])

    counts = []
    for chosen in (accounts[:1], accounts):
        with CaptureQueriesContext(connection) as captured:
            page = words(shown(client, *chosen))
        counts.append(sum("accountspending" in query["sql"] for query in captured))
        assert page.count("of $5.00") == len(chosen)

    assert counts == [1, 1]
