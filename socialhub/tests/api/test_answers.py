"""What every answer has around its data: format, policy, language."""

from __future__ import annotations

import pytest
from django.test import Client

from socialhub.api.throttling import InRedis, UserThrottle
from socialhub.models import Preferences
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
CAMPAIGNS = "/api/campaigns/"
POLICY = "Content-Security-Policy"
NOTHING = "default-src 'none'; frame-ancestors 'none'"


def signed_in(user):
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def test_data_may_load_nothing_and_pages_keep_their_policy(analyst):
    found = [analyst.get(path) for path in (CAMPAIGNS, "/api/campaigns/0/", "/api/nowhere/")]
    found.append(Client().get(CAMPAIGNS))
    page = signed_in(analyst.user).get(CAMPAIGNS, headers={"Accept": "text/html"})

    assert [answer.status_code for answer in found] == [200, 404, 404, 401]
    assert {answer[POLICY] for answer in found} == {NOTHING}
    assert "script-src 'self'" in page[POLICY]


def test_an_unchanged_answer_says_nothing_of_its_policy(analyst):
    address = "/api/analytics/dashboard/"
    etag = analyst.get(address)["ETag"]

    answer = analyst.get(address, headers={"If-None-Match": etag})

    assert (answer.status_code, POLICY in answer) == (304, False)


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/plain, application/json;q=0.5", "application/json"),
        ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
    ],
)
def test_the_format_is_the_one_asked_for(analyst, accept, answered):
    answer = analyst.get(CAMPAIGNS, headers={"Accept": accept})

    assert (answer.status_code, answer["Content-Type"]) == (200, answered)


def test_a_format_that_nobody_makes_is_refused(analyst):
    answer = analyst.get(CAMPAIGNS, headers={"Accept": "image/png"})

    assert (answer.status_code, answer.json()["type"]) == (406, "not_acceptable")


def test_a_token_counts_and_not_the_session_beside_it(analyst):
    other = UserFactory(role="Administrator")
    Preferences.objects.create(user=other, language="es")
    client = signed_in(other)
    token = analyst._credentials["HTTP_AUTHORIZATION"]

    answer = client.post(CAMPAIGNS, {"name": "Autumn"}, headers={"Authorization": token})
    alone = client.post(CAMPAIGNS, {"name": "Autumn"})

    assert (answer.status_code, alone.status_code) == (403, 201)
    assert (answer["Content-Language"], alone["Content-Language"]) == ("en", "es")
    wrong = client.get(CAMPAIGNS, headers={"Authorization": "Bearer nonsense"})
    assert wrong.status_code == 401


def test_a_bucket_outlives_its_connection():
    bucket, half = UserThrottle.cache, 30_000_000
    assert bucket.take("someone", half, 2 * half) == 0

    if isinstance(bucket, InRedis):
        # As after a restart, but for the counts.
        mine = bucket._ask("CLIENT", "ID")
        bucket._client.client_kill_filter(_id=mine)
        bucket._client.script_flush()

    assert bucket.take("someone", half, 2 * half) == 0
    assert bucket.take("someone", half, 2 * half) > 0
    assert bucket.take("another", half, 2 * half) == 0
