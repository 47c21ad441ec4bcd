"""Writing what became of an attempt. Every change is conditional on what it replaces."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from socialhub import signals
from socialhub.models import (
    NoticeKind,
    Outcome,
    Post,
    PostStatus,
    Publication,
    PublicationAttempt,
    PublicationStatus,
)
from socialhub.platforms.base import Receipt
from socialhub.platforms.errors import PlatformError
from socialhub.services import events, history, notices
from socialhub.services.publishing import parts

BACKOFF_MOST = 1800.0
# How soon after a lost answer the first look happens; the second comes an interval later.
FIRST_LOOK = 30.0

_FREE = {"claim_token": None, "claimed_at": None}


def backoff(failures: int) -> timedelta:
    """Full jitter: anything up to a limit that doubles with each failure."""
    most = min(BACKOFF_MOST, settings.PUBLISH_BACKOFF_FIRST * 2**failures)
    return timedelta(seconds=random.uniform(most / 15, most))


# -- accepted --------------------------------------------------------------------


@transaction.atomic
def record_acceptance(
    publication: Publication,
    attempt: PublicationAttempt | None,
    receipt: Receipt,
    *,
    how: str = "accepted",
    actor: Any = None,
) -> bool:
    """The network has it. Wins from any state; a second copy is kept and shown as one.

    Returns False when another publication already owns this remote id.
    """
    row = Publication.objects.select_for_update().get(pk=publication.pk)
    owner = Publication.objects.filter(account_id=row.account_id, remote_id=receipt.remote_id)
    if owner.exclude(pk=row.pk).exists():
        history.event(row, "id_taken", attempt=attempt, detail=receipt.remote_id)
        return False
    if row.remote_id and row.remote_id != receipt.remote_id:
        _record_duplicate(row, attempt, receipt)
        return True
    at = timezone.now()
    published_at = _published_at(attempt, receipt, at)
    Publication.objects.filter(pk=row.pk).update(
        status=PublicationStatus.PUBLISHED,
        remote_id=receipt.remote_id,
        permalink=receipt.permalink,
        remote_data=dict(receipt.data),
        published_at=published_at,
        error_code="",
        error_detail="",
        next_look_at=None,
        needs_person=False,
        cancel_requested_at=None,
        cancel_requested_by=None,
        updated_at=at,
        **_FREE,
    )
    if attempt is not None:
        _close(attempt, Outcome.ACCEPTED, remote_id=receipt.remote_id, permalink=receipt.permalink)
    # Other open attempts of this row are answered by the same fact.
    row.attempts.filter(outcome="").update(outcome=Outcome.UNKNOWN, finished_at=at)
    history.event(row, how, attempt=attempt, actor=actor, detail=receipt.permalink)
    if receipt.data.get("parent_lost"):
        history.event(row, "parent_lost", attempt=attempt)
        for part in parts.hold(row):
            _after_failed(part, None, part.error_code, "")
    else:
        parts.release(row, at)
    _after_published(row, at)
    return True


def _published_at(attempt: PublicationAttempt | None, receipt: Receipt, now: datetime) -> datetime:
    """When it went out. Networks may show the time written into the payload before sending."""
    if receipt.published_at is None:
        return now
    return max(receipt.published_at, attempt.started_at) if attempt else receipt.published_at


def _after_published(row: Publication, at: datetime) -> None:
    if row.answers_id is not None:
        from socialhub.models import Interaction

        Interaction.objects.filter(pk=row.answers_id, answered_at__isnull=True).update(
            answered_at=at, answering_by=None, answering_until=None
        )
    notices.resolve(f"publication:{row.pk}:")
    if row.status != PublicationStatus.PUBLISHED:
        # A look that finds again what is known to be out is no news.
        events.of_publication(events.PUBLISHED, row.pk)
    transaction.on_commit(
        lambda: signals.publication_published.send(Publication, publication_id=row.pk), robust=True
    )


def _record_duplicate(
    row: Publication, attempt: PublicationAttempt | None, receipt: Receipt
) -> None:
    if attempt is not None:
        _close(
            attempt,
            Outcome.ACCEPTED,
            remote_id=receipt.remote_id,
            permalink=receipt.permalink,
            is_duplicate=True,
        )
    history.event(row, "duplicate", attempt=attempt, detail=receipt.permalink or receipt.remote_id)
    notices.open_notice(
        NoticeKind.DUPLICATE, f"publication:{row.pk}:duplicate:{receipt.remote_id}", publication=row
    )


# -- not accepted ----------------------------------------------------------------


@transaction.atomic
def record_unknown(
    publication: Publication,
    attempt: PublicationAttempt,
    code: str,
    *,
    detail: str = "",
    http_status: int | None = None,
) -> bool:
    """The request may have arrived and no usable answer came."""
    now = timezone.now()
    _close(attempt, Outcome.UNKNOWN, error_code=code, error_detail=detail, http_status=http_status)
    first_look = min(FIRST_LOOK, settings.PUBLISH_LOOK_INTERVAL)
    changed = Publication.objects.filter(
        pk=publication.pk, status=PublicationStatus.PUBLISHING, claim_token=attempt.claim_token
    ).update(
        status=PublicationStatus.UNKNOWN,
        error_code=code,
        error_detail=detail,
        looks=0,
        needs_person=False,
        next_look_at=now + timedelta(seconds=first_look),
        **_FREE,
    )
    if changed:
        history.event(publication, "unknown", attempt=attempt, detail=detail)
        notices.open_notice(
            NoticeKind.UNKNOWN,
            f"publication:{publication.pk}:unknown:{attempt.number}",
            publication=publication,
        )
        events.of_publication(events.UNKNOWN, publication.pk)
    return changed == 1


@transaction.atomic
def record_failure(
    publication: Publication,
    token: uuid.UUID,
    error: PlatformError,
    attempt: PublicationAttempt | None = None,
) -> bool:
    """Certainly not out, and trying again would not help: a person has to act."""
    if attempt is not None:
        _close(
            attempt,
            Outcome.REFUSED,
            error_code=error.code,
            error_detail=error.message,
            http_status=error.http_status,
        )
    changed = Publication.objects.filter(
        pk=publication.pk, status=PublicationStatus.PUBLISHING, claim_token=token
    ).update(
        status=PublicationStatus.FAILED,
        error_code=error.code,
        error_detail=error.message,
        cancel_requested_at=None,
        cancel_requested_by=None,
        **_FREE,
    )
    if changed:
        _after_failed(publication, attempt, error.code, error.message)
    return changed == 1


def _after_failed(
    publication: Publication, attempt: PublicationAttempt | None, code: str, detail: str
) -> None:
    history.event(publication, "failed", attempt=attempt, detail=detail)
    number = attempt.number if attempt else 0
    due = publication.due_at or timezone.now()
    notices.open_notice(
        NoticeKind.FAILED,
        f"publication:{publication.pk}:failed:{number}:{due:%Y%m%d%H%M%S}",
        publication=publication,
    )
    events.of_publication(events.FAILED, publication.pk)
    transaction.on_commit(
        lambda: signals.publication_failed.send(Publication, publication_id=publication.pk),
        robust=True,
    )


@transaction.atomic
def back_to_queue(
    publication: Publication,
    token: uuid.UUID | None,
    *,
    code: str,
    not_before: datetime,
    detail: str = "",
    attempt: PublicationAttempt | None = None,
    outcome: str = Outcome.REFUSED,
    from_status: str = PublicationStatus.PUBLISHING,
    http_status: int | None = None,
) -> bool:
    """Certainly not out: scheduled again, or what a person asked for in the meantime.

    After `due_at` plus PUBLISH_GIVE_UP_AFTER it is failed instead.
    """
    if attempt is not None:
        _close(attempt, outcome, error_code=code, error_detail=detail, http_status=http_status)
    post = Post.objects.select_for_update().get(pk=publication.post_id)
    row = Publication.objects.select_for_update().get(pk=publication.pk)
    if row.status != from_status or row.claim_token != token:
        return False
    changes = _next_state(row, post, not_before)
    Publication.objects.filter(pk=row.pk).update(
        **changes,
        error_code=code,
        error_detail=detail,
        failures=row.failures + 1,
        next_look_at=None,
        needs_person=False,
        looks=0,
        rung_at=None,
        **_FREE,
    )
    if changes["status"] == PublicationStatus.FAILED:
        _after_failed(publication, attempt, code, detail)
    else:
        event = "again" if changes["status"] == PublicationStatus.SCHEDULED else changes["status"]
        history.event(publication, event, attempt=attempt, detail=detail or code)
        if changes["status"] == PublicationStatus.CANCELLED:
            parts.cancel_later(row, row.cancel_requested_by)
        notices.resolve(f"publication:{row.pk}:unknown:")
    return True


def _next_state(row: Publication, post: Post, not_before: datetime) -> dict[str, Any]:
    """What a row that is certainly not out becomes."""
    cleared = {"cancel_requested_at": None, "cancel_requested_by": None}
    if post.status != PostStatus.APPROVED:
        return {"status": PublicationStatus.DRAFT, "not_before": None, **cleared}
    if row.cancel_requested_at is not None:
        return {"status": PublicationStatus.CANCELLED, **cleared}
    give_up = timedelta(seconds=settings.PUBLISH_GIVE_UP_AFTER)
    if row.due_at is not None and not_before > row.due_at + give_up:
        return {"status": PublicationStatus.FAILED}
    return {"status": PublicationStatus.SCHEDULED, "not_before": not_before}


def _close(attempt: PublicationAttempt, outcome: str, **fields: Any) -> None:
    """Fill in an attempt's outcome. Only "no answer" and "not out" may still become another."""
    open_states = ["", Outcome.UNKNOWN, Outcome.NOT_OUT]
    PublicationAttempt.objects.filter(pk=attempt.pk, outcome__in=open_states).update(
        outcome=outcome, finished_at=timezone.now(), **fields
    )
