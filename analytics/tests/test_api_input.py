"""What is asked wrongly is named, on every address; nothing is guessed or ignored."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from analytics.tests.measured import ROOT, client
from socialhub.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db

READS = ("dashboard", "timeseries", "top-posts", "accounts", "export")


@pytest.mark.parametrize("address", READS)
@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("days=0", ["days"]),
        ("days=-7", ["days"]),
        ("days=99999", ["days"]),
        ("days=a+week", ["days"]),
        ("days=1.5", ["days"]),
        ("days=7&from=2025-10-01", ["days"]),
        ("from=2025-10-07&to=2025-10-01", ["to"]),
        ("from=2025-02-30", ["from"]),
        ("from=01/10/2025", ["from"]),
        ("from=1900-01-01", ["from"]),
        ("from=2001-01-01&to=2025-10-01", ["from"]),
        ("from=2099-01-01&to=2099-01-02", ["from"]),
        ("platform=orkut", ["platform"]),
        ("content_type=poem", ["content_type"]),
        ("account=999999", ["account"]),
        ("account=%27", ["account"]),
        ("account=99999999999999999999999", ["account"]),
        ("campaign=999999", ["campaign"]),
        ("colour=red", ["colour"]),
        ("platform=sandbox&platform=mastodon", ["platform"]),
        ("days=0&platform=orkut&colour=red", ["colour", "days", "platform"]),
    ],
)
def test_a_filter_that_makes_no_sense(address, query, fields):
    answer = client().get(f"{ROOT}{address}/?{query}")

    body = answer.json()
    assert (answer.status_code, set(body)) == (400, {"type", "title", "detail", "fields"})
    assert sorted(body["fields"]) == fields
    assert all(messages and all(messages) for messages in body["fields"].values())


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("timeseries/?kind=imagined", "kind"),
        ("timeseries/?limit=3", "limit"),
        ("top-posts/?by=luck", "by"),
        ("top-posts/?limit=0", "limit"),
        ("top-posts/?limit=101", "limit"),
        ("top-posts/?limit=ten", "limit"),
        ("top-posts/?worst=maybe", "worst"),
        ("top-posts/?minimum=-1", "minimum"),
        ("export/?format=pdf", "format"),
        ("export/?what=everything", "what"),
        ("dashboard/?format=csv", "format"),
    ],
)
def test_an_argument_that_makes_no_sense(query, field):
    answer = client().get(ROOT + query)

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_filters_and_arguments_are_named_together():
    answer = client().get(f"{ROOT}top-posts/?days=0&by=luck")

    assert sorted(answer.json()["fields"]) == ["by", "days"]


def test_empty_parameters_are_as_if_not_given():
    """As a form sends what was left open."""
    caller = client()

    found = caller.get(f"{ROOT}dashboard/?days=&from=&platform=&account=&campaign=")

    assert found.json() == caller.get(f"{ROOT}dashboard/").json()
    assert found.json()["period_days"] == 30


def test_errors_come_in_the_language_asked_for():
    answer = client().get(f"{ROOT}dashboard/?days=0", headers={"Accept-Language": "es"})

    assert answer.json()["title"] == "Datos no válidos"


@pytest.mark.parametrize("address", READS)
def test_who_may_read(address):
    AccountFactory()
    roles = ("Administrator", "Marketer", "Approver", "Analyst", "")

    found = {role: client(role).get(f"{ROOT}{address}/").status_code for role in roles}
    heads = {role: client(role).head(f"{ROOT}{address}/").status_code for role in roles}

    assert found == heads == {**dict.fromkeys(roles, 200), "": 403}
    assert APIClient().get(f"{ROOT}{address}/").status_code == 401
    assert client().post(f"{ROOT}{address}/").status_code == 405
