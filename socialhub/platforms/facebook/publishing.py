"""Posts and comments of a page, and which of them a payload became.

https://developers.facebook.com/docs/pages-api/posts
https://developers.facebook.com/docs/pages-api/comments-mentions
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from socialhub.platforms import images
from socialhub.platforms.base import (
    JSON,
    Capabilities,
    Connection,
    Draft,
    Look,
    MediaFile,
    Payload,
    Receipt,
)
from socialhub.platforms.errors import NotFound, Unavailable
from socialhub.platforms.facebook.login import VERSION
from socialhub.platforms.meta.graph import Graph, moment
from socialhub.platforms.text import same_text

PAGE, MAX_PAGES = 50, 10
# How far Facebook's clock and ours may still differ after correction.
SLACK = timedelta(minutes=2)
POST_FIELDS = "id,message,created_time,permalink_url,attachments{target{id},subattachments}"
COMMENT_FIELDS = "id,message,created_time,permalink_url,from{id},attachment{target{id}}"


def payload(connection: Connection, caps: Capabilities, draft: Draft) -> Payload:
    """Pictures go up unpublished first, a single one too: the body then names them by id."""
    graph = Graph.of(connection, VERSION)
    photos = [upload(graph, connection.remote_id, caps, file) for file in draft.media]
    target = target_of(draft)
    body: JSON = {"message": draft.text} if draft.text.strip() else {}
    if target:
        path = f"{target}/comments"
        body |= {"attachment_id": photos[0]} if photos else {}
    else:
        path = f"{connection.remote_id}/feed"
        body |= _attached(photos)
        # A post holds pictures or the card of a link, not both.
        if draft.card is not None and not photos:
            body["link"] = draft.card.url
    return Payload(
        key=draft.key,
        text=draft.text,
        body={"path": path, "fields": body, "photos": photos},
        parent_id=target,
        created_at=draft.created_at,
    )


def target_of(draft: Draft) -> str:
    """What a comment goes under: somebody's comment that is answered, else our first part."""
    if draft.parent is None:
        return ""
    answered = str(draft.parent.data.get("answer") or "")
    return answered or (draft.root or draft.parent).remote_id


def _attached(photos: list[str]) -> JSON:
    return {f"attached_media[{n}]": f'{{"media_fbid":"{one}"}}' for n, one in enumerate(photos)}


def upload(graph: Graph, page_id: str, caps: Capabilities, file: MediaFile) -> str:
    """Id of a photo nobody sees yet."""
    content, mime, *_ = images.fit(file, caps.image_max_bytes, caps.image_mimes)
    name = f"{file.sha256[:16]}.{mime.rpartition('/')[2]}"
    said = graph.post(
        f"{page_id}/photos",
        data={"published": "false", "alt_text_custom": file.alt_text},
        files={"source": (name, content, mime)},
    )
    if not said.get("id"):
        raise Unavailable("Facebook's answer names no photo")
    return str(said["id"])


def receipt(remote_id: str, connection: Connection, found: Mapping[str, Any]) -> Receipt:
    return Receipt(
        remote_id=remote_id,
        permalink=str(found.get("permalink_url") or f"https://www.facebook.com/{remote_id}"),
        published_at=moment(found.get("created_time")),
        data={"own": "post" if is_post(connection, remote_id) else "comment"},
    )


def is_post(connection: Connection, remote_id: str) -> bool:
    """Ids of posts begin with the page's id, those of comments with the post's."""
    return remote_id.startswith(f"{connection.remote_id}_")


# -- looking -----------------------------------------------------------------------


def newest_own(connection: Connection) -> str:
    """Id of the page's newest post, "" for none."""
    graph = Graph.of(connection, VERSION)
    for found in graph.pages(f"{connection.remote_id}/published_posts", 1, fields="id", limit=1):
        for post in found:
            return str(post["id"])
    return ""


def look(
    connection: Connection,
    payload: Payload,
    since_id: str,
    since: datetime,
    taken: Collection[str],
) -> Look:
    """Which own post or comment is this payload? By its photos, else by text and parent."""
    if payload.parent_id:
        listed = _comments(connection, payload.parent_id, since)
    else:
        listed = _posts(connection, since_id, since)
    try:
        free = [one for one in listed if str(one.get("id")) not in taken]
    except NotFound:
        # What was to be commented on is gone, and a comment with it.
        return Look("not_found")
    photos = {str(number) for number in payload.body.get("photos") or ()}
    # A photo belongs to one post only, so a shared id is proof.
    hits = [one for one in free if photos & set(_targets(one))]
    hits = hits or [one for one in free if same_text(payload.text, str(one.get("message") or ""))]
    if not hits:
        return Look("not_found")
    if len(hits) > 1:
        return Look("ambiguous", note=f"{len(hits)} own posts with this text")
    return Look("found", receipt(str(hits[0]["id"]), connection, hits[0]))


def _posts(connection: Connection, since_id: str, since: datetime) -> Iterator[JSON]:
    path = f"{connection.remote_id}/published_posts"
    for post in _newer(connection, path, since, fields=POST_FIELDS):
        if since_id and str(post.get("id")) == since_id:
            return
        yield post


def _comments(connection: Connection, parent_id: str, since: datetime) -> Iterator[JSON]:
    path = f"{parent_id}/comments"
    order = {"order": "reverse_chronological", "filter": "toplevel"}
    for comment in _newer(connection, path, since, fields=COMMENT_FIELDS, **order):
        author = comment.get("from")
        if isinstance(author, dict) and str(author.get("id")) == connection.remote_id:
            yield comment


def _newer(connection: Connection, path: str, since: datetime, **params: Any) -> Iterator[JSON]:
    """Entries of a list that comes newest first, as long as they are newer than `since`.

    Raises Unavailable when there are more than can be walked.
    """
    graph = Graph.of(connection, VERSION)
    for found in graph.pages(path, MAX_PAGES, limit=PAGE, **params):
        earliest = since + timedelta(seconds=graph.skew) - SLACK
        for entry in found:
            if (moment(entry.get("created_time")) or earliest) < earliest:
                return
            yield entry
    if graph.more:
        raise Unavailable("there are too many new entries to look through")


def _targets(entry: JSON) -> Iterator[str]:
    """Ids of what hangs on a post or comment, pictures of an album too."""
    for name in ("attachments", "attachment", "subattachments"):
        held = entry.get(name)
        listed = held.get("data") if isinstance(held, dict) and "data" in held else [held]
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict):
                target = one.get("target")
                yield str(target.get("id") if isinstance(target, dict) else "")
                yield from _targets(one)
