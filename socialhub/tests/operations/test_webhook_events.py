"""Which events are told, with which words, in the transaction of what they tell of."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from socialhub.models import (
    DeliveryState,
    Outcome,
    PayloadGeneration,
    PublicationAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from socialhub.platforms.base import Receipt
from socialhub.platforms.errors import InvalidContent
from socialhub.services import events, jobs, webhooks
from socialhub.services.publishing import claims, outcomes
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import PublicationFactory, UserFactory, organisation
from socialhub.tests.operations.webhook_page import PAGE, documented, shape

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(receiver):
    return WebhookEndpoint.objects.create(url=receiver.url, secret=webhooks.new_secret())


def under_way(row):
    """(row, attempt) as a worker has them that is about to send."""
    now = timezone.now()
    token = claims.claim(row.pk, now)
    row.refresh_from_db()
    generation = PayloadGeneration.objects.create(
        publication=row, number=1, client_key=uuid.uuid4(), body={}, frozen_at=now
    )
    return row, PublicationAttempt.objects.create(
        publication=row, number=1, generation=generation, claim_token=token, started_at=now
    )


@pytest.fixture
def sent():
    """A publication whose request is under way."""
    return under_way(PublicationFactory())


def told():
    return [row.payload for row in WebhookDelivery.objects.order_by("created_at")]


def test_published_says_where_it_is(endpoint, receiver, sent):
    row, attempt = sent
    outcomes.record_acceptance(row, attempt, Receipt("r-1", "https://net.example/r-1"))
    webhooks.deliver()

    [(_path, headers, body)] = receiver.requests
    said = Webhook(endpoint.secret).verify(body, headers)
    assert shape(said) == shape(documented(events.PUBLISHED))
    data = said["data"]
    assert (said["type"], data["publication"], data["status"]) == (
        "publication.published",
        row.pk,
        "published",
    )
    assert (data["remote_id"], data["permalink"]) == ("r-1", "https://net.example/r-1")
    assert data["account"] == {"id": row.account_id, "handle": row.account.handle}
    assert data["url"].endswith(f"/admin/socialhub/publication/{row.pk}/change/")


def test_finding_it_once_more_is_no_news(endpoint, sent):
    row, attempt = sent
    for _n in range(2):
        outcomes.record_acceptance(row, attempt, Receipt("r-1", "https://net.example/r-1"))

    assert [one["type"] for one in told()] == ["publication.published"]


def test_failed_says_why_in_the_language_of_the_organisation(endpoint, sent):
    organisation(language="es")
    row, attempt = sent
    outcomes.record_failure(row, row.claim_token, InvalidContent("no"), attempt)

    [said] = told()
    assert shape(said) == shape(documented(events.FAILED))
    assert (said["data"]["code"], said["data"]["status"]) == ("invalid_content", "failed")
    assert said["data"]["message"]


def test_unknown_is_told(endpoint, sent):
    row, attempt = sent
    assert outcomes.record_unknown(row, attempt, "unavailable")
    assert attempt.outcome in ("", Outcome.UNKNOWN)

    [said] = told()
    assert said["type"] == "publication.unknown"
    assert shape(said["data"]) == shape(documented(events.FAILED)["data"])


def test_missed_is_told_once(endpoint):
    row = PublicationFactory(due_at=timezone.now() - timedelta(days=1))

    assert [claims.mark_missed(row.pk, timezone.now()) for _n in range(2)] == [True, False]

    [said] = told()
    assert (said["type"], said["data"]["status"]) == ("publication.missed", "missed")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("event", ["missed", "unknown", "published", "failed"])
def test_what_is_rolled_back_is_not_told(endpoint, sent, event):
    row, attempt = sent
    late = PublicationFactory(due_at=timezone.now() - timedelta(days=1))
    verbs = {
        "missed": lambda: claims.mark_missed(late.pk, timezone.now()),
        "unknown": lambda: outcomes.record_unknown(row, attempt, "unavailable"),
        "published": lambda: outcomes.record_acceptance(row, attempt, Receipt("r-1")),
        "failed": lambda: outcomes.record_failure(row, row.claim_token, InvalidContent("no")),
    }

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        verbs[event]()
        assert WebhookDelivery.objects.count() == 1
        raise ZeroDivisionError

    assert WebhookDelivery.objects.count() == 0


def test_a_payload_is_only_made_when_somebody_listens(django_assert_num_queries):
    row = PublicationFactory()

    with django_assert_num_queries(1):
        assert events.of_publication(events.FAILED, row.pk) == 0


def test_the_page_names_every_event():
    text = PAGE.read_text()

    assert [event for event in events.EVENTS if f"| `{event}` |" not in text] == []


# -- secrets and the test button --------------------------------------------------------


def test_after_a_new_secret_both_sign_for_a_day(endpoint, receiver, settings):
    old, admin = endpoint.secret, UserFactory(role="Administrator")
    new = webhooks.rotate(endpoint, admin)
    webhooks.emit("a", {})
    webhooks.deliver()
    _path, headers, body = receiver.requests[0]

    for secret in (old, new):
        assert Webhook(secret).verify(body, headers)["type"] == "a"

    endpoint.refresh_from_db()
    endpoint.secret = {**endpoint.secret, "until": timezone.now().isoformat()}
    endpoint.save()
    webhooks.emit("b", {})
    webhooks.deliver()
    _path, headers, body = receiver.requests[1]
    assert Webhook(new).verify(body, headers)["type"] == "b"
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body, headers)


def test_a_second_new_secret_forgets_the_first(endpoint):
    admin = UserFactory(role="Administrator")
    first, second = (webhooks.rotate(endpoint, admin) for _n in range(2))

    endpoint.refresh_from_db()
    assert webhooks.secrets_of(endpoint, timezone.now()) == [second, first]


def tested(endpoint):
    job = webhooks.start_test(endpoint, UserFactory(role="Administrator"))
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def test_the_test_button_shows_the_answer(endpoint, receiver):
    endpoint.events = ["publication.failed"]
    endpoint.save()

    job = tested(endpoint)

    assert job.result["http_status"] == 200
    [(_path, headers, body)] = receiver.requests
    assert Webhook(endpoint.secret).verify(body, headers)["type"] == "test"
    assert WebhookDelivery.objects.get().state == DeliveryState.SENT


def test_a_test_that_is_not_taken_says_why_and_is_not_repeated(endpoint, receiver):
    receiver.answers.append((503, {}))

    job = tested(endpoint)

    assert job.errors == [
        {"code": "not_taken", "message": "The address did not take the message: HTTP 503"}
    ]
    assert WebhookDelivery.objects.get().state == DeliveryState.FAILED
    assert webhooks.deliver(timezone.now() + timedelta(days=1)) == {"sent": 0, "not_sent": 0}


# -- pages and API ----------------------------------------------------------------------


def test_the_page_tests_and_shows_a_new_secret_once(client, endpoint):
    client.force_login(UserFactory(role="Administrator"))
    page = f"/admin/socialhub/webhookendpoint/{endpoint.pk}"
    assert "Send a test message" in client.get(f"{page}/change/").content.decode()

    made = client.post(f"{page}/do/rotate/")

    endpoint.refresh_from_db()
    assert endpoint.secret["now"] in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    again = client.get(f"{page}/change/").content.decode()
    assert endpoint.secret["now"] not in again
    assert client.get(f"{page}/do/rotate/").status_code == 405
    client.force_login(UserFactory(role="Marketer"))
    assert client.post(f"{page}/do/rotate/").status_code == 403


def test_a_program_makes_tests_and_follows_a_webhook(receiver):
    api = client_of(UserFactory(role="Administrator"))
    made = api.post("/api/webhooks/", {"url": receiver.url, "events": ["lead.created"]})
    path = f"/api/webhooks/{made.data['id']}/"
    assert (made.status_code, made.data["secret"][:6]) == (201, "whsec_")
    assert "secret" not in api.get(path).data

    assert api.patch(path, {"events": []}).data["events"] == []
    assert api.post("/api/webhooks/", {"url": receiver.url, "events": ["x"]}).status_code == 400
    assert api.post(f"{path}rotate/").data["secret"] != made.data["secret"]
    webhooks.emit("a", {"n": 1})
    webhooks.deliver()
    [row] = api.get(f"{path}deliveries/").data["results"]
    assert (row["event"], row["state"], row["http_status"]) == ("a", "sent", 200)
    assert row["webhook_id"] == receiver.requests[0][1]["webhook-id"]
    assert api.delete(path).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_a_program_presses_the_test_button(endpoint, receiver):
    api = client_of(UserFactory(role="Administrator"))
    path = f"/api/webhooks/{endpoint.pk}/test/"

    assert api.post(path).data["http_status"] == 200
    receiver.answers.append((500, {}))
    refused = api.post(path)

    assert (refused.status_code, refused.data["type"]) == (400, "not_taken")
    assert json.loads(receiver.requests[0][2])["type"] == "test"
