"""What people say about recycling a post: whether it stays true, its season, its end."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from experiments.models import PostRecycling
from socialhub import policies
from socialhub.models import Post
from socialhub.services import posts
from socialhub.services.errors import Invalid


class Lasting(StrEnum):
    """How long a post stays true."""

    UNSAID = "unsaid"
    STAYS = "stays"
    DATED = "dated"


_SENSITIVE = {Lasting.UNSAID: None, Lasting.STAYS: False, Lasting.DATED: True}


def lasting_of(post: Post, said: PostRecycling | None) -> Lasting:
    """What was said last; the composer's "evergreen" counts until somebody says otherwise."""
    if said is not None and said.time_sensitive is not None:
        return Lasting.DATED if said.time_sensitive else Lasting.STAYS
    return Lasting.STAYS if post.is_evergreen else Lasting.UNSAID


def mark(post: Post, user: Any, lasting: Lasting) -> PostRecycling:
    """Say how long the post stays true; the composer's "evergreen" follows."""
    return describe(post, user, lasting=lasting)


@transaction.atomic
def describe(
    post: Post, user: Any, *, lasting: Lasting | None = None, **fields: str | date | None
) -> PostRecycling:
    """Store `season_from`, `season_to`, `expires_on` and how long it stays true.

    Raises Invalid naming the fields, and Forbidden.
    """
    policies.require(user, "recycle_post")
    policies.require_accounts(user, post)
    row, _made = PostRecycling.objects.select_for_update().get_or_create(post=post)
    for name, value in fields.items():
        setattr(row, name, value)
    if lasting is not None:
        row.time_sensitive = _SENSITIVE[lasting]
    try:
        row.full_clean(exclude=["post"])
    except ValidationError as exc:
        told = {("season_to" if name == "__all__" else name): why for name, why in _named(exc)}
        raise Invalid("invalid", next(iter(told.values()))[0], told) from None
    row.save()
    stays = lasting == Lasting.STAYS
    if lasting is not None and post.is_evergreen != stays:
        posts.edit(post, user, is_evergreen=stays)
        post.is_evergreen = stays
    return row


def _named(exc: ValidationError) -> list[tuple[str, list[str]]]:
    return [(name, list(map(str, why))) for name, why in exc.message_dict.items()]
