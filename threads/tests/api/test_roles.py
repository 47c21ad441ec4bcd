"""docs/roles.md is the law: every verb of a series as every role, through the API."""

from __future__ import annotations

import pytest

from socialhub import roles
from socialhub.tests.api.conftest import client_of
from socialhub.tests.api.test_roles import _changing, table
from socialhub.tests.factories import UserFactory
from threads.api.viewsets.series import ThreadSeriesViewSet
from threads.tests.factories import approved, make_series

pytestmark = pytest.mark.django_db

LIST, ONE = "/api/threads/", "/api/threads/{}/"
CALLS = {
    "view_threads": [
        ("get", LIST, {}),
        ("get", ONE, {}),
        ("get", ONE + "preview/", {}),
        ("post", ONE + "preview/", {}),
        ("post", LIST + "preview/", {}),
    ],
    "write_thread": [
        ("post", LIST, {"title": "x"}),
        ("patch", ONE, {"title": "y"}),
        ("post", ONE + "reorder/", {"order": [1]}),
        ("post", ONE + "archive/", {}),
        ("delete", ONE, {}),
    ],
    "submit_post": [("post", ONE + "submit/", {})],
    "approve_post": [
        ("post", ONE + "approve/", {}),
        ("post", ONE + "request-changes/", {"comment": "x"}),
    ],
    "schedule_post": [
        ("post", ONE + "schedule/", {}),
        ("post", ONE + "resume/", {}),
        ("post", ONE + "cancel/", {}),
    ],
    "use_ai": [("post", LIST + "generate/", {})],
    "render_template": [("post", ONE + "render-pictures/", {})],
}


@pytest.mark.parametrize("role", roles.ROLES)
def test_the_api_obeys_the_page(as_role, role):
    client, page, row = as_role(role), table(), make_series()

    for verb, calls in CALLS.items():
        for method, address, body in calls:
            response = getattr(client, method)(address.format(row.pk), body)
            forbidden = response.status_code == 403 and response.data["type"] == "permission_denied"
            assert forbidden is not page[verb][role], (method, address, response.data)


@pytest.mark.parametrize("role", ["Marketer", "Approver"])
def test_who_may_submit_or_approve_may_withdraw(as_role, role):
    address = ONE.format(approved().pk) + "withdraw/"

    assert as_role("Analyst").post(address).status_code == 403
    assert as_role(role).post(address).data["state"] == "draft"


def test_every_action_that_changes_something_names_its_verb():
    missing = [
        name
        for name, methods in _changing(ThreadSeriesViewSet)
        if methods and name not in ThreadSeriesViewSet.verbs
    ]

    assert missing == []


def test_a_token_that_may_only_read_changes_nothing():
    client = client_of(UserFactory(role="Administrator"), can_write=False)
    row = make_series()

    for verb, calls in CALLS.items():
        for method, address, body in calls:
            response = getattr(client, method)(address.format(row.pk), body)
            read_only = response.status_code == 403 and response.data["type"] == "read_only_token"
            assert read_only is (verb != "view_threads"), (method, address, response.data)
