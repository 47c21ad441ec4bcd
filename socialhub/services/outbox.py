"""Sending rows of an outbox: claimed by one worker, retried with back-off, failure visible.

Serves every model with state (DeliveryState), attempts, next_try_at and error. A claim lasts
CLAIM_SECONDS; when its worker died the row is sent again, since hearing of an incident twice
is better than not at all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F

from socialhub.logs import redact
from socialhub.models import DeliveryState

CLAIM_SECONDS = 300
ROUND_SECONDS = 100
ROUND_ROWS = 100
OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING)


def claimed(rows: models.QuerySet[Any], now: datetime) -> Iterator[Any]:
    """Rows that are due and ours to send, oldest first, those of dead workers included.

    Ends after ROUND_SECONDS, so that slow receivers do not run into the task's time limit.
    """
    ends = time.monotonic() + ROUND_SECONDS
    due = rows.filter(state__in=OPEN, next_try_at__lte=now).order_by("next_try_at", "pk")
    for row in list(due[:ROUND_ROWS]):
        if time.monotonic() > ends:
            return
        if claim(row, now):
            yield row


def claim(row: Any, now: datetime) -> bool:
    """True for the one worker that may send `row`."""
    until = now + timedelta(seconds=CLAIM_SECONDS)
    claimed = (
        type(row)
        .objects.filter(pk=row.pk, state=row.state, next_try_at=row.next_try_at)
        .update(state=DeliveryState.SENDING, attempts=F("attempts") + 1, next_try_at=until)
    )
    if claimed:
        row.state, row.next_try_at = DeliveryState.SENDING, until
        row.attempts += 1
    return bool(claimed)


def finish(row: Any, state: DeliveryState, **fields: Any) -> None:
    """Note how a claimed row ended."""
    _claimed(row).update(state=state, **fields)


def put_back(row: Any, at: datetime) -> None:
    """Not sent, nobody's fault: the row waits until `at` and the try does not count."""
    _claimed(row).update(state=DeliveryState.QUEUED, next_try_at=at, attempts=F("attempts") - 1)


def failed(row: Any, error: str, delays: Sequence[int], now: datetime, **fields: Any) -> None:
    """Try again after `delays[attempts - 1]` seconds; after the last one the row is failed."""
    fields["error"] = redact(error)[:300]
    if row.attempts > len(delays):
        finish(row, DeliveryState.FAILED, **fields)
        return
    at = now + timedelta(seconds=delays[row.attempts - 1])
    finish(row, DeliveryState.QUEUED, next_try_at=at, **fields)


def _claimed(row: Any) -> Any:
    rows = type(row).objects
    return rows.filter(pk=row.pk, state=DeliveryState.SENDING, next_try_at=row.next_try_at)
