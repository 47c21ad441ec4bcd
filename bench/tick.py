"""What one tick of publish_due asks the database before the first task is enqueued."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.figures import Figure
from socialhub.models import Account, AccountStatus, Post, PostStatus, Publication
from socialhub.models import PublicationStatus as Status
from socialhub.services import drafts, publishing


class _Undo(Exception):
    """Rolls the rows back: the load that follows starts from an empty table."""


def measure(wanted: dict[str, Any]) -> list[Figure]:
    """Two figures: queries before the first task, and rows rung for."""
    found: list[Figure] = []
    try:
        with transaction.atomic():
            _rows(int(wanted["tick_scheduled"]), int(wanted["tick_due"]))
            found = _tick(wanted)
            raise _Undo
    except _Undo:
        return found


def _tick(wanted: dict[str, Any]) -> list[Figure]:
    before: list[int] = []
    with CaptureQueriesContext(connection) as queries:
        rung = publishing.ring(timezone.now(), lambda _id: before.append(len(queries)))
    due = int(wanted["tick_due"])
    return [
        Figure("tick, queries before enqueuing", before[0], "queries", wanted["tick_queries"]),
        Figure("tick, due rows rung for", len(rung), "rows", due, "min", samples=due),
    ]


def _rows(scheduled: int, due: int) -> None:
    account = Account.objects.create(
        platform="sandbox", handle="tick", remote_id="tick", status=AccountStatus.ACTIVE
    )
    sample = Post.objects.create(text="One of many")
    approved = drafts.content_hash(sample)
    posts = Post.objects.bulk_create(
        Post(
            text="One of many",
            status=PostStatus.APPROVED,
            content_hash=approved,
            approved_hash=approved,
        )
        for _ in range(scheduled + due)
    )
    now = timezone.now()
    times = [now - timedelta(minutes=1)] * due + [now + timedelta(days=1)] * scheduled
    Publication.objects.bulk_create(
        Publication(post=post, account=account, status=Status.SCHEDULED, due_at=at, not_before=at)
        for post, at in zip(posts, times, strict=True)
    )
