"""Other programs are told of a new lead, once, and of nothing about the person."""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from crm.models import Lead
from crm.services import capture
from crm.tests.capture.rows import comment, told
from socialhub.models import WebhookDelivery, WebhookEndpoint
from socialhub.services import webhooks
from socialhub.tests.operations.webhook_page import documented, shape

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def endpoint():
    return WebhookEndpoint.objects.create(
        url="https://hooks.example/", secret=webhooks.new_secret(), events=["lead.created"]
    )


def origin(interaction):
    return capture.origin_of(interaction)


def test_a_new_lead_is_told_as_documented():
    asked = comment()
    data = told(name="Ana Ruiz", email="ana@person.example", phone="+34 600 111 222")
    lead, _created = capture.capture(data, origin(asked))

    said = WebhookDelivery.objects.get().payload
    expected = documented("lead.created")
    expected["data"]["campaign"] = None
    assert shape(said) == shape(expected)
    assert (said["data"]["lead"], said["data"]["publication"]) == (lead.pk, asked.publication_id)
    assert said["data"]["url"].endswith(f"/admin/crm/lead/{lead.pk}/change/")
    for secret in ("Ana", "ana@person", "600", asked.text):
        assert secret not in json.dumps(said)


def test_somebody_known_is_no_new_lead():
    for _n in range(2):
        capture.capture(told(email="ana@person.example"), origin(comment()))

    assert WebhookDelivery.objects.count() == 1


def test_a_lead_that_was_rolled_back_is_not_told():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        capture.capture(told(), origin(comment()))
        assert WebhookDelivery.objects.count() == 1
        raise ZeroDivisionError

    assert (WebhookDelivery.objects.count(), Lead.objects.count()) == (0, 0)
