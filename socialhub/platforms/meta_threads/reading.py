"""Counters and what others wrote.

https://developers.facebook.com/docs/threads/insights
https://developers.facebook.com/docs/threads/reply-management
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from socialhub.platforms.base import (
    GONE,
    JSON,
    Connection,
    InteractionPage,
    Metrics,
    RemoteInteraction,
)
from socialhub.platforms.errors import NotFound, PermissionDenied, RateLimited, Unavailable
from socialhub.platforms.meta import insights
from socialhub.platforms.meta.containers import in_order
from socialhub.platforms.meta.graph import Graph, entries, moment
from socialhub.platforms.meta_threads import account

# What we need → their metric. `replies` of a root counts the whole conversation, of a reply only
# direct ones.
TABLE: Mapping[str, str] = {
    "impressions": "views",
    "likes": "likes",
    "replies": "replies",
    "reposts": "reposts",
    "quotes": "quotes",
    "sent": "shares",
}
# Reposts, quotes, and sent to somebody: all of them carry the post further.
SHARES = ("reposts", "quotes", "sent")
REPLY = "id,text,username,timestamp,permalink,is_reply_owned_by_me,replied_to,root_post"
MENTION = "id,text,username,timestamp,permalink"
# Posts that are read for replies, newest first, and replies per post.
POSTS, PAGE, MAX_PAGES = 50, 50, 5
# Replies appear with a delay; so much older than the newest one known is read again.
OVERLAP = timedelta(days=1)


def metrics(
    connection: Connection, remote_ids: Sequence[str]
) -> dict[str, Metrics | Literal["gone"]]:
    """Counters per id; what could not be read this time is absent."""
    graph = account.graph(connection)
    result: dict[str, Metrics | Literal["gone"]] = {}
    for remote_id in remote_ids:
        try:
            result[remote_id] = _one(graph, connection, remote_id)
        except NotFound:
            result[remote_id] = GONE
        except (RateLimited, Unavailable):
            # What was read so far is worth more than the reason.
            if not result:
                raise
            break
    return result


def _one(graph: Graph, connection: Connection, remote_id: str) -> Metrics:
    off = connection.options.get(insights.OPTION)
    found = insights.read(graph, f"{remote_id}/insights", TABLE, connection.findings, off)
    shared = [found[name] for name in SHARES if found[name] is not None]
    return Metrics(
        likes=found["likes"],
        comments=found["replies"],
        shares=sum(filter(None, shared)) if shared else None,
        impressions=found["impressions"],
        replies=found["replies"],
        quotes=found["quotes"],
    )


# -- interactions ---------------------------------------------------------------------


def page(connection: Connection, cursor: str) -> InteractionPage:
    """Replies to the newest posts, and mentions. Cursor: time of the newest one."""
    graph = account.graph(connection)
    known = moment(cursor)
    items: dict[str, RemoteInteraction] = {}
    newest = known
    for one in _written(graph, connection):
        item = _interaction(one)
        newest = max(item.created_at, newest or item.created_at)
        if known is None or item.created_at >= known - OVERLAP:
            # A reply that names us comes as a mention too: what it answers is known only here.
            items.setdefault(item.remote_id, item)
    ordered = sorted(items.values(), key=in_order)
    return InteractionPage(tuple(ordered), newest.isoformat() if newest else cursor)


def _written(graph: Graph, connection: Connection) -> Iterator[JSON]:
    """Replies of others below our posts, then mentions."""
    user = connection.remote_id
    own = connection.handle.removeprefix("@").casefold()
    for post in entries(graph.get(f"{user}/threads", fields="id,has_replies", limit=POSTS)):
        if post.get("has_replies") is not False:
            yield from (one for one in _conversation(graph, str(post["id"])) if not _own(one, own))
    try:
        for found in graph.pages(f"{user}/mentions", MAX_PAGES, fields=MENTION, limit=PAGE):
            yield from (one for one in found if not _own(one, own))
    except PermissionDenied:
        # A right of its own that not every app has; replies are worth having without it.
        return


def _conversation(graph: Graph, remote_id: str) -> Iterator[JSON]:
    """Every reply below a post, also those to replies; newest first."""
    try:
        for found in graph.pages(
            f"{remote_id}/conversation", MAX_PAGES, fields=REPLY, reverse="true", limit=PAGE
        ):
            for one in found:
                yield {"root_post": {"id": remote_id}, "replied_to": {"id": remote_id}, **one}
    except NotFound:
        # Deleted while we were reading.
        return


def _own(one: JSON, handle: str) -> bool:
    name = str(one.get("username") or "").casefold()
    return one.get("is_reply_owned_by_me") is True or (bool(name) and name == handle)


def _interaction(one: JSON) -> RemoteInteraction:
    name, parent = str(one.get("username") or ""), _id(one.get("replied_to"))
    return RemoteInteraction(
        remote_id=str(one["id"]),
        kind="comment" if parent else "mention",
        author_handle=name,
        author_name=name,
        text=str(one.get("text") or ""),
        created_at=moment(one.get("timestamp")) or datetime.now(UTC),
        permalink=str(one.get("permalink") or ""),
        parent_id=parent,
        root_id=_id(one.get("root_post")),
    )


def _id(value: Any) -> str:
    return str(value.get("id") or "") if isinstance(value, dict) else ""
