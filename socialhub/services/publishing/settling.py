"""Finding out what became of a request that got no usable answer."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from socialhub.models import (
    AccountStatus,
    NoticeKind,
    Outcome,
    Publication,
    PublicationAttempt,
    PublicationStatus,
)
from socialhub.platforms.base import Look
from socialhub.platforms.errors import AuthExpired, AuthRevoked, PlatformError
from socialhub.services import accounts, history, notices, spending
from socialhub.services.accounts import findings
from socialhub.services.publishing import generations, outcomes

log = logging.getLogger(__name__)

# Looks without a find, minutes apart, after which a post is certainly not out.
LOOKS_NEEDED = 2
# Networks date posts by their own clock.
CLOCK_SLACK = timedelta(minutes=2)


def settle_due(now: datetime) -> dict[str, int]:
    """Look at every unknown row whose time has come."""
    counts: dict[str, int] = {}
    due = Publication.objects.filter(
        status=PublicationStatus.UNKNOWN,
        next_look_at__lte=now,
        account__status=AccountStatus.ACTIVE,
    )
    for publication_id in due.order_by("next_look_at").values_list("pk", flat=True)[:100]:
        verdict = settle(publication_id, now)
        counts[verdict] = counts.get(verdict, 0) + 1
    return counts


def settle(publication_id: int, now: datetime) -> str:
    """One look at one row: published, not_found, later, ask, again, or not_ours."""
    interval = timedelta(seconds=settings.PUBLISH_LOOK_INTERVAL)
    # Moving the time on is the claim: a second settler finds the row not due.
    taken = Publication.objects.filter(
        pk=publication_id, status=PublicationStatus.UNKNOWN, next_look_at__lte=now
    ).update(next_look_at=now + interval)
    if taken != 1:
        return "not_ours"
    publication = Publication.objects.for_list().get(pk=publication_id)
    attempts = publication.attempts.filter(outcome__in=["", Outcome.UNKNOWN])
    attempt = attempts.select_related("generation").order_by("number").first()
    if attempt is None:
        return _not_found(publication, None, now)
    try:
        look = _look(publication, attempt)
    except AuthExpired:
        accounts.refresh(publication.account)
        return "later"
    except AuthRevoked as error:
        accounts.needs_reconnect(publication.account, error.message)
        return "later"
    except PlatformError as error:
        history.event(publication, "look_failed", attempt=attempt, detail=error.message)
        return "later"
    return _act(publication, attempt, look, now)


def _look(publication: Publication, attempt: PublicationAttempt) -> Look:
    account = publication.account
    taken = set(
        account.publications.exclude(pk=publication.pk)
        .exclude(remote_id="")
        .filter(published_at__gte=attempt.started_at - timedelta(days=2))
        .values_list("remote_id", flat=True)
    )
    connection = accounts.connection(account)
    try:
        return account.adapter.look(
            connection,
            generations.payload_of(attempt.generation),
            since_id=attempt.newest_id_before,
            since=attempt.started_at - CLOCK_SLACK,
            taken=taken,
        )
    except PlatformError as error:
        error.hide(connection.secrets.values())
        raise
    finally:
        findings.keep(account, connection)


def _act(publication: Publication, attempt: PublicationAttempt, look: Look, now: datetime) -> str:
    if look.verdict == "found" and look.receipt is not None:
        if outcomes.record_acceptance(publication, attempt, look.receipt, how="found"):
            return "published"
        return _ask(publication, attempt, "id_taken")
    if look.verdict == "not_found":
        return _not_found(publication, attempt, now)
    return _ask(publication, attempt, look.verdict)


def _not_found(publication: Publication, attempt: PublicationAttempt | None, now: datetime) -> str:
    looks = publication.looks + 1
    if attempt is not None:
        history.event(publication, "not_found", attempt=attempt)
    if looks < LOOKS_NEEDED and attempt is not None:
        Publication.objects.filter(
            pk=publication.pk, status=PublicationStatus.UNKNOWN, looks=publication.looks
        ).update(looks=looks)
        return "not_found"
    certainly_not_out(publication, now)
    return "again"


@transaction.atomic
def certainly_not_out(publication: Publication, now: datetime) -> bool:
    """No earlier attempt is out: back on the queue."""
    lost = publication.attempts.filter(outcome__in=["", Outcome.UNKNOWN])
    for started_at in lost.values_list("started_at", flat=True):
        # What was reserved for it was not spent.
        kinds = spending.charges_of(publication, started_at)
        spending.release(publication.account, kinds, started_at)
    lost.update(outcome=Outcome.NOT_OUT, finished_at=timezone.now())
    return outcomes.back_to_queue(
        publication,
        None,
        code="not_out",
        not_before=now,
        from_status=PublicationStatus.UNKNOWN,
    )


@transaction.atomic
def _ask(publication: Publication, attempt: PublicationAttempt, why: str) -> str:
    """Only a person can tell: "it is live" or "send again"."""
    asked = Publication.objects.filter(
        Q(needs_person=False), pk=publication.pk, status=PublicationStatus.UNKNOWN
    ).update(needs_person=True, next_look_at=None, error_code=why)
    if asked:
        history.event(publication, "ask", attempt=attempt, detail=why)
        notices.open_notice(
            NoticeKind.UNKNOWN,
            f"publication:{publication.pk}:unknown:{attempt.number}:ask",
            publication=publication,
        )
    return "ask"
