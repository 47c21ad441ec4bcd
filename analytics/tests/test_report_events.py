"""Other programs are told of a report, once per revision."""

from __future__ import annotations

import pytest

from analytics.services.reports import making
from analytics.tests.reporting import MONDAY, NOW, Shop, two_weeks
from socialhub.models import WebhookDelivery, WebhookEndpoint
from socialhub.services import webhooks
from socialhub.tests.operations.webhook_page import documented, shape

pytestmark = pytest.mark.django_db


def test_a_report_is_told_once_and_a_revision_again():
    two_weeks(Shop())
    WebhookEndpoint.objects.create(
        url="https://hooks.example/", secret=webhooks.new_secret(), events=["report.ready"]
    )

    report, _new = making.make("weekly", MONDAY, now=NOW)
    making.make("weekly", MONDAY, now=NOW)
    [said] = [row.payload for row in WebhookDelivery.objects.all()]
    assert shape(said) == shape(documented("report.ready"))
    assert (said["data"]["report"], said["data"]["report_type"]) == (report.pk, "weekly")
    assert said["data"]["period_start"] == MONDAY.isoformat()

    making.make("weekly", MONDAY, force=True, now=NOW)
    told = WebhookDelivery.objects.order_by("created_at")
    assert [row.payload["data"]["revision"] for row in told] == [1, 2]
