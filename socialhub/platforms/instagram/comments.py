"""Comments: our own as further parts, those of others, and answers to them.

https://developers.facebook.com/docs/instagram-platform/comment-moderation
A comment can be answered, an answer cannot: what answers an answer goes under the same comment.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from socialhub.platforms.base import (
    JSON,
    Connection,
    Draft,
    InteractionPage,
    Look,
    Payload,
    Receipt,
    RemoteInteraction,
)
from socialhub.platforms.errors import NotFound
from socialhub.platforms.instagram import account
from socialhub.platforms.meta import containers
from socialhub.platforms.meta.containers import in_order
from socialhub.platforms.meta.graph import Graph, moment, next_page

ONE = "id,text,timestamp,username,from"
WITH_ANSWERS = f"{ONE},replies.limit(50){{{ONE}}}"
# Posts that are read for comments, newest first, and comments per post.
POSTS, PAGE, MAX_PAGES = 50, 50, 5
# Comments appear with a delay; so much older than the newest one known is read again.
OVERLAP = timedelta(days=1)


# -- writing --------------------------------------------------------------------------


def prepare(connection: Connection, draft: Draft) -> Payload:
    """An answer to somebody's comment, else a comment under the first part."""
    assert draft.parent is not None
    text, data = draft.text, draft.parent.data
    if data.get("kind") == "comment" and data.get("author"):
        target, edge = str(data.get("thread_id") or draft.parent.remote_id), "replies"
        if target != draft.parent.remote_id and f"@{data['author']}" not in text:
            # An answer to an answer: only the name tells them that it is for them.
            text = f"@{data['author']} {text}"
    else:
        target, edge = (draft.root or draft.parent).remote_id, "comments"
    body = {"edge": edge, "message": text}
    return Payload(
        key=draft.key, text=text, body=body, parent_id=target, created_at=draft.created_at
    )


def commit(graph: Graph, payload: Payload, guard: Callable[[], None] | None) -> Receipt:
    path = f"{payload.parent_id}/{payload.body.get('edge', 'comments')}"
    said = graph.publish(path, {"message": payload.body.get("message", payload.text)}, guard)
    remote_id = containers.named(said)
    return Receipt(remote_id, published_at=datetime.now(UTC), data={"kind": "comment"})


def look(connection: Connection, payload: Payload, since: datetime, taken: Collection[str]) -> Look:
    """Our comments under the same thing with the same text; the newest come first."""
    graph = account.graph(connection)
    path = f"{payload.parent_id}/{payload.body.get('edge', 'comments')}"
    found = containers.own_since(graph, path, ONE, "", since)
    hits = [
        one
        for one in found
        if is_own(connection, one) and containers.same(one, payload, "text", taken)
    ]
    return containers.verdict(hits, {"kind": "comment"})


def is_own(connection: Connection, comment: JSON) -> bool:
    name, sender = author(comment)
    return bool(
        (sender and sender == connection.remote_id)
        or (name and name.casefold() == connection.handle.removeprefix("@").casefold())
    )


def author(comment: JSON) -> tuple[str, str]:
    """Name and id of the author; either may be missing."""
    sender: Any = comment.get("from")
    sender = sender if isinstance(sender, dict) else {}
    name = str(comment.get("username") or sender.get("username") or "")
    return name, str(sender.get("id") or "")


# -- reading --------------------------------------------------------------------------


def page(connection: Connection, cursor: str) -> InteractionPage:
    """Comments on the newest posts, and the answers to them. Cursor: time of the newest one."""
    graph = account.graph(connection)
    known = moment(cursor)
    items, newest = [], known
    for one in _comments(graph, connection.remote_id):
        item = _interaction(one)
        newest = max(item.created_at, newest or item.created_at)
        is_old = known is not None and item.created_at < known - OVERLAP
        if not is_old and not is_own(connection, one):
            items.append(item)
    items.sort(key=in_order)
    return InteractionPage(tuple(items), newest.isoformat() if newest else cursor)


def _comments(graph: Graph, user: str) -> Iterator[JSON]:
    """Every comment and answer, with "media" (the post) and "thread_id" (the comment above)."""
    said = graph.get(f"{user}/media", fields="id,permalink,comments_count", limit=POSTS)
    for post in said.get("data") or ():
        if not post.get("comments_count"):
            continue
        try:
            for found in graph.pages(
                f"{post['id']}/comments", MAX_PAGES, fields=WITH_ANSWERS, limit=PAGE
            ):
                for comment in found:
                    yield {**comment, "media": post, "thread_id": ""}
                    for answer in _answers(graph, comment):
                        yield {**answer, "media": post, "thread_id": str(comment["id"])}
        except NotFound:
            # Deleted while we were reading.
            continue


def _answers(graph: Graph, comment: JSON) -> Iterator[JSON]:
    """The answers under a comment, beyond those that came with it where there are more."""
    replies: Any = comment.get("replies") or {}
    if next_page(replies) is None:
        yield from replies.get("data") or ()
        return
    for found in graph.pages(f"{comment['id']}/replies", MAX_PAGES, fields=ONE, limit=PAGE):
        yield from found


def _interaction(one: JSON) -> RemoteInteraction:
    name, _ = author(one)
    media: JSON = one["media"]
    thread_id = str(one["thread_id"] or one["id"])
    return RemoteInteraction(
        remote_id=str(one["id"]),
        kind="comment",
        author_handle=name,
        author_name=name,
        text=str(one.get("text") or ""),
        created_at=moment(one.get("timestamp")) or datetime.now(UTC),
        permalink=str(media.get("permalink") or ""),
        parent_id=str(one["thread_id"] or media["id"]),
        root_id=str(media["id"]),
        data={"kind": "comment", "author": name, "thread_id": thread_id},
    )
