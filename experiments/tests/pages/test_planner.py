"""The planner's page: an answer that moves, and a calm refusal."""

from __future__ import annotations

import re

import pytest

from experiments.tests.factories import slots
from experiments.tests.pages.rows import history, logged_in, words
from socialhub.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db
PATH = "/admin/experiments/planner/"


@pytest.fixture
def account():
    account = slots(AccountFactory())
    history(account)
    return account


def asked(client, **query):
    return client.get(PATH, query, headers={"hx-request": "true"}).text


def weeks(text):
    found = re.search(r"(\d+) weeks? needed", words(text))
    return int(found[1]) if found else None


def test_a_bare_address_answers_for_the_first_account(account):
    text = logged_in("Analyst").get(PATH).text

    assert f'value="{account.pk}" checked' in text
    assert "To find +20" in words(text)
    assert "Write this test" not in text


def test_the_answer_moves_with_effect_and_variants(account):
    client = logged_in()
    query = {"accounts": account.pk, "effect": "100"}

    large, small = asked(client, **query), asked(client, **{**query, "effect": "60"})
    many = asked(client, **{**query, "variants": "5"})

    assert "<html" not in large
    assert weeks(large) is not None
    assert weeks(large) < weeks(small)
    assert weeks(large) < weeks(many)
    assert "Posts of the history 40" in words(large)
    assert f"accounts={account.pk}" in large and "effect=100" in large


def test_what_cannot_be_earned_is_refused_calmly(account):
    text = words(asked(logged_in(), accounts=account.pk, effect="5"))

    assert "This account cannot earn it." in text
    assert re.search(r"You can detect \+\d+ % or more\.", text)
    assert "weeks needed" not in text


def test_a_split_is_planned_with_numbers_by_hand():
    client = logged_in()
    query = {"design": "split", "metric": "clicks", "effect": "20"}

    unknown = words(asked(client, **query))
    known = words(asked(client, **query, baseline="3", daily="1500"))

    assert "by hand" in unknown
    assert "each variant needs" in known and "visitors" in known


@pytest.mark.parametrize("query", [{"variants": "11"}, {"effect": "x"}, {"confidence": "95"}])
def test_numbers_that_cannot_be_are_named(account, query):
    text = words(asked(logged_in(), accounts=account.pk, **query))

    assert "weeks needed" not in text
    assert next(iter(query)).capitalize() in text


def test_accounts_of_others_are_not_offered(account):
    mine = AccountFactory(handle="mine")
    client = logged_in("Marketer", mine)

    text = client.get(PATH, {"accounts": account.pk}).text

    assert "mine" in text and account.handle not in text
