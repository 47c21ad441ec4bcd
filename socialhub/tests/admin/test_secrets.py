"""Tokens, signing secrets and channel addresses: shown once or never; and who may make them."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.urls import reverse

from socialhub.models import (
    AccountStatus,
    ApiToken,
    JobRun,
    NotificationChannel,
    WebhookEndpoint,
)
from socialhub.tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db
TOKENS = "/admin/socialhub/apitoken/"
CONNECT = "/admin/socialhub/account/connect/"


def test_a_token_is_shown_once_in_the_answer_and_works(person, client):
    user, admin = person("Administrator")

    made = admin.post(f"{TOKENS}add/", {"user": user.pk, "name": "bench", "days": 7})
    row = ApiToken.objects.get()
    token = made.content.decode().partition('value="' + row.token_key)[2].partition('"')[0]
    listed = admin.get(TOKENS).content.decode()

    assert made.status_code == 200
    assert list(get_messages(made.wsgi_request)) == []
    assert len(token) > 20
    assert token not in listed
    assert row.digest not in made.content.decode() + listed
    answer = client.get("/api/posts/", headers={"Authorization": f"Bearer {row.token_key}{token}"})
    assert answer.status_code == 200


def test_a_revoked_token_is_gone(person):
    user, admin = person("Administrator")
    row, _token = ApiToken.objects.create(user)
    url = reverse("admin:socialhub_apitoken_revoke", args=[row.token_key])

    assert admin.get(url).status_code == 404
    assert ApiToken.objects.exists()
    admin.post(url)

    assert not ApiToken.objects.exists()


def test_an_administrator_makes_no_token_for_a_superuser(person):
    _user, admin = person("Administrator")
    chief = UserFactory(is_superuser=True)

    response = admin.post(f"{TOKENS}add/", {"user": chief.pk, "name": "x"})

    assert response.status_code == 200
    assert not ApiToken.objects.exists()


def test_an_administrator_cannot_become_or_change_a_superuser(person):
    user, admin = person("Administrator")
    chief = UserFactory(is_superuser=True)

    admin.post(
        reverse("admin:auth_user_change", args=[user.pk]),
        {
            "username": user.username,
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "account_grants-TOTAL_FORMS": 0,
            "account_grants-INITIAL_FORMS": 0,
        },
    )
    theirs = admin.post(reverse("admin:auth_user_change", args=[chief.pk]), {"username": "mine"})
    password = admin.post(
        reverse("admin:auth_user_password_change", args=[chief.pk]),
        {"password1": "taken-over-1", "password2": "taken-over-1"},
    )

    user.refresh_from_db()
    assert not user.is_superuser
    assert (theirs.status_code, password.status_code) == (403, 403)


def test_an_administrator_hands_out_no_rights_through_a_group(person):
    user, admin = person("Administrator")
    group = user.groups.get()
    before = set(group.permissions.values_list("pk", flat=True))

    admin.post(
        reverse("admin:auth_group_change", args=[group.pk]), {"name": "x", "permissions": []}
    )

    group.refresh_from_db()
    assert (group.name, set(group.permissions.values_list("pk", flat=True))) == (
        "Administrator",
        before,
    )


def test_a_new_person_may_enter_the_desk_with_a_role(person):
    _user, admin = person("Administrator")
    group = _user.groups.get()

    admin.post(
        "/admin/auth/user/add/",
        {
            "username": "lucia",
            "email": "lucia@example.org",
            "groups": [group.pk],
            "usable_password": "true",
            "password1": "long-enough-1",
            "password2": "long-enough-1",
        },
    )

    lucia = get_user_model().objects.get(username="lucia")
    assert (lucia.is_staff, lucia.is_superuser, list(lucia.groups.all())) == (True, False, [group])


def test_a_webhook_secret_is_shown_once(person):
    _user, admin = person("Administrator")

    made = admin.post(
        "/admin/socialhub/webhookendpoint/add/",
        {"url": "https://example.org/hook", "is_active": "on"},
    )

    endpoint = WebhookEndpoint.objects.get()
    change = reverse("admin:socialhub_webhookendpoint_change", args=[endpoint.pk])
    assert endpoint.secret.startswith("whsec_")
    assert endpoint.secret in made.content.decode()
    assert endpoint.secret not in admin.get(change).content.decode()
    admin.post(change, {"url": "https://example.org/other", "is_active": "on"})
    kept, endpoint = endpoint.secret, WebhookEndpoint.objects.get()
    assert (endpoint.url, endpoint.secret) == ("https://example.org/other", kept)


def test_a_channel_keeps_its_address_and_never_shows_it(person):
    user, admin = person("Administrator")
    address = "tgram://123:SECRET/456"

    admin.post(
        "/admin/socialhub/notificationchannel/add/",
        {"user": user.pk, "name": "Phone", "address": address, "is_active": "on"},
    )
    channel = NotificationChannel.objects.get()
    change = reverse("admin:socialhub_notificationchannel_change", args=[channel.pk])
    shown = admin.get(change).content.decode()
    admin.post(change, {"user": user.pk, "name": "Mobile", "address": "", "is_active": "on"})

    assert channel.url == address
    assert "SECRET" not in shown
    channel = NotificationChannel.objects.get()
    assert (channel.name, channel.url) == ("Mobile", address)


# -- connecting -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"platform": "mastodon", "server_url": "http://10.0.0.1"}, "private address"),
        ({"platform": "mastodon", "server_url": "not a server"}, "not the address of a server"),
        ({"platform": "bluesky", "secret": ""}, "Enter the password or token"),
    ],
)
def test_a_connection_that_cannot_be_is_refused_before_anything_is_stored(person, typed, why):
    _user, admin = person("Administrator")

    network = typed.pop("platform")
    response = admin.post(
        f"{CONNECT}{network}/", {"handle": "ana", "secret": "hunter2hunter2", **typed}
    )

    page = response.content.decode()
    assert why in page
    assert "hunter2hunter2" not in page
    assert 'value="ana"' in page
    assert not JobRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_account_is_connected_through_the_worker(person, sandbox):
    _user, admin = person("Administrator")
    typed = {"server_url": sandbox.base_url, "handle": "taller"}

    started = admin.post(f"{CONNECT}sandbox/", {**typed, "secret": "s3cret-of-taller"})
    page = admin.get(started["Location"]).content.decode()

    job = JobRun.objects.get()
    assert "s3cret" not in started["Location"] + page
    assert job.result["status"] == AccountStatus.ACTIVE
    assert "taller is connected" in page


def test_a_network_nobody_knows_has_no_page(person):
    _user, admin = person("Administrator")

    assert admin.get(f"{CONNECT}nowhere/").status_code == 404


def test_nobody_sees_the_job_of_another_person(person):
    user, _client = person("Administrator")
    _other, client = person("Administrator")
    job = JobRun.objects.create(kind="doctor", owner=user)

    assert client.get(f"/admin/socialhub/account/jobs/{job.pk}/").status_code == 404


@pytest.mark.parametrize("role", ["Marketer", "Approver", "Analyst"])
def test_connecting_is_for_administrators(person, role):
    _user, client = person(role)
    account = AccountFactory()

    answers = [
        client.post(f"{CONNECT}sandbox/", {"handle": "x", "secret": "y"}),
        client.get(f"{CONNECT}sandbox/"),
        client.get("/admin/socialhub/account/choose/some-state/"),
        client.post("/admin/socialhub/account/choose/some-state/", {"profiles": ["1"]}),
        client.post(f"/admin/socialhub/account/{account.pk}/examine/"),
        client.get("/admin/socialhub/account/add/"),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert not JobRun.objects.exists()
