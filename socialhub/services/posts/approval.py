"""Approval: a person vouches for exactly this content."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import NoticeKind, Organisation, Post, PostStatus
from socialhub.services import drafts, history, notices
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.services.posts import planning
from socialhub.services.posts.writing import off_the_queue, validate

REVIEWABLE = (PostStatus.DRAFT, PostStatus.CHANGES_REQUESTED)


@transaction.atomic
def submit(post: Post, user: Any, due_at: datetime | None = None) -> Post:
    """Hand a draft in for approval. It must fit every network it is for."""
    policies.require(user, "submit_post")
    policies.require_post(user, post)
    post = _locked(post, *REVIEWABLE)
    if not post.publications.exists():
        message = _("Choose at least one account first.")
        raise Invalid("no_accounts", message, {"accounts": [message]})
    validate(post)
    planning.plan(post, due_at)
    post.status = PostStatus.IN_REVIEW
    post.review_comment = ""
    _save(post, user, "submitted")
    notices.open_notice(NoticeKind.TO_APPROVE, f"post:{post.pk}:approve:{post.version}", post=post)
    return post


@transaction.atomic
def approve(post: Post, user: Any, due_at: datetime | None = None) -> Post:
    """Approve this content, and schedule it for the time that was chosen.

    Nobody who edited it since the last approval may approve, unless the organisation allows
    it. After the chosen time a new one is needed (Invalid "due_passed").
    """
    policies.require(user, "approve_post")
    policies.require_post(user, post)
    post = _locked(post, *REVIEWABLE, PostStatus.IN_REVIEW)
    _require_other_eyes(post, user)
    if not post.publications.exists():
        message = _("Choose at least one account first.")
        raise Invalid("no_accounts", message, {"accounts": [message]})
    validate(post)
    planning.plan(post, due_at)
    now = timezone.now()
    post.content_hash = drafts.content_hash(post)
    post.status = PostStatus.APPROVED
    post.approved_hash = post.content_hash
    post.approved_by, post.approved_at, post.review_comment = user, now, ""
    _save(post, user, "approved")
    post.editors.all().delete()
    planning.schedule_planned(post, user, now)
    notices.resolve(f"post:{post.pk}:approve:")
    return post


@transaction.atomic
def request_changes(post: Post, user: Any, comment: str) -> Post:
    """Send a post back with a comment."""
    policies.require(user, "approve_post")
    policies.require_post(user, post)
    if not comment.strip():
        message = _("Say what should change.")
        raise Invalid("comment_missing", message, {"comment": [message]})
    post = _locked(post, PostStatus.IN_REVIEW)
    post.status = PostStatus.CHANGES_REQUESTED
    post.review_comment = comment.strip()
    _save(post, user, "changes requested")
    notices.resolve(f"post:{post.pk}:approve:")
    return post


@transaction.atomic
def withdraw(post: Post, user: Any) -> Post:
    """Take back a submission or an approval: draft again, off the queue."""
    if not (policies.can(user, "submit_post") or policies.can(user, "approve_post")):
        policies.require(user, "submit_post")
    policies.require_post(user, post)
    post = _locked(post, PostStatus.IN_REVIEW, PostStatus.APPROVED)
    post.status = PostStatus.DRAFT
    post.approved_by = post.approved_at = None
    off_the_queue(post, user)
    _save(post, user, "withdrawn")
    notices.resolve(f"post:{post.pk}:approve:")
    return post


def may_approve(post: Post, user: Any) -> bool:
    """Would `approve` accept this person? For buttons."""
    if not policies.can(user, "approve_post"):
        return False
    return Organisation.get().self_approval or not post.editors.filter(user=user).exists()


def _require_other_eyes(post: Post, user: Any) -> None:
    if user is not None and not may_approve(post, user):
        raise Forbidden(
            "edited_it_yourself",
            _("You edited this post, so somebody else has to approve it."),
        )


def _locked(post: Post, *states: str) -> Post:
    post = Post.objects.select_for_update().get(pk=post.pk)
    if post.status not in states:
        raise Conflict(
            "wrong_state",
            _("This post is %(state)s, so this cannot be done.")
            % {"state": post.get_status_display()},
        )
    return post


def _save(post: Post, user: Any, reason: str) -> None:
    post.version += 1
    history.sign(post, user, reason)
    post.save()
    for publication in post.publications.all():
        history.event(publication, reason.replace(" ", "_"), actor=user)
