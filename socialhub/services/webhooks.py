"""Telling other programs of events: outbox rows, sent with Standard Webhooks headers.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
A receiver may get an event twice (same webhook-id) and out of order.
"""

from __future__ import annotations

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from socialhub import http
from socialhub.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from socialhub.services import outbox

# Seconds until the next try; the specification's own proposal, ending after about three days.
DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
SEND_SECONDS = 20.0
KEEP_DAYS = 30
# The receiver asks not to be called any more.
GONE = 410


def new_secret() -> str:
    """A signing secret as receivers' libraries expect it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


def emit(event: str, payload: dict[str, Any]) -> int:
    """Write one row per endpoint that wants `event`, in the caller's transaction.

    The receiver gets {"type", "timestamp", "data"}. An endpoint without a list wants everything.
    Returns the number of rows.
    """
    now = timezone.now()
    body = {"type": event, "timestamp": now.isoformat(), "data": payload}
    rows = [
        WebhookDelivery(endpoint_id=pk, event=event, payload=body, next_try_at=now)
        for pk, events in WebhookEndpoint.objects.filter(is_active=True).values_list("pk", "events")
        if not events or event in events
    ]
    if rows:
        WebhookDelivery.objects.bulk_create(rows)
        transaction.on_commit(_ring, robust=True)
    return len(rows)


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


def _headers(row: WebhookDelivery, body: str) -> dict[str, str]:
    """Signed at sending time: receivers refuse a timestamp that is minutes old."""
    # The library drops the zone before it takes the epoch, so it must be UTC.
    at = datetime.now(UTC)
    message_id = f"msg_{row.pk.hex}"
    signed = Webhook(row.endpoint.secret).sign(message_id, at, body)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signed,
    }


def prune(now: datetime) -> int:
    """Delete deliveries that ended long ago."""
    ended = WebhookDelivery.objects.exclude(state__in=outbox.OPEN)
    return ended.filter(created_at__lt=now - timedelta(days=KEEP_DAYS)).delete()[0]
