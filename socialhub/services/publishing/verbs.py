"""What people do with a publication. Every verb is one conditional update."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import (
    CHANGEABLE,
    IN_FLIGHT,
    AccountStatus,
    PostStatus,
    Publication,
    PublicationStatus,
)
from socialhub.platforms.base import Receipt
from socialhub.services import history, notices
from socialhub.services.errors import Conflict, Invalid
from socialhub.services.publishing import outcomes, parts, settling
from socialhub.services.publishing.doorbell import ring_after_commit


@transaction.atomic
def cancel(publication: Publication, user: Any) -> Publication:
    """Take it off the queue. One being sent is asked to stop, if it turns out not to be out."""
    _require(user, publication)
    changed = Publication.objects.filter(pk=publication.pk, status__in=CHANGEABLE).update(
        status=PublicationStatus.CANCELLED, rung_at=None
    )
    if changed:
        history.event(publication, "cancelled", actor=user)
        history.record(publication, user, "cancelled")
        notices.resolve(f"publication:{publication.pk}:")
    elif not _ask_to_stop(publication, user):
        raise _wrong_state(publication)
    parts.cancel_later(publication, user)
    publication.refresh_from_db()
    return publication


@transaction.atomic
def reschedule(publication: Publication, user: Any, due_at: datetime) -> Publication:
    """Choose another time. Unapproved posts keep it for later; one being sent is asked to stop."""
    _require(user, publication)
    if due_at < timezone.now():
        message = _("This time has passed. Choose a later one.")
        raise Invalid("due_passed", message, {"due_at": [message]})
    approved = publication.post.status == PostStatus.APPROVED
    changed = Publication.objects.filter(
        pk=publication.pk, status__in=CHANGEABLE, post__status=publication.post.status
    ).update(**_timed(due_at) if approved else {"due_at": due_at})
    if changed:
        history.event(publication, "rescheduled", actor=user, detail=due_at.isoformat())
        history.record(publication, user, "rescheduled")
        notices.resolve(f"publication:{publication.pk}:")
        ring_after_commit(due_at)
    elif not _ask_to_stop(publication, user):
        raise _wrong_state(publication)
    publication.refresh_from_db()
    return publication


@transaction.atomic
def retry(publication: Publication, user: Any) -> Publication:
    """Send a failed or missed publication now."""
    _require(user, publication)
    if publication.post.status != PostStatus.APPROVED:
        raise Conflict("not_approved", _("This post is not approved yet. Submit it first."))
    if publication.account.status != AccountStatus.ACTIVE:
        raise Conflict(
            "account_unusable",
            _("%(account)s has to be reconnected first.") % {"account": publication.account},
        )
    now = timezone.now()
    changed = Publication.objects.filter(
        pk=publication.pk, status__in=[PublicationStatus.FAILED, PublicationStatus.MISSED]
    ).update(**_timed(now))
    if not changed:
        raise _wrong_state(publication)
    history.event(publication, "retried", actor=user)
    history.record(publication, user, "retried")
    notices.resolve(f"publication:{publication.pk}:")
    ring_after_commit(now)
    publication.refresh_from_db()
    return publication


@transaction.atomic
def settle_now(publication: Publication, user: Any) -> Publication:
    """Ask for a look at an unknown outcome as soon as a worker is free."""
    _require(user, publication)
    now = timezone.now()
    changed = Publication.objects.filter(
        pk=publication.pk, status=PublicationStatus.UNKNOWN
    ).update(next_look_at=now, needs_person=False)
    if not changed:
        raise _wrong_state(publication)
    history.event(publication, "look_asked", actor=user)
    publication.refresh_from_db()
    return publication


@transaction.atomic
def resolve(publication: Publication, user: Any, *, live: bool, permalink: str = "") -> Publication:
    """A person says what became of an unknown one: it is live, or send it again."""
    _require(user, publication)
    row = Publication.objects.select_for_update().get(pk=publication.pk)
    if row.status != PublicationStatus.UNKNOWN:
        raise _wrong_state(row)
    if live:
        attempt = row.attempts.order_by("number").last()
        receipt = Receipt(
            remote_id=_linked_id(row, permalink) or f"confirmed-by-person-{row.pk}",
            permalink=permalink,
            published_at=attempt.started_at if attempt else None,
        )
        outcomes.record_acceptance(row, attempt, receipt, how="confirmed", actor=user)
    else:
        history.event(row, "denied", actor=user)
        settling.certainly_not_out(row, timezone.now())
        ring_after_commit(timezone.now())
    history.record(publication, user, "said live" if live else "said not live")
    publication.refresh_from_db()
    return publication


# -- helpers ---------------------------------------------------------------------


def _linked_id(row: Publication, permalink: str) -> str:
    """The network's id as the link shows it, "" where it does not, or for another one's link.

    Without an id nothing can be collected, and the next part of a series has nothing to answer.
    """
    account = row.account
    # An answer may stand elsewhere than the account's posts.
    if not permalink or row.answers_id is not None:
        return ""
    found = account.adapter.remote_id_of(permalink, account.remote_id, account.handle)
    others = account.publications.exclude(pk=row.pk)
    return "" if found and others.filter(remote_id=found).exists() else found


def _timed(at: datetime) -> dict[str, Any]:
    return {
        "status": PublicationStatus.SCHEDULED,
        "due_at": at,
        "not_before": at,
        "rung_at": None,
        "failures": 0,
        "error_code": "",
        "error_detail": "",
        "cancel_requested_at": None,
        "cancel_requested_by": None,
    }


def _require(user: Any, publication: Publication) -> None:
    verb = "answer_interaction" if publication.answers_id else "schedule_post"
    policies.require(user, verb)


def _ask_to_stop(publication: Publication, user: Any) -> bool:
    asked = Publication.objects.filter(pk=publication.pk, status__in=IN_FLIGHT).update(
        cancel_requested_at=timezone.now(), cancel_requested_by=user
    )
    if asked:
        history.event(publication, "stop_asked", actor=user)
    return asked == 1


def _wrong_state(publication: Publication) -> Conflict:
    publication.refresh_from_db()
    return Conflict(
        "wrong_state",
        _("This publication is %(state)s, so this cannot be done.")
        % {"state": publication.get_status_display()},
    )
