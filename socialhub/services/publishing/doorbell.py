"""Ringing for due rows. Losing every ring loses nothing: the next tick rings again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from socialhub.models import Publication, PublicationStatus

log = logging.getLogger(__name__)

# Rows per tick; more wait ten seconds.
MOST = 500


def ring(now: datetime, enqueue: Callable[[int], object]) -> list[int]:
    """Call `enqueue` once for every due row not rung for lately. Two queries."""
    again = now - timedelta(seconds=settings.PUBLISH_RING_AGAIN)
    due = Publication.objects.due(now).filter(Q(rung_at__isnull=True) | Q(rung_at__lte=again))
    ids = list(due.order_by("not_before", "pk").values_list("pk", flat=True)[:MOST])
    if ids:
        Publication.objects.filter(pk__in=ids, status=PublicationStatus.SCHEDULED).update(
            rung_at=now
        )
    for publication_id in ids:
        enqueue(publication_id)
    return ids


def ring_after_commit(at: datetime) -> None:
    """Shorten the wait for something due already. A dead broker must not fail the request."""
    if at > timezone.now():
        return

    def knock() -> None:
        from socialhub.tasks import publish_due

        try:
            publish_due.apply_async(expires=10)
        except OperationalError as exc:
            log.warning("the broker does not answer, the next tick will ring: %s", exc)

    transaction.on_commit(knock)
