"""docs/roles.md is the law: every verb of a test as every role, through the API."""

from __future__ import annotations

import pytest

from experiments.api.viewsets.ab_tests import ABTestViewSet
from experiments.tests.factories import approved, make_test
from socialhub import roles
from socialhub.models import AccountGrant
from socialhub.tests.api.conftest import client_of
from socialhub.tests.api.test_roles import _changing, table
from socialhub.tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST, ONE = "/api/ab-tests/", "/api/ab-tests/{}/"
NEW = {"question": "Which?", "design": "split_audience", "variants": []}
CALLS = {
    "view_experiments": [("get", LIST, {}), ("get", ONE, {}), ("get", ONE + "results/", {})],
    "change_experiment": [
        ("post", LIST, NEW),
        ("patch", ONE, {"question": "Which one?"}),
        ("delete", ONE, {}),
    ],
    "submit_post": [("post", ONE + "submit/", {})],
    "approve_post": [
        ("post", ONE + "approve/", {}),
        ("post", ONE + "request-changes/", {"comment": "x"}),
    ],
    "start_experiment": [
        ("post", ONE + "start/", {}),
        ("post", ONE + "stop/", {}),
        ("post", ONE + "evaluate/", {}),
        ("post", ONE + "extend/", {}),
        ("post", ONE + "promote/", {}),
    ],
}


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.parametrize("verb", CALLS)
def test_the_api_obeys_the_page(as_role, role, verb):
    client, allowed = as_role(role), table()[verb][role]

    for method, address, body in CALLS[verb]:
        response = getattr(client, method)(address.format(make_test().pk), body)
        forbidden = response.status_code == 403 and response.data["type"] == "permission_denied"
        assert forbidden is not allowed, (method, address, response.data)


@pytest.mark.parametrize("role", ["Marketer", "Approver"])
def test_who_may_submit_or_approve_may_withdraw(as_role, role):
    address = ONE.format(approved().pk) + "withdraw/"

    assert as_role("Analyst").post(address).status_code == 403
    assert as_role(role).post(address).data["state"] == "draft"


def test_every_action_that_changes_something_names_its_verb():
    missing = [
        name
        for name, methods in _changing(ABTestViewSet)
        if methods and name not in ABTestViewSet.verbs
    ]

    assert missing == []


@pytest.mark.parametrize("verb", [verb for verb in CALLS if verb != "view_experiments"])
def test_a_token_that_may_only_read_changes_nothing(verb):
    client = client_of(UserFactory(role="Administrator"), can_write=False)
    test = make_test()

    for method, address, body in CALLS[verb]:
        response = getattr(client, method)(address.format(test.pk), body)
        assert (response.status_code, response.data["type"]) == (403, "read_only_token")
    assert client.get(ONE.format(test.pk)).data["state"] == "draft"


def test_a_token_that_may_only_read_may_calculate_and_plan():
    """They store nothing; the role still decides."""
    counts = [{"engagements": 30, "impressions": 1000}, {"engagements": 50, "impressions": 1000}]
    bodies = {
        "calculate/": {"variants": counts},
        "plan/": {"baseline": 0.03, "relative_mde": 0.2},
    }
    reader = client_of(UserFactory(role="Analyst"), can_write=False)
    nobody = client_of(UserFactory(), can_write=False)

    for name, body in bodies.items():
        assert reader.post(LIST + name, body).status_code == 200
        assert nobody.post(LIST + name, body).data["type"] == "permission_denied"


# -- rows of others -------------------------------------------------------------------


def limited(role: str, *accounts):
    user = UserFactory(role=role)
    for account in accounts:
        AccountGrant.objects.create(user=user, account=account)
    return client_of(user)


def test_a_test_on_accounts_of_others_is_not_there():
    client, test = limited("Administrator", AccountFactory()), make_test()

    assert client.get(LIST).data["results"] == []
    for calls in CALLS.values():
        for method, address, body in calls:
            if address != LIST:
                path = address.format(test.pk)
                assert getattr(client, method)(path, body).status_code in (400, 404), path
    assert client.get(ONE.format(test.pk)).status_code == 404
    assert client.post(ONE.format(test.pk) + "submit/").status_code == 404


def test_a_test_that_is_also_on_accounts_of_others_is_seen_and_not_touched():
    mine, theirs = AccountFactory(), AccountFactory()
    client, test = limited("Administrator", mine), make_test(accounts=[mine, theirs])

    shown = client.get(ONE.format(test.pk))
    changed = client.patch(ONE.format(test.pk), {"question": "Mine?"})
    listed = client.get(LIST, {"account": theirs.pk}).data["results"]

    assert (shown.status_code, shown.data["accounts"]) == (200, [mine.pk])
    assert (changed.status_code, changed.data["type"]) == (403, "other_accounts")
    assert listed == []
