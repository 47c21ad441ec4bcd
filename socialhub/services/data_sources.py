"""Posts as a source of data for image templates and writers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from socialhub import policies
from socialhub.models import Post
from socialhub.registries import DataItem, DataSource, register_data_source

LABEL_LENGTH = 80


def register() -> None:
    """Offer posts."""
    register_data_source(DataSource("post", _("Post"), find, get))


def find(user: Any, search: str, limit: int) -> list[DataItem]:
    """The newest posts this person sees whose text has every word."""
    rows = _seen(user).filter(is_archived=False)
    for word in search.split()[:8]:
        rows = rows.filter(text__icontains=word)
    return [_item(post) for post in rows.order_by("-created_at", "-pk")[:limit]]


def get(user: Any, key: str) -> DataItem | None:
    """One post by its id."""
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    post = _seen(user).filter(pk=int(key)).first()
    return _item(post) if post else None


def _seen(user: Any) -> QuerySet[Post]:
    if not policies.can(user, "view"):
        return Post.objects.none()
    rows = Post.objects.all() if user is None else Post.objects.visible_to(user)
    return rows.filter(is_reply=False).prefetch_related("post_media")


def _item(post: Post) -> DataItem:
    """The first line is the title, what follows the text."""
    lines = [line.strip() for line in post.text.strip().splitlines()]
    title = lines[0] if lines else ""
    media = sorted(post.post_media.all(), key=lambda one: one.position)
    return DataItem(
        key=str(post.pk),
        label=title[:LABEL_LENGTH] or str(post.pk),
        values={
            "title": title,
            "text": "\n".join(lines[1:]).strip() or title,
            "image": media[0].media_id if media else None,
            "url": post.link,
            "date": post.created_at.date(),
        },
    )
