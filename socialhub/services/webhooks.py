"""Telling other programs of events: outbox rows, sent with Standard Webhooks headers.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
A receiver may get an event twice (same webhook-id) and out of order.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from socialhub import http, policies
from socialhub.models import DeliveryState, JobRun, WebhookDelivery, WebhookEndpoint
from socialhub.services import jobs, outbox
from socialhub.services.errors import Conflict

# Seconds until the next try; the specification's own proposal, ending after about three days.
DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
SEND_SECONDS = 20.0
KEEP_DAYS = 30
# The receiver asks not to be called any more.
GONE = 410
# What the test button sends; no endpoint has to ask for it.
TEST = "test"
# How long the old secret signs too after a new one was made.
BOTH_SECRETS = timedelta(hours=24)


def new_secret() -> str:
    """A signing secret as receivers' libraries expect it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


def rotate(endpoint: WebhookEndpoint, user: Any) -> str:
    """Make a new signing secret and return it; for a day messages carry both signatures."""
    policies.require(user, "manage_webhooks")
    with transaction.atomic():
        row = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
        fresh, now = new_secret(), timezone.now()
        until = (now + BOTH_SECRETS).isoformat()
        row.secret = {"now": fresh, "before": secrets_of(row, now)[0], "until": until}
        row.save(update_fields=["secret"])
    return fresh


def secrets_of(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The secrets that sign: the present one, and the one before it for a day."""
    kept = endpoint.secret
    if not isinstance(kept, dict):
        return [kept]
    until = parse_datetime(kept.get("until", ""))
    both = until is not None and now < until
    return [kept["now"], kept["before"]] if both else [kept["now"]]


def emit(event: str, payload: dict[str, Any] | Callable[[], dict[str, Any]]) -> int:
    """Write one row per endpoint that wants `event`, in the caller's transaction.

    The receiver gets {"type", "timestamp", "data"}. An endpoint without a list wants everything.
    A payload that is a function is only made when somebody listens. Returns the number of rows.
    """
    endpoints = WebhookEndpoint.objects.filter(is_active=True).values_list("pk", "events")
    wanted = [pk for pk, events in endpoints if not events or event in events]
    if not wanted:
        return 0
    data = payload() if callable(payload) else payload
    rows = [_row(pk, event, data) for pk in wanted]
    WebhookDelivery.objects.bulk_create(rows)
    transaction.on_commit(_ring, robust=True)
    return len(rows)


def _row(endpoint_id: int, event: str, data: dict[str, Any]) -> WebhookDelivery:
    now = timezone.now()
    body = {"type": event, "timestamp": now.isoformat(), "data": data}
    return WebhookDelivery(endpoint_id=endpoint_id, event=event, payload=body, next_try_at=now)


# -- the test button -----------------------------------------------------------------


def start_test(endpoint: WebhookEndpoint, user: Any) -> JobRun:
    """Send this endpoint a test event now; the job's result is what it answered."""
    policies.require(user, "manage_webhooks")
    if not endpoint.is_active:
        raise Conflict("inactive", _("This webhook is switched off. Switch it on first."))
    return jobs.start("test_webhook", user, {"endpoint": endpoint.pk})


@jobs.job("test_webhook")
def _test(job: JobRun) -> dict[str, Any]:
    row = _row(job.arguments["endpoint"], TEST, {"message": "It works."})
    row.save(force_insert=True)
    row = WebhookDelivery.objects.select_related("endpoint").get(pk=row.pk)
    now = timezone.now()
    # The periodic round may have been faster; then it has the answer.
    if outbox.claim(row, now) and not _send(row, now):
        # A person is waiting for the answer: once is enough.
        ended = WebhookDelivery.objects.filter(pk=row.pk, state=DeliveryState.QUEUED)
        ended.update(state=DeliveryState.FAILED)
    row.refresh_from_db()
    if row.state == DeliveryState.SENT:
        return {"delivery": str(row.pk), "http_status": row.http_status}
    told = row.error or _("It is still being sent; the deliveries show the answer.")
    message = _("The address did not take the message: %(error)s") % {"error": told}
    raise jobs.JobFailed({"code": "not_taken", "message": message})


# -- sending -------------------------------------------------------------------------


def _ring() -> None:
    from socialhub.tasks_operations import deliver_webhooks

    deliver_webhooks.apply_async(expires=60)


def deliver(now: datetime | None = None) -> dict[str, int]:
    """Send what is due. Returns {"sent": n, "not_sent": n}."""
    now = now or timezone.now()
    rows = WebhookDelivery.objects.select_related("endpoint").filter(endpoint__is_active=True)
    counts = {"sent": 0, "not_sent": 0}
    for row in outbox.claimed(rows, now):
        counts["sent" if _send(row, now) else "not_sent"] += 1
    return counts


def _send(row: WebhookDelivery, now: datetime) -> bool:
    body = json.dumps(row.payload, ensure_ascii=False, separators=(",", ":"))
    try:
        answer = http.request(
            "POST",
            row.endpoint.url,
            data=body.encode(),
            headers=_headers(row, body),
            timeout=SEND_SECONDS,
            max_bytes=1_000_000,
        )
    except (http.RequestNotSent, http.AnswerLost) as exc:
        outbox.failed(row, str(exc), DELAYS, now)
        return False
    except (ValueError, EmptyWebhookSecretError):
        outbox.finish(row, DeliveryState.FAILED, error="the signing secret is empty or not base64")
        return False
    if 200 <= answer.status < 300:
        outbox.finish(row, DeliveryState.SENT, http_status=answer.status, error="")
        return True
    if answer.status == GONE:
        WebhookEndpoint.objects.filter(pk=row.endpoint_id).update(is_active=False)
        outbox.finish(row, DeliveryState.DROPPED, http_status=GONE, error="HTTP 410")
        return False
    outbox.failed(row, f"HTTP {answer.status}", DELAYS, now, http_status=answer.status)
    return False


def message_id(row: WebhookDelivery) -> str:
    """The webhook-id of a delivery: the same with every try."""
    return f"msg_{row.pk.hex}"


def _headers(row: WebhookDelivery, body: str) -> dict[str, str]:
    """Signed at sending time: receivers refuse a timestamp that is minutes old."""
    # The library drops the zone before it takes the epoch, so it must be UTC.
    at = datetime.now(UTC)
    named = message_id(row)
    signed = " ".join(
        Webhook(secret).sign(named, at, body) for secret in secrets_of(row.endpoint, at)
    )
    return {
        "Content-Type": "application/json",
        "webhook-id": named,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signed,
    }


def prune(now: datetime) -> int:
    """Delete deliveries that ended long ago."""
    ended = WebhookDelivery.objects.exclude(state__in=outbox.OPEN)
    return ended.filter(created_at__lt=now - timedelta(days=KEEP_DAYS)).delete()[0]
