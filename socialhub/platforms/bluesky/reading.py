"""Counters and notifications, from the AppView through the account's PDS.

The AppView lags behind the PDS by milliseconds to seconds: a post it does not know yet is
not gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from socialhub.platforms.base import (
    GONE,
    JSON,
    Audience,
    Connection,
    InteractionPage,
    Metrics,
    RemoteInteraction,
)
from socialhub.platforms.bluesky import records, xrpc
from socialhub.platforms.errors import InvalidContent, PlatformError, Unavailable

# https://docs.bsky.app/docs/api/app-bsky-feed-get-posts
POSTS_MAX = 25
PAGE = 100
PAGES_MAX = 10
KINDS: dict[str, Literal["comment", "mention", "quote"]] = {
    "reply": "comment",
    "quote": "quote",
    "mention": "mention",
}
# `indexedAt` of a notice is the author's createdAt if that is earlier (seen on AppView
# 0.0.280): a wrong clock or a late draft puts it behind notices we have read.
OVERLAP = timedelta(days=1)


# -- counters -----------------------------------------------------------------


def metrics(
    connection: Connection, remote_ids: Sequence[str]
) -> dict[str, Metrics | Literal["gone"]]:
    """Counters per URI; an id that could not be read this time is absent."""
    found: dict[str, Metrics | Literal["gone"]] = {}
    for start in range(0, len(remote_ids), POSTS_MAX):
        asked = remote_ids[start : start + POSTS_MAX]
        found |= _counters(connection, asked)
        found |= {uri: GONE for uri in asked if uri not in found and _is_gone(connection, uri)}
    return found


def _counters(connection: Connection, uris: Sequence[str]) -> dict[str, Metrics]:
    answer = xrpc.get(
        xrpc.base(connection),
        "app.bsky.feed.getPosts",
        {"uris": list(uris)},
        xrpc.access(connection),
    )
    posts = answer.get("posts")
    if not isinstance(posts, list):
        raise Unavailable("the answer has no posts")
    return {
        str(post["uri"]): counters(post)
        for post in posts
        if isinstance(post, dict) and post.get("uri") in uris
    }


def counters(post: Mapping[str, Any]) -> Metrics:
    """`replyCount` counts direct replies, our own included; views and clicks do not exist."""
    replies, quotes = _number(post, "replyCount"), _number(post, "quoteCount")
    reposts = _number(post, "repostCount")
    shared = [number for number in (reposts, quotes) if number is not None]
    return Metrics(
        likes=_number(post, "likeCount"),
        comments=replies,
        shares=sum(shared) if shared else None,
        saves=_number(post, "bookmarkCount"),
        replies=replies,
        quotes=quotes,
    )


def _number(post: Mapping[str, Any], name: str) -> int | None:
    value = post.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_gone(connection: Connection, uri: str) -> bool:
    """True only when the PDS, where the post lives, does not have it."""
    try:
        records.get_record(connection, uri)
    except xrpc.RecordNotFound:
        return True
    except PlatformError:
        return False
    return False


# -- the account --------------------------------------------------------------


def audience(connection: Connection) -> Audience:
    """https://docs.bsky.app/docs/api/app-bsky-actor-get-profile; every number is optional."""
    try:
        profile = xrpc.get(
            xrpc.base(connection),
            "app.bsky.actor.getProfile",
            {"actor": connection.remote_id},
            xrpc.access(connection),
        )
    except InvalidContent as exc:
        # 400 "Profile not found": the AppView has not heard of a new account yet.
        raise Unavailable(exc.message, http_status=exc.http_status) from exc
    if profile.get("did") != connection.remote_id:
        raise Unavailable("the answer is not about this account")
    return Audience(
        followers=_number(profile, "followersCount"),
        following=_number(profile, "followsCount"),
        posts=_number(profile, "postsCount"),
    )


# -- notifications ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far we have read, as text: `SEEN` or, in the middle of a backlog, `SEEN FLOOR NEXT`.

    `seen` is the newest notice read (indexedAt), `floor` where the backlog ends ("" = at the
    start, written "-"), `next` the network's own cursor to go on from.
    """

    seen: str = ""
    floor: str = ""
    next: str = ""

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """From what `str` wrote; without a backlog the floor is a day before `seen`."""
        seen, _, backlog = text.partition(" ")
        floor, _, following = backlog.partition(" ")
        if following:
            return cls(seen, "" if floor == "-" else floor, following)
        at = records.parse(seen)
        return cls(seen, records.moment(at - OVERLAP) if at is not None else "")

    def __str__(self) -> str:
        return f"{self.seen} {self.floor or '-'} {self.next}" if self.next else self.seen


def interactions(connection: Connection, cursor: str) -> InteractionPage:
    """Replies, mentions and quotes since `cursor`, newest first.

    What arrived up to a day before the cursor comes again (see OVERLAP); callers keep
    interactions by remote id. After PAGES_MAX pages the rest waits for the next call.
    """
    at = Cursor.parse(cursor)
    items: dict[str, RemoteInteraction] = {}
    seen, following = at.seen, at.next
    for _ in range(PAGES_MAX):
        notices, following = _page(connection, following)
        seen = max([seen, *map(_indexed, notices)])
        for notice in notices:
            item = interaction(connection, notice) if _indexed(notice) > at.floor else None
            # One post may be reply and mention at once.
            if item is not None and (item.remote_id not in items or item.kind != "mention"):
                items[item.remote_id] = item
        if not following or (notices and _indexed(notices[-1]) <= at.floor):
            following = ""
            break
    return InteractionPage(tuple(items.values()), str(Cursor(seen, at.floor, following)))


def _page(connection: Connection, following: str) -> tuple[list[JSON], str]:
    params: dict[str, Any] = {"reasons": list(KINDS), "limit": PAGE}
    if following:
        params["cursor"] = following
    answer = xrpc.get(
        xrpc.base(connection),
        "app.bsky.notification.listNotifications",
        params,
        xrpc.access(connection),
    )
    notices = answer.get("notifications")
    if not isinstance(notices, list):
        raise Unavailable("the answer has no notifications")
    return [n for n in notices if isinstance(n, dict)], str(answer.get("cursor") or "")


def _indexed(notice: Mapping[str, Any]) -> str:
    """`indexedAt` in one spelling, so that texts compare like times."""
    at = records.parse(notice.get("indexedAt"))
    return records.moment(at) if at is not None else ""


def interaction(connection: Connection, notice: Mapping[str, Any]) -> RemoteInteraction | None:
    """One notice; None for our own posts and for what is not understood."""
    record, author = notice.get("record"), notice.get("author")
    kind, own = KINDS.get(str(notice.get("reason"))), records.ref(notice)
    if not (isinstance(record, dict) and isinstance(author, dict) and kind and own):
        return None
    if author.get("did") == connection.remote_id:
        return None
    handle = str(author.get("handle") or "")
    reply = record.get("reply")
    root = records.ref(reply.get("root")) if isinstance(reply, dict) else None
    return RemoteInteraction(
        remote_id=own["uri"],
        kind=kind,
        author_handle=handle,
        author_name=str(author.get("displayName") or handle),
        text=str(record.get("text") or ""),
        created_at=records.parse(notice.get("indexedAt")) or datetime.now(UTC),
        permalink=records.permalink(own["uri"], handle),
        parent_id=_ours(connection, reply, notice),
        root_id=root["uri"] if root else "",
        data={**own, "root": root or own},
    )


def _ours(connection: Connection, reply: Any, notice: Mapping[str, Any]) -> str:
    """Our post that is answered or quoted; in a deeper discussion the nearest one of ours."""
    parent = records.ref(reply.get("parent")) if isinstance(reply, dict) else None
    for uri in (
        parent["uri"] if parent else "",
        str(notice.get("reasonSubject") or ""),
    ):
        if uri.startswith(f"at://{connection.remote_id}/{records.COLLECTION}/"):
            return uri
    return ""
