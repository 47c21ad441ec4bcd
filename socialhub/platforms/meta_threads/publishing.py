"""Posts and replies: https://developers.facebook.com/docs/threads/posts

Text alone could be published in one step; two give a container to ask about after a lost answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from socialhub.platforms.base import JSON, Connection, Draft, Look, MediaFile, Payload, Receipt
from socialhub.platforms.errors import Unavailable
from socialhub.platforms.meta import containers
from socialhub.platforms.meta.graph import Graph, entries
from socialhub.platforms.meta_threads import account

STEPS = containers.Steps("threads", "threads_publish", status="status", reason="error_message")
FIELDS = "id,text,timestamp,permalink,replied_to"


def prepare(graph: Graph, user: str, draft: Draft) -> Payload:
    """A finished container."""
    _refuse_used_up(graph, user, is_reply=draft.parent is not None)
    parent_id = draft.parent.remote_id if draft.parent else ""
    data: JSON = {"media_type": "TEXT", "text": draft.text}
    if parent_id:
        data["reply_to_id"] = parent_id
    pictures = [_picture(file) for file in draft.media]
    if len(pictures) == 1:
        data |= pictures.pop()
    creation_id = containers.made(graph, user, STEPS, data, pictures)
    return Payload(
        key=draft.key,
        text=draft.text,
        body={"creation_id": creation_id},
        parent_id=parent_id,
        created_at=draft.created_at,
    )


def _refuse_used_up(graph: Graph, user: str, *, is_reply: bool) -> None:
    found = account.quota(graph, user)
    if is_reply:
        containers.refuse_used_up(found.replies_used, found.replies_total)
    else:
        containers.refuse_used_up(found.used, found.total)


def _picture(file: MediaFile) -> JSON:
    url = containers.picture_url(file)
    return {"media_type": "IMAGE", "image_url": url, "alt_text": file.alt_text}


def commit(graph: Graph, user: str, payload: Payload, guard: Callable[[], None] | None) -> Receipt:
    remote_id = containers.publish(graph, user, STEPS, payload, guard)
    return containers.with_address(graph, remote_id, {})


def newest_own(graph: Graph, user: str) -> str:
    found = entries(graph.get(f"{user}/threads", fields="id", limit=1))
    return str(found[0]["id"]) if found else ""


def look(
    connection: Connection,
    payload: Payload,
    since_id: str,
    since: datetime,
    taken: Collection[str],
) -> Look:
    """The container says whether it is out, the own list which post it is."""
    graph = account.graph(connection)
    state = containers.by_container(graph, STEPS, payload)
    if state == "not_out":
        return Look("not_found")
    # Replies are in a list of their own.
    edge = "replies" if payload.parent_id else "threads"
    path = f"{connection.remote_id}/{edge}"
    own = containers.own_since(graph, path, FIELDS, since_id, since)
    hits = [
        post
        for post in own
        if containers.same(post, payload, "text", taken) and _answers(post) == payload.parent_id
    ]
    if state == "out" and not hits:
        raise Unavailable("the post is out, and not in the account's list yet")
    return containers.verdict(hits, {})


def _answers(post: JSON) -> str:
    """Id of the post it replies to, "" for none."""
    above = post.get("replied_to")
    return str(above.get("id") or "") if isinstance(above, dict) else ""
