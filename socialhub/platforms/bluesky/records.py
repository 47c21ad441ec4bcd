"""A draft as an app.bsky.feed.post record, and a record as a receipt.

https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from socialhub.platforms import images
from socialhub.platforms.base import (
    JSON,
    Connection,
    Draft,
    LinkCard,
    MediaFile,
    Receipt,
    RemoteRef,
)
from socialhub.platforms.bluesky import facets, tid, xrpc
from socialhub.platforms.errors import InvalidContent, NotFound, Unavailable

COLLECTION = "app.bsky.feed.post"
URI = re.compile(r"at://([^/\s]+)/([^/\s]+)/([^/\s]+)")
WEB = "https://bsky.app"
IMAGE_MAX_BYTES = 2_000_000
THUMB_MAX_BYTES = 1_000_000
IMAGE_MIMES = frozenset({"image/jpeg", "image/png", "image/webp"})


def build(connection: Connection, draft: Draft) -> JSON:
    """The complete body of putRecord: uploads the images, resolves mentions and the parent.

    Everything that changes from call to call is fixed here, so that sending the body again
    gives the same record.
    """
    record: JSON = {
        "$type": COLLECTION,
        "text": draft.text,
        "createdAt": moment(draft.created_at),
    }
    if draft.language:
        record["langs"] = [draft.language]
    found = facets.facets(draft.text, lambda handle: resolve(connection, handle))
    if found:
        record["facets"] = found
    if draft.parent is not None:
        record["reply"] = reply_refs(connection, draft.parent, draft.root)
    embed = _embed(connection, draft)
    if embed:
        record["embed"] = embed
    return {
        "repo": connection.remote_id,
        "collection": COLLECTION,
        "rkey": tid.for_key(draft.created_at, draft.key),
        "record": record,
    }


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def resolve(connection: Connection, handle: str) -> str:
    """The DID of a handle, "" when there is nobody of that name."""
    try:
        answer = xrpc.get(
            xrpc.base(connection),
            "com.atproto.identity.resolveHandle",
            {"handle": handle},
        )
    except (InvalidContent, NotFound):
        # 400 InvalidRequest "Unable to resolve handle", seen on PDS 0.5.
        return ""
    return str(answer.get("did") or "")


# -- replies ------------------------------------------------------------------


def reply_refs(connection: Connection, parent: RemoteRef, root: RemoteRef | None) -> JSON:
    """`{"root": {uri, cid}, "parent": {uri, cid}}`.

    The server does not check that they exist, and a wrong root hides the post in the thread:
    so the parent is read first, and its own root wins. NotFound when the parent is gone.
    """
    read = get_record(connection, parent.remote_id)
    refs = ref({"uri": parent.remote_id, "cid": read.get("cid")})
    if refs is None:
        raise Unavailable("the answer has no cid")
    above = _root(read.get("value"))
    if above is None and root is not None:
        above = ref({"uri": root.remote_id, "cid": root.data.get("cid")})
    return {"root": above or refs, "parent": refs}


def get_record(connection: Connection, uri: str) -> JSON:
    """`{uri, cid, value}`; a PDS asks the network for records of others. NotFound if gone."""
    repo, collection, rkey = split(uri)
    return xrpc.get(
        xrpc.base(connection),
        "com.atproto.repo.getRecord",
        {"repo": repo, "collection": collection, "rkey": rkey},
    )


def split(uri: str) -> tuple[str, str, str]:
    """at://REPO/COLLECTION/RKEY. NotFound for anything else: no such post can exist."""
    match = URI.fullmatch(uri)
    if match is None:
        raise NotFound("this is not the address of a post")
    return match[1], match[2], match[3]


def ref(value: Any) -> dict[str, str] | None:
    """`{uri, cid}` of a post as it stands in records and answers; None when it is none."""
    if not isinstance(value, dict):
        return None
    uri, cid = value.get("uri"), value.get("cid")
    if not (isinstance(uri, str) and isinstance(cid, str) and cid and URI.fullmatch(uri)):
        return None
    return {"uri": uri, "cid": cid}


def _root(record: Any) -> dict[str, str] | None:
    """The root a record names; None for a post that answers nothing."""
    reply = record.get("reply") if isinstance(record, Mapping) else None
    return ref(reply.get("root")) if isinstance(reply, Mapping) else None


# -- images and cards ---------------------------------------------------------


def _embed(connection: Connection, draft: Draft) -> JSON | None:
    """A post carries one embed: images if there are any, else the link card."""
    if draft.media:
        shown = [_image(connection, file) for file in draft.media]
        return {"$type": "app.bsky.embed.images", "images": shown}
    return _card(connection, draft.card) if draft.card is not None else None


def _image(connection: Connection, file: MediaFile) -> JSON:
    fitted = images.fit(file, IMAGE_MAX_BYTES, IMAGE_MIMES)
    return {
        "alt": file.alt_text,
        "image": upload(connection, fitted.content, fitted.mime),
        "aspectRatio": {"width": fitted.width, "height": fitted.height},
    }


def _card(connection: Connection, card: LinkCard) -> JSON:
    external: JSON = {
        "uri": card.url,
        "title": card.title,
        "description": card.description,
    }
    thumb = _thumb(connection, card.image) if card.image is not None else None
    if thumb is not None:
        external["thumb"] = thumb
    return {"$type": "app.bsky.embed.external", "external": external}


def _thumb(connection: Connection, image: MediaFile) -> JSON | None:
    """The picture of a card comes from somebody else's page: without it the card still works."""
    try:
        fitted = images.fit(image, THUMB_MAX_BYTES, IMAGE_MIMES, max_side=2_000)
    except InvalidContent:
        return None
    return upload(connection, fitted.content, fitted.mime)


def upload(connection: Connection, content: bytes, mime: str) -> JSON:
    """The blob reference. Uploading the same bytes again gives the same one."""
    answer = xrpc.post(
        xrpc.base(connection),
        "com.atproto.repo.uploadBlob",
        headers={**xrpc.access(connection), "Content-Type": mime},
        data=content,
        timeout=60.0,
    )
    blob = answer.get("blob")
    if not isinstance(blob, dict):
        raise Unavailable("the answer has no blob")
    return blob


# -- receipts -----------------------------------------------------------------


def receipt(connection: Connection, uri: str, cid: str, record: Mapping[str, Any]) -> Receipt:
    """What is known about a post that is out; `data` is what an answer to it needs."""
    own = {"uri": uri, "cid": cid}
    return Receipt(
        remote_id=uri,
        permalink=permalink(uri, connection.handle),
        published_at=parse(record.get("createdAt")) or datetime.now(UTC),
        data={**own, "root": _root(record) or own},
    )


def permalink(uri: str, handle: str) -> str:
    """The page of a post; a DID works where a handle is missing or broken."""
    repo, _, rkey = split(uri)
    who = handle if handle and handle != "handle.invalid" else repo
    return f"{WEB}/profile/{quote(who, safe=':')}/post/{rkey}"


def parse(value: Any) -> datetime | None:
    """An aware time, None for what is none: clients of others write anything."""
    try:
        at = datetime.fromisoformat(str(value))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def own_posts(connection: Connection, limit: int) -> list[JSON]:
    """Newest first by record key."""
    listed = xrpc.get(
        xrpc.base(connection),
        "com.atproto.repo.listRecords",
        {"repo": connection.remote_id, "collection": COLLECTION, "limit": limit},
    ).get("records")
    if not isinstance(listed, list):
        raise Unavailable("the answer has no records")
    return [row for row in listed if isinstance(row, dict)]
