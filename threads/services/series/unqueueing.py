"""Taking a series off the queue: nothing of it goes out unless it is approved again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from socialhub.models import CHANGEABLE, Post, PostStatus, Publication, PublicationStatus
from socialhub.services import history, notices
from threads.models import ThreadSeries

WAITING = [status for status in CHANGEABLE if status != PublicationStatus.DRAFT]


def lock_posts(series: ThreadSeries) -> list[int]:
    """Ids of the posts of all parts, locked as the fence locks them.

    From here on no worker sends a part; only what is in flight already may still turn out.
    """
    posts = Post.objects.filter(thread_part__series=series)
    return [post.pk for post in posts.select_for_update(of=("self",)).order_by("pk")]


def take_off(series: ThreadSeries, user: Any, *, also: Iterable[Post] = ()) -> None:
    """Every part that waits is a draft again, and so is its post. The series is locked.

    `also` are posts of parts that are gone; they were locked with the others.
    """
    ids = [*lock_posts(series), *[post.pk for post in also]]
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
        if changed and row.status != PublicationStatus.SCHEDULED:
            notices.resolve(f"publication:{row.pk}:")
