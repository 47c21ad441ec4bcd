"""Posts: https://developers.facebook.com/docs/instagram-platform/content-publishing"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from socialhub.platforms.base import (
    JSON,
    Connection,
    Draft,
    Look,
    MediaFile,
    Payload,
    Receipt,
)
from socialhub.platforms.errors import Unavailable
from socialhub.platforms.instagram import account
from socialhub.platforms.meta import containers
from socialhub.platforms.meta.graph import Graph, entries

STEPS = containers.Steps("media", "media_publish", status="status_code", reason="status")
FIELDS = "id,caption,timestamp,permalink"
# What a comment under it needs to know.
MEDIA: JSON = {"kind": "media"}


def prepare(graph: Graph, user: str, draft: Draft) -> Payload:
    """A finished container. Raises RateLimited when the posts of a day are used up."""
    containers.refuse_used_up(*account.quota(graph, user))
    pictures = [_picture(file) for file in draft.media]
    caption = {"caption": draft.text}
    if len(pictures) == 1:
        creation_id = containers.made(graph, user, STEPS, {**pictures[0], **caption})
    else:
        creation_id = containers.made(graph, user, STEPS, caption, pictures)
    return Payload(
        key=draft.key,
        text=draft.text,
        body={"creation_id": creation_id},
        created_at=draft.created_at,
    )


def _picture(file: MediaFile) -> JSON:
    return {"image_url": containers.picture_url(file), "alt_text": file.alt_text}


def commit(graph: Graph, user: str, payload: Payload, guard: Callable[[], None] | None) -> Receipt:
    remote_id = containers.publish(graph, user, STEPS, payload, guard)
    return containers.with_address(graph, remote_id, MEDIA)


def newest_own(graph: Graph, user: str) -> str:
    found = entries(graph.get(f"{user}/media", fields="id", limit=1))
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
    path = f"{connection.remote_id}/media"
    own = containers.own_since(graph, path, FIELDS, since_id, since)
    hits = [post for post in own if containers.same(post, payload, "caption", taken)]
    if state == "out" and not hits:
        raise Unavailable("the post is out, and not in the account's list yet")
    return containers.verdict(hits, MEDIA)
