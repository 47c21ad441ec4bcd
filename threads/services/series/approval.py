"""Approval: a person vouches for every part, as one. The rules are those of posts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import Organisation, Post, PostStatus
from socialhub.services import drafts, history
from socialhub.services.errors import Forbidden, Invalid
from threads.models import SeriesStatus, ThreadSeries
from threads.services.series import access, checking, content, planning, rows, telling, unqueueing


@transaction.atomic
def submit(series: ThreadSeries, user: Any) -> ThreadSeries:
    """Hand a draft in for approval. It must be possible as it stands."""
    policies.require(user, "submit_post")
    access.require_accounts(user, series)
    series = access.locked(series, SeriesStatus.DRAFT)
    checking.validate(series)
    _due(series, None)
    series.status = SeriesStatus.IN_REVIEW
    series.review_comment = ""
    _save(series, user, "submitted")
    telling.waits(series)
    return series


@transaction.atomic
def approve(series: ThreadSeries, user: Any, due_at: datetime | None = None) -> ThreadSeries:
    """Approve all parts; they go on the queue when a time was chosen.

    Nobody who changed the series since its last approval may approve it, unless the
    organisation allows it. What was interrupted goes on at once.
    """
    policies.require(user, "approve_post")
    access.require_accounts(user, series)
    series = access.locked(series, SeriesStatus.DRAFT, SeriesStatus.IN_REVIEW)
    if user is not None and not may_approve(series, user):
        message = _("You changed this series, so somebody else has to approve it.")
        raise Forbidden("edited_it_yourself", message)
    checking.validate(series)
    at = _due(series, due_at)
    series.content_hash = series.approved_hash = content.content_hash(series)
    series.status = SeriesStatus.APPROVED
    series.approved_by, series.approved_at = user, timezone.now()
    series.review_comment = ""
    _save(series, user, "approved")
    series.editors.clear()
    _approve_posts(series, user)
    if at is not None:
        planning.put_on_queue(series, user, at)
    telling.settled(series)
    return series


@transaction.atomic
def request_changes(series: ThreadSeries, user: Any, comment: str) -> ThreadSeries:
    """Send a series back with a comment: draft again."""
    policies.require(user, "approve_post")
    access.require_accounts(user, series)
    if not comment.strip():
        message = _("Say what should change.")
        raise Invalid("comment_missing", message, {"comment": [message]})
    series = access.locked(series, SeriesStatus.IN_REVIEW)
    series.status = SeriesStatus.DRAFT
    series.review_comment = comment.strip()
    _save(series, user, "changes requested")
    telling.settled(series)
    return series


@transaction.atomic
def withdraw(series: ThreadSeries, user: Any) -> ThreadSeries:
    """Take back a submission or an approval: draft again, off the queue."""
    if not (policies.can(user, "submit_post") or policies.can(user, "approve_post")):
        policies.require(user, "submit_post")
    access.require_accounts(user, series)
    series = access.locked(series, SeriesStatus.IN_REVIEW, SeriesStatus.APPROVED)
    unqueueing.take_off(series, user)
    access.require_settled(series)
    series.status = SeriesStatus.DRAFT
    series.approved_by = series.approved_at = None
    _save(series, user, "withdrawn")
    telling.settled(series)
    return series


def may_approve(series: ThreadSeries, user: Any) -> bool:
    """Would `approve` accept this person? For buttons."""
    if not policies.can(user, "approve_post"):
        return False
    return Organisation.get().self_approval or not series.editors.filter(pk=user.pk).exists()


# -- helpers ---------------------------------------------------------------------------


def _due(series: ThreadSeries, due_at: datetime | None) -> datetime | None:
    """The time it goes out. One that has passed is refused, unless some of it is out already:
    then the rest follows now."""
    now = timezone.now()
    if due_at is not None:
        if due_at < now:
            raise planning.passed()
        series.due_at = due_at
    if series.due_at is None or series.due_at >= now:
        return series.due_at
    if rows.out_on(series):
        return now
    raise planning.passed()


def _approve_posts(series: ThreadSeries, user: Any) -> None:
    posts = Post.objects.filter(thread_part__series=series)
    for post in posts.select_for_update(of=("self",)).order_by("pk"):
        post.content_hash = post.approved_hash = drafts.content_hash(post)
        post.status = PostStatus.APPROVED
        post.approved_by, post.approved_at = user, series.approved_at
        post.version += 1
        history.sign(post, user, "approved with its series")
        post.save()


def _save(series: ThreadSeries, user: Any, reason: str) -> None:
    series.version += 1
    history.sign(series, user, reason)
    series.save()
