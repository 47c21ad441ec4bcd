"""Taking a series off the queue: nothing of it goes out unless it is approved again."""

from __future__ import annotations

from typing import Any

from socialhub.models import CHANGEABLE, Post, PostStatus, Publication, PublicationStatus
from socialhub.services import history, notices
from threads.models import ThreadSeries

WAITING = [status for status in CHANGEABLE if status != PublicationStatus.DRAFT]


def take_off(series: ThreadSeries, user: Any) -> None:
    """Every part that waits is a draft again, and so is its post.

    The caller holds the series' lock. The posts' locks are those the fence takes: a worker that
    has a part sees that it may not be sent, or we see that it was.
    """
    posts = Post.objects.filter(thread_part__series=series)
    ids = [post.pk for post in posts.select_for_update(of=("self",)).order_by("pk")]
    Post.objects.filter(pk__in=ids).exclude(status=PostStatus.DRAFT).update(
        status=PostStatus.DRAFT, approved_by=None, approved_at=None
    )
    waiting = Publication.objects.filter(post_id__in=ids, status__in=WAITING)
    # Parents first, as the engine locks them.
    found = waiting.select_for_update(of=("self",)).order_by("post__thread_part__position", "pk")
    for row in found:
        changed = Publication.objects.filter(pk=row.pk, status__in=WAITING).update(
            status=PublicationStatus.DRAFT, not_before=None, rung_at=None, failures=0
        )
        if changed:
            history.event(row, "taken_off", actor=user)
            notices.resolve(f"publication:{row.pk}:")
