"""How long a post stays true, in one word."""

from __future__ import annotations

from enum import StrEnum

from experiments.models import PostRecycling
from socialhub.models import Post


class Lasting(StrEnum):
    """How long a post stays true."""

    UNSAID = "unsaid"
    STAYS = "stays"
    DATED = "dated"


def lasting_of(post: Post, said: PostRecycling | None) -> Lasting:
    """What was said last; the composer's "evergreen" counts until somebody says otherwise."""
    if said is not None and said.time_sensitive is not None:
        return Lasting.DATED if said.time_sensitive else Lasting.STAYS
    return Lasting.STAYS if post.is_evergreen else Lasting.UNSAID
