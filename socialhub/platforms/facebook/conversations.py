"""What others wrote: comments under the page's posts, and posts that tag it.

https://developers.facebook.com/docs/graph-api/reference/page-post/comments/
https://developers.facebook.com/docs/graph-api/reference/page/tagged/
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from socialhub.platforms.base import JSON, Connection, InteractionPage, RemoteInteraction
from socialhub.platforms.errors import InvalidContent, NotFound, PermissionDenied
from socialhub.platforms.facebook.login import VERSION
from socialhub.platforms.meta.graph import Graph, moment, next_page

COMMENT = "id,message,created_time,permalink_url,can_comment,from{id,name},parent{id}"
# Comments under the page's latest 100 posts; older ones arrive through webhooks only.
POSTS, POST_PAGES = 25, 4
COMMENTS, COMMENT_PAGES = 25, 20
TAGGED_PAGES = 2
# Comments may show up a little after their time; those seen before come once more.
OVERLAP = timedelta(minutes=10)


def page(connection: Connection, cursor: str) -> InteractionPage:
    """Comments and posts newer than `cursor` (a time), oldest first."""
    seen = moment(cursor)
    since = seen - OVERLAP if seen else None
    graph = Graph.of(connection, VERSION)
    items = {one.remote_id: one for one in _comments(connection, graph, since)}
    items |= {one.remote_id: one for one in _tagged(connection, graph, since)}
    ordered = sorted(items.values(), key=lambda one: one.created_at)
    newest = max([one.created_at for one in ordered] + ([seen] if seen else []), default=None)
    return InteractionPage(tuple(ordered), newest.isoformat() if newest else "")


def _comments(
    connection: Connection, graph: Graph, since: datetime | None
) -> Iterator[RemoteInteraction]:
    held = f"comments.limit({COMMENTS}).filter(stream).order(reverse_chronological){{{COMMENT}}}"
    path = f"{connection.remote_id}/feed"
    for posts in graph.pages(path, POST_PAGES, limit=POSTS, fields=f"id,{held}"):
        for post in posts:
            post_id = str(post["id"])
            for comment in _new(graph, post_id, post.get("comments"), since):
                found = interaction(comment, post_id, connection.remote_id)
                if found is not None:
                    yield found


def _new(graph: Graph, post_id: str, held: Any, since: datetime | None) -> Iterator[JSON]:
    """Comments of one post, newest first, until they are older than `since`."""
    for _ in range(COMMENT_PAGES):
        said: JSON = held if isinstance(held, dict) else {}
        listed = said.get("data")
        for comment in listed if isinstance(listed, list) else ():
            written = moment(comment.get("created_time"))
            if since is not None and written is not None and written < since:
                return
            yield comment
        after = next_page(said)
        if after is None:
            return
        held = graph.get(
            f"{post_id}/comments",
            fields=COMMENT,
            filter="stream",
            order="reverse_chronological",
            limit=COMMENTS,
            after=after,
        )


def interaction(comment: JSON, post_id: str, page_id: str) -> RemoteInteraction | None:
    """One comment as plain data; None for the page's own."""
    author = _part(comment, "from")
    if str(author.get("id")) == page_id:
        return None
    remote_id = str(comment["id"])
    above = str(_part(comment, "parent").get("id") or "")
    # Facebook nests so deep and no deeper: else the answer goes under the comment above.
    answer = above if above and comment.get("can_comment") is False else remote_id
    return RemoteInteraction(
        remote_id=remote_id,
        kind="comment",
        # Facebook names a person only where they allow it.
        author_handle=str(author.get("id") or ""),
        author_name=str(author.get("name") or ""),
        text=str(comment.get("message") or ""),
        created_at=moment(comment.get("created_time")) or datetime.now(UTC),
        permalink=str(comment.get("permalink_url") or f"https://www.facebook.com/{remote_id}"),
        parent_id=above or post_id,
        root_id=post_id,
        data={"answer": answer, "post": post_id},
    )


def _tagged(
    connection: Connection, graph: Graph, since: datetime | None
) -> Iterator[RemoteInteraction]:
    """Posts of others that tag the page; nothing where that is not allowed."""
    path, fields = f"{connection.remote_id}/tagged", "id,message,created_time,permalink_url,from"
    try:
        for posts in graph.pages(path, TAGGED_PAGES, limit=POSTS, fields=fields):
            for post in posts:
                written = moment(post.get("created_time"))
                if since is not None and written is not None and written < since:
                    return
                found = interaction(post, "", connection.remote_id)
                if found is not None:
                    yield _mention(found)
    except (InvalidContent, NotFound, PermissionDenied):
        return


def _mention(post: RemoteInteraction) -> RemoteInteraction:
    return RemoteInteraction(
        remote_id=post.remote_id,
        kind="mention",
        author_handle=post.author_handle,
        author_name=post.author_name,
        text=post.text,
        created_at=post.created_at,
        permalink=post.permalink,
        data={"answer": post.remote_id},
    )


def _part(said: JSON, name: str) -> JSON:
    found = said.get(name)
    return found if isinstance(found, dict) else {}
