"""Outgoing webhooks against a real HTTP server."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone
from standardwebhooks import Webhook

from socialhub.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from socialhub.services import webhooks


def endpoint(url, **fields):
    fields.setdefault("secret", webhooks.new_secret())
    return WebhookEndpoint.objects.create(url=url, **fields)


@pytest.mark.django_db
def test_a_receiver_can_verify_what_it_gets(receiver):
    row = endpoint(f"{receiver.url}/hook")

    webhooks.emit("publication.published", {"publication": 7, "text": "¡Olé!"})
    assert webhooks.deliver() == {"sent": 1, "not_sent": 0}

    [(path, headers, body)] = receiver.requests
    said = Webhook(row.secret).verify(body, headers)
    assert path == "/hook"
    assert (said["type"], said["data"]) == (
        "publication.published",
        {"publication": 7, "text": "¡Olé!"},
    )
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.http_status) == (DeliveryState.SENT, 200)
    assert headers["webhook-id"] == f"msg_{delivery.pk.hex}"


@pytest.mark.django_db
def test_only_endpoints_that_want_an_event_get_it(receiver):
    endpoint(f"{receiver.url}/all")
    endpoint(f"{receiver.url}/failed", events=["publication.failed"])
    endpoint(f"{receiver.url}/off", is_active=False)

    assert webhooks.emit("publication.published", {}) == 1
    assert webhooks.emit("publication.failed", {}) == 2
    webhooks.deliver()

    assert sorted(path for path, *_rest in receiver.requests) == ["/all", "/all", "/failed"]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_was_rolled_back_is_not_told(receiver):
    endpoint(receiver.url)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        webhooks.emit("a", {})
        raise ZeroDivisionError
    webhooks.emit("b", {})

    assert [json.loads(body)["type"] for *_rest, body in receiver.requests] == ["b"]


@pytest.mark.django_db
def test_a_failing_receiver_is_tried_again_later_and_then_given_up(receiver):
    endpoint(receiver.url)
    receiver.answers += [(500, {})] * 50
    webhooks.emit("a", {})
    now = timezone.now()
    tries = []

    while WebhookDelivery.objects.get().state == DeliveryState.QUEUED:
        assert webhooks.deliver(now) == {"sent": 0, "not_sent": 1}
        row = WebhookDelivery.objects.get()
        assert webhooks.deliver(row.next_try_at - timedelta(seconds=1))["not_sent"] == 0
        tries.append((row.next_try_at - now).total_seconds())
        now = row.next_try_at

    assert tuple(tries[:-1]) == webhooks.DELAYS
    row = WebhookDelivery.objects.get()
    assert (row.state, row.http_status, row.error) == (DeliveryState.FAILED, 500, "HTTP 500")
    assert len(receiver.requests) == len(webhooks.DELAYS) + 1
    assert len({headers["webhook-id"] for _path, headers, _body in receiver.requests}) == 1


@pytest.mark.django_db
def test_a_redirect_is_not_followed(receiver):
    endpoint(receiver.url)
    receiver.answers.append((307, {"Location": f"{receiver.url}/elsewhere"}))
    webhooks.emit("a", {})

    assert webhooks.deliver()["not_sent"] == 1
    assert [path for path, *_rest in receiver.requests] == ["/"]


@pytest.mark.django_db
def test_a_receiver_that_is_gone_is_switched_off(receiver):
    row = endpoint(receiver.url)
    receiver.answers.append((410, {}))
    webhooks.emit("a", {})
    webhooks.deliver()

    row.refresh_from_db()
    assert not row.is_active
    assert WebhookDelivery.objects.get().state == DeliveryState.DROPPED


@pytest.mark.django_db
def test_a_private_address_that_is_not_listed_is_refused(receiver, settings):
    settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = []
    endpoint(receiver.url)
    webhooks.emit("a", {})

    assert webhooks.deliver()["not_sent"] == 1
    assert receiver.requests == []
    assert "private address" in WebhookDelivery.objects.get().error


@pytest.mark.django_db
def test_an_unusable_secret_is_a_visible_failure(receiver):
    endpoint(receiver.url, secret="whsec_ü")
    webhooks.emit("a", {})
    webhooks.deliver()

    row = WebhookDelivery.objects.get()
    assert (row.state, receiver.requests) == (DeliveryState.FAILED, [])
    assert "secret" in row.error


@pytest.mark.django_db(transaction=True)
def test_several_workers_send_each_row_once(receiver, settings):
    endpoint(receiver.url)
    with transaction.atomic():
        for n in range(8):
            WebhookDelivery.objects.create(
                endpoint=WebhookEndpoint.objects.get(),
                event="a",
                payload={"n": n},
                next_try_at=timezone.now(),
            )
    barrier = Barrier(4)

    def work(_n):
        try:
            barrier.wait(timeout=30)
            return webhooks.deliver()["sent"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(work, range(4)))

    assert sent == 8
    assert sorted(json.loads(body)["n"] for *_rest, body in receiver.requests) == list(range(8))


@pytest.mark.django_db
def test_a_row_of_a_dead_worker_is_sent_after_its_claim_ran_out(receiver):
    endpoint(receiver.url)
    webhooks.emit("a", {})
    now = timezone.now()
    WebhookDelivery.objects.update(
        state=DeliveryState.SENDING, attempts=1, next_try_at=now + timedelta(seconds=300)
    )

    assert webhooks.deliver(now)["sent"] == 0
    assert webhooks.deliver(now + timedelta(seconds=301))["sent"] == 1


@pytest.mark.django_db
def test_old_deliveries_are_deleted_and_those_under_way_are_not():
    row = endpoint("https://a.example/")
    for state in ("sent", "failed", "queued"):
        WebhookDelivery.objects.create(
            endpoint=row, event="a", payload={}, state=state, next_try_at=timezone.now()
        )

    assert webhooks.prune(timezone.now()) == 0
    assert webhooks.prune(timezone.now() + timedelta(days=31)) == 2
    assert WebhookDelivery.objects.get().state == DeliveryState.QUEUED
