"""Tokens and sessions: who gets in, in which language, and what is remembered."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from socialhub.models import ApiToken, Post, Preferences
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import PostFactory, UserFactory, organisation

pytestmark = pytest.mark.django_db


def status_with(header: str) -> tuple[int, str]:
    response = APIClient().get("/api/posts/", headers={"Authorization": header})
    return response.status_code, response.data["type"]


def test_without_a_token_nobody_gets_in():
    response = APIClient().get("/api/posts/")

    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert response.data["type"] == "not_authenticated"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer nonsense", "Bearer " + "0" * 64, "Bearer a b", "Bearer \xff"]
)
def test_a_wrong_token_is_refused(header):
    assert status_with(header) == (401, "authentication_failed")


def test_expired_and_revoked_tokens_and_inactive_people_are_refused(marketer):
    user = marketer.user
    expired, token = ApiToken.objects.create(user, expiry=timedelta(seconds=-1))
    assert status_with(f"Bearer {token}")[0] == 401
    assert ApiToken.objects.filter(pk=expired.pk).exists()

    revoked, token = ApiToken.objects.create(user)
    assert APIClient().get("/api/posts/", headers={"Authorization": f"Bearer {token}"}).data
    revoked.delete()
    assert status_with(f"Bearer {token}")[0] == 401

    user.is_active = False
    user.save()
    assert marketer.get("/api/posts/").status_code == 401


def test_the_database_does_not_hold_the_token():
    row, token = ApiToken.objects.create(UserFactory())

    assert token not in (row.digest, row.token_key)
    assert row.digest != token


def test_a_reading_token_reads_only():
    client = client_of(UserFactory(role="Marketer"), can_write=False)

    refused = client.post("/api/posts/", {"text": "Bread"})

    assert (refused.status_code, refused.data["type"]) == (403, "read_only_token")
    assert client.get("/api/posts/").status_code == 200
    # Counting stores nothing.
    assert client.post("/api/posts/count/", {"text": "x", "accounts": []}).status_code == 200
    assert Post.objects.count() == 0


def test_the_last_use_is_written_at_most_once_a_minute(marketer):
    start = timezone.now()

    def used_after(seconds):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            marketer.get("/api/campaigns/")
        return ApiToken.objects.get().last_used_at - start

    assert used_after(1) == timedelta(seconds=1)
    assert used_after(50) == timedelta(seconds=1)
    assert used_after(62) == timedelta(seconds=62)


def test_answers_come_in_the_users_language_and_the_organisations_zone(marketer):
    organisation(timezone="Asia/Tokyo")
    Preferences.objects.create(user=marketer.user, language="es")
    PostFactory()

    response = marketer.get("/api/posts/")

    assert response["Content-Language"] == "es"
    assert response.data["results"][0]["created_at"].endswith("+09:00")
    # The next request of the same worker starts afresh.
    assert timezone.get_current_timezone_name() == "UTC"


def test_history_knows_who_used_the_api(marketer):
    pk = marketer.post("/api/posts/", {"text": "Bread"}).data["id"]

    assert Post.objects.get(pk=pk).history.first().history_user == marketer.user


def test_a_session_needs_the_csrf_token():
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(role="Marketer"), "django.contrib.auth.backends.ModelBackend")

    assert client.get("/api/posts/").status_code == 200
    refused = client.post("/api/posts/", {"text": "Bread"}, content_type="application/json")

    assert (refused.status_code, refused.json()["type"]) == (403, "permission_denied")
    assert Post.objects.count() == 0


def test_too_many_requests_say_when_to_come_back(marketer, monkeypatch):
    from socialhub.api.throttling import UserThrottle

    monkeypatch.setattr(UserThrottle, "THROTTLE_RATES", {"user": "2/min"})

    answers = [marketer.get("/api/campaigns/") for _n in range(3)]

    assert [response.status_code for response in answers] == [200, 200, 429]
    assert answers[2].data["type"] == "throttled"
    assert 0 < int(answers[2]["Retry-After"]) <= 60
