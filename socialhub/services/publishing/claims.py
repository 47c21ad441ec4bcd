"""Taking a row for one worker, and taking it back from a dead one."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from socialhub.models import (
    NoticeKind,
    Organisation,
    Outcome,
    Publication,
    PublicationAttempt,
    PublicationStatus,
)
from socialhub.services import events, history, notices
from socialhub.services.publishing import outcomes


def claim(publication_id: int, now: datetime) -> uuid.UUID | None:
    """The token of this worker's claim, or None when the row is not ours to send.

    The status is compared on the row itself besides the sub-select: PostgreSQL re-reads only
    the row it waited for, not what a sub-select saw before.
    """
    token = uuid.uuid4()
    taken = Publication.objects.filter(
        pk=publication_id,
        status=PublicationStatus.SCHEDULED,
        not_before__lte=now,
        pk__in=Publication.objects.due(now).filter(pk=publication_id).values("pk"),
    ).update(status=PublicationStatus.PUBLISHING, claim_token=token, claimed_at=now, rung_at=None)
    return token if taken == 1 else None


@transaction.atomic
def mark_missed(publication_id: int, now: datetime) -> bool:
    """Ask a person instead of sending what is long overdue: after an outage nothing bursts out."""
    grace = timedelta(minutes=Organisation.get().missed_after_minutes)
    missed = Publication.objects.filter(
        pk=publication_id,
        status=PublicationStatus.SCHEDULED,
        not_before__lt=now - grace,
        pk__in=Publication.objects.due(now).filter(pk=publication_id).values("pk"),
    ).update(status=PublicationStatus.MISSED, rung_at=None)
    if missed:
        history.event(publication_id, "missed")
        publication = Publication.objects.select_related("post", "account").get(pk=publication_id)
        notices.open_notice(
            NoticeKind.MISSED,
            f"publication:{publication_id}:missed:{publication.due_at:%Y%m%d%H%M}",
            publication=publication,
        )
        events.of_publication(events.MISSED, publication_id)
    return missed == 1


def reap(now: datetime) -> dict[str, int]:
    """Free rows whose worker is gone: back to the queue, or unknown if a request may have left."""
    limit = now - timedelta(seconds=settings.PUBLISH_REAP_AFTER)
    counts = {"freed": 0, "unknown": 0}
    stale = Publication.objects.filter(
        status=PublicationStatus.PUBLISHING, claimed_at__lt=limit
    ).select_related("post", "account")
    for publication in stale:
        token = publication.claim_token
        assert token is not None  # publication_publishing_has_claim
        attempt = PublicationAttempt.objects.filter(
            publication=publication, claim_token=token
        ).last()
        if attempt is None:
            if outcomes.back_to_queue(publication, token, code="claim_lost", not_before=now):
                counts["freed"] += 1
        elif attempt.outcome in ("", Outcome.UNKNOWN) and outcomes.record_unknown(
            publication, attempt, "worker_lost", detail="the worker ended before an answer"
        ):
            counts["unknown"] += 1
    return counts
