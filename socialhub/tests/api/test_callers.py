"""A caller is read anew each time: what another process takes away is gone on the next request."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from socialhub.api import callers
from socialhub.api.throttling import InProcess, UserThrottle
from socialhub.models import AccountGrant, ApiToken, Preferences
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import AccountFactory, UserFactory, organisation

pytestmark = pytest.mark.django_db
FIGURES = "/api/analytics/dashboard/"


def run(query, *params):
    """As another process would: no signal, no object of this one."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)


def read(user):
    row, _token = ApiToken.objects.create(user)
    now = timezone.now()
    return callers.holder(row.digest, now, now)


TAKEN = {
    "token": ("DELETE FROM socialhub_apitoken WHERE user_id = %s", 401),
    "expiry": ("UPDATE socialhub_apitoken SET expiry = '2020-01-01' WHERE user_id = %s", 401),
    "person": ("UPDATE auth_user SET is_active = (1 = 0) WHERE id = %s", 401),
    "role": ("DELETE FROM auth_user_groups WHERE user_id = %s", 403),
    "permission of the role": (
        "DELETE FROM auth_group_permissions WHERE group_id IN"
        " (SELECT group_id FROM auth_user_groups WHERE user_id = %s)",
        403,
    ),
}


@pytest.mark.parametrize("what", TAKEN)
def test_what_was_taken_away_is_refused_at_once(what, analyst):
    query, status = TAKEN[what]
    etag = analyst.get(FIGURES)["ETag"]
    assert analyst.get(FIGURES, headers={"If-None-Match": etag}).status_code == 304

    run(query, analyst.user.pk)

    answers = [analyst.get(FIGURES), analyst.get(FIGURES, headers={"If-None-Match": etag})]
    assert [answer.status_code for answer in answers] == [status, status]


def test_a_person_alone_may_lose_what_no_role_gave():
    user = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="view_publicationstats"))
    client = client_of(user)
    assert client.get(FIGURES).status_code == 200

    run("DELETE FROM auth_user_user_permissions WHERE user_id = %s", user.pk)

    assert client.get(FIGURES).status_code == 403


def test_a_grant_counts_from_the_next_request_on(analyst):
    mine, other = AccountFactory(), AccountFactory()
    AccountGrant.objects.create(user=analyst.user, account=mine)
    AccountGrant.objects.create(user=analyst.user, account=other)
    everything = analyst.get("/api/accounts/").data["count"]
    etag = analyst.get(FIGURES)["ETag"]

    run("DELETE FROM socialhub_accountgrant WHERE account_id = %s", other.pk)

    assert (everything, analyst.get("/api/accounts/").data["count"]) == (2, 1)
    assert analyst.get(f"/api/accounts/{other.pk}/").status_code == 404
    assert analyst.get(FIGURES, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("role", [None, "Administrator", "Marketer", "Approver", "Analyst"])
def test_permissions_are_those_that_django_reads(role):
    user = UserFactory(role=role)
    user.user_permissions.add(Permission.objects.get(codename="add_campaign"))
    user.groups.add(Group.objects.create(name="Without anything"))

    found = read(user).user

    assert (
        found.get_all_permissions()
        == get_user_model().objects.get(pk=user.pk).get_all_permissions()
    )
    assert found.has_perm("socialhub.add_campaign")


def test_a_superuser_may_everything_and_one_switched_off_nothing():
    found = read(UserFactory(is_superuser=True)).user
    asleep = read(UserFactory(is_superuser=True, is_active=False)).user

    assert (found.is_superuser, found.has_perm("auth.change_user")) == (True, True)
    assert (asleep.is_active, asleep.has_perm("auth.change_user")) == (False, False)


def test_the_person_and_the_token_are_whole():
    organisation(timezone="Asia/Tokyo")
    user = UserFactory(first_name="Ana", is_staff=True)
    Preferences.objects.create(user=user, language="es")
    row, _token = ApiToken.objects.create(user, name="shop", can_write=True)
    now = timezone.now()

    found = callers.holder(row.digest, now, now)

    fields = ("pk", "username", "first_name", "email", "is_active", "is_staff", "is_superuser")
    assert [getattr(found.user, name) for name in fields] == [
        getattr(user, name) for name in fields
    ]
    assert (found.token, found.token.name, found.token.can_write) == (row, "shop", True)
    assert (found.language, found.zone.key, found.is_unnoted) == ("es", "Asia/Tokyo", True)
    # What was not read comes when it is used.
    assert found.user.date_joined == user.date_joined
    assert found.token.created == row.created


def test_who_asks_takes_one_query(analyst):
    analyst.get("/api/campaigns/")

    with CaptureQueriesContext(connection) as captured:
        analyst.get("/api/campaigns/")

    about = ("auth_", "preferences", "organisation", "accountgrant", "apitoken")
    assert sum(any(name in one["sql"] for name in about) for one in captured) == 1


@pytest.mark.parametrize("kind", ["as installed", "in the process"])
def test_a_bucket_is_filled_up_again_at_its_pace(kind):
    bucket = InProcess() if kind == "in the process" else UserThrottle.cache
    bucket.clear()
    half = 30_000_000

    waits = [bucket.take("someone", half, 2 * half) for _n in range(3)]

    assert waits[:2] == [0, 0]
    assert 0.9 * half < waits[2] <= half
    assert bucket.take("someone else", half, 2 * half) == 0
    # A refused request takes nothing: the wait grows shorter.
    assert bucket.take("someone", half, 2 * half) <= waits[2]


def test_a_bucket_lets_the_next_request_through_when_it_said(monkeypatch):
    clock = iter([0, 0, 1_000, 59_000_000, 61_000_000])
    monkeypatch.setattr("time.monotonic_ns", lambda: 1000 * next(clock) + 10**12)
    bucket = InProcess()

    waits = [bucket.take("someone", 60_000_000, 60_000_000) for _n in range(5)]

    assert waits == [0, 60_000_000, 59_999_000, 1_000_000, 0]
