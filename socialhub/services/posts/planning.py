"""When a post goes out: chosen times, now, or the next free slot."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import Post, PostStatus, Publication, PublicationStatus
from socialhub.services import history
from socialhub.services import queue as slots
from socialhub.services.errors import Conflict, Invalid
from socialhub.services.publishing.doorbell import ring_after_commit


def plan(post: Post, due_at: datetime | None) -> None:
    """Note the time for every draft publication; a chosen time that has passed is refused."""
    now = timezone.now()
    drafts = post.publications.filter(status=PublicationStatus.DRAFT)
    if due_at is not None:
        if due_at < now:
            raise _passed()
        post.planned_at = due_at
        drafts.update(due_at=due_at)
    elif drafts.filter(due_at__lt=now).exists():
        raise _passed()


@transaction.atomic
def schedule(post: Post, user: Any, due_at: datetime | None = None) -> list[Publication]:
    """Put every draft publication of an approved post on the queue; no time means now."""
    policies.require(user, "schedule_post")
    policies.require_post(user, post)
    post = _approved(post)
    now = timezone.now()
    if due_at is not None and due_at < now:
        raise _passed()
    at = due_at or now
    post.planned_at = at
    post.save(update_fields=["planned_at", "updated_at"])
    waiting = list(post.publications.filter(status=PublicationStatus.DRAFT))
    if not waiting:
        raise Conflict("nothing_to_schedule", _("Every publication of this post has its time."))
    return [p for p in waiting if put_on_queue(p, at, user)]


def schedule_planned(post: Post, user: Any, now: datetime) -> None:
    """After approval: whatever has a time goes on the queue."""
    for publication in post.publications.filter(
        status=PublicationStatus.DRAFT, due_at__isnull=False
    ):
        if publication.due_at is not None:
            put_on_queue(publication, publication.due_at, user)


@transaction.atomic
def queue(post: Post, user: Any) -> list[Publication]:
    """Give every draft publication its account's next free slot.

    An unapproved post keeps the times and goes on the queue when it is approved.
    """
    policies.require(user, "schedule_post")
    policies.require_post(user, post)
    post = Post.objects.select_for_update().get(pk=post.pk)
    waiting = list(
        post.publications.filter(status=PublicationStatus.DRAFT)
        .select_related("account")
        .prefetch_related("account__slots")
    )
    if not waiting:
        raise Conflict("nothing_to_schedule", _("Every publication of this post has its time."))
    now = timezone.now()
    for publication in waiting:
        at = slots.next_free_slot(publication.account, now)
        if at is None:
            raise Invalid(
                "no_slot",
                _("%(account)s has no free posting slot. Add slots to the account.")
                % {"account": publication.account},
            )
        if post.status == PostStatus.APPROVED:
            put_on_queue(publication, at, user)
        else:
            Publication.objects.filter(pk=publication.pk).update(due_at=at)
    return waiting


def put_on_queue(publication: Publication, at: datetime, user: Any) -> bool:
    """draft → scheduled by conditional update. False when the row was in another state."""
    changed = Publication.objects.filter(pk=publication.pk, status=PublicationStatus.DRAFT).update(
        status=PublicationStatus.SCHEDULED,
        due_at=at,
        not_before=at,
        rung_at=None,
        failures=0,
        error_code="",
        error_detail="",
        cancel_requested_at=None,
        cancel_requested_by=None,
    )
    if changed:
        history.event(publication, "scheduled", actor=user, detail=at.isoformat())
        ring_after_commit(at)
    return changed == 1


def _approved(post: Post) -> Post:
    post = Post.objects.select_for_update().get(pk=post.pk)
    if post.status != PostStatus.APPROVED:
        raise Conflict("not_approved", _("This post is not approved yet. Submit it first."))
    return post


def _passed() -> Invalid:
    message = _("This time has passed. Choose a later one.")
    return Invalid("due_passed", message, {"due_at": [message]})
