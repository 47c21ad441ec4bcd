"""What each button of the composer does to a stored post; each returns what to tell the person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub.models import Post, PublicationStatus
from socialhub.services import posts, publishing
from socialhub.views.composing import Typed

AT_ONCE = timedelta(seconds=5)


def _save(request: HttpRequest, post: Post, typed: Typed) -> str:
    if typed.when == "queue":
        posts.queue(post, request.user)
        return _("Saved. It has the next free times of its accounts.")
    return _("Saved.")


def _submit(request: HttpRequest, post: Post, typed: Typed) -> str:
    if typed.when == "queue":
        posts.queue(post, request.user)
    posts.submit(post, request.user, typed.due_at())
    return _("Handed in for approval.")


def _approve(request: HttpRequest, post: Post, typed: Typed) -> str:
    if typed.when == "queue":
        posts.queue(post, request.user)
    # "Now" is a time like any other for whoever approves; a moment ahead, so that it is valid.
    at = timezone.now() + AT_ONCE if typed.when == "now" else typed.due_at()
    approved = posts.approve(post, request.user, at)
    waiting = approved.publications.filter(status=PublicationStatus.SCHEDULED).count()
    if waiting:
        return _("Approved and scheduled.")
    return _("Approved. It goes out when somebody gives it a time.")


def _request_changes(request: HttpRequest, post: Post, typed: Typed) -> str:
    posts.request_changes(post, request.user, typed.comment)
    return _("Sent back with your comment.")


def _withdraw(request: HttpRequest, post: Post, typed: Typed) -> str:
    posts.withdraw(post, request.user)
    return _("It is a draft again; nothing of it goes out.")


def _schedule(request: HttpRequest, post: Post, typed: Typed) -> str:
    if typed.when == "queue":
        return _queue(request, post, typed)
    at = typed.due_at()
    if post.publications.filter(status=PublicationStatus.DRAFT).exists() or at is None:
        posts.schedule(post, request.user, at)
        return _("Scheduled.") if at else _("It goes out now.")
    for publication in post.publications.filter(status=PublicationStatus.SCHEDULED):
        publishing.reschedule(publication, request.user, at)
    return _("It has a new time.")


def _queue(request: HttpRequest, post: Post, typed: Typed) -> str:
    posts.queue(post, request.user)
    return _("It has the next free times of its accounts.")


def _archive(request: HttpRequest, post: Post, typed: Typed) -> str:
    posts.archive(post, request.user)
    return _("Archived.")


def _unarchive(request: HttpRequest, post: Post, typed: Typed) -> str:
    posts.archive(post, request.user, archived=False)
    return _("Back in the list.")


def _delete(request: HttpRequest, post: Post, typed: Typed) -> str:
    posts.delete(post, request.user)
    return _("Deleted.")


VERBS: dict[str, Callable[[HttpRequest, Post, Typed], str]] = {
    "save": _save,
    "submit": _submit,
    "approve": _approve,
    "request_changes": _request_changes,
    "withdraw": _withdraw,
    "schedule": _schedule,
    "queue": _queue,
    "archive": _archive,
    "unarchive": _unarchive,
    "delete": _delete,
}
