"""Comments: own ones as parts of a series, those of others, and answers to them.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/comments-api
The text of a comment is plain, not little text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from socialhub.http import Answer
from socialhub.platforms import wire
from socialhub.platforms.base import JSON, Draft, Look, Payload, Receipt, RemoteRef
from socialhub.platforms.errors import OutcomeUnknown, Unavailable
from socialhub.platforms.linkedin import posts
from socialhub.platforms.linkedin.client import Api, listed, moment, urn
from socialhub.platforms.text import same_text

PAGE = 100
MAX_PAGES = 5


def target(draft: Draft) -> RemoteRef | None:
    """What a draft is a comment on: somebody's comment it answers, else the first post."""
    parent = draft.parent
    if parent is None or parent.data.get("comment"):
        return parent
    if draft.root is not None:
        return draft.root
    # Under an own comment there is the post it is on.
    above = str(parent.data.get("object") or "")
    return RemoteRef(above) if above else parent


def parent_id(draft: Draft) -> str:
    """URN commented on. LinkedIn has two levels: an answer to an answer stands beside it."""
    on = target(draft)
    if on is None:
        return ""
    return str(on.data.get("top") or on.data.get("comment") or on.remote_id)


def body(api: Api, author: str, draft: Draft) -> JSON:
    """The request of a comment; uploads its image."""
    on = target(draft)
    above = parent_id(draft)
    data = on.data if on is not None else {}
    made: JSON = {
        "actor": author,
        "object": str(data.get("object") or above) if data.get("comment") else above,
        "message": {"text": draft.text},
    }
    if data.get("comment"):
        made["parentComment"] = above
    if draft.media:
        made["content"] = [
            {"entity": {"image": posts.upload(api, author, file)}} for file in draft.media
        ]
    return made


def address(above: str) -> str:
    """Where the comments of a post or comment are."""
    return f"/rest/socialActions/{urn(above)}/comments"


def receipt(answer: Answer, payload: Payload) -> Receipt:
    """Raises OutcomeUnknown when the answer names no comment."""
    said = wire.body(answer, write=True)
    comment = said if isinstance(said, dict) else {}
    if not comment.get("id") and answer.headers.get("x-restli-id"):
        comment = {**comment, "id": answer.headers["x-restli-id"]}
    return _receipt(comment, payload)


def _receipt(comment: JSON, payload: Payload) -> Receipt:
    above = str(payload.body.get("object") or payload.parent_id)
    remote_id = urn_of(comment, above)
    if not remote_id:
        raise OutcomeUnknown("LinkedIn's answer names no comment")
    # Where the next comment of a series goes.
    data = {"object": above}
    return Receipt(remote_id, permalink(above, remote_id), made_at(comment), data)


def urn_of(comment: JSON, above: str) -> str:
    """The comment's own URN, "" when nothing names it."""
    given = str(comment.get("commentUrn") or comment.get("$URN") or "")
    if given or not comment.get("id"):
        return given
    return f"urn:li:comment:({comment.get('object') or above},{comment['id']})"


def permalink(post: str, comment: str) -> str:
    return f"{posts.permalink(post)}?commentUrn={quote(comment, safe='')}"


def made_at(comment: JSON) -> datetime | None:
    created = comment.get("created")
    return moment(created.get("time")) if isinstance(created, dict) else None


def text_of(comment: JSON) -> str:
    message = comment.get("message")
    return str(message.get("text") or "") if isinstance(message, dict) else ""


def under(api: Api, above: str) -> Iterator[tuple[JSON, timedelta]]:
    """Comments on a post or comment, each with how far LinkedIn's clock is ahead of ours.

    Raises Unavailable when there are more than MAX_PAGES pages.
    """
    for page in range(MAX_PAGES):
        answer = api.get(f"{address(above)}?start={page * PAGE}&count={PAGE}")
        skew = timedelta(seconds=wire.clock_skew(answer.headers, datetime.now(UTC)))
        said = wire.body(answer)
        found = listed(said if isinstance(said, dict) else {})
        yield from ((comment, skew) for comment in found)
        if len(found) < PAGE:
            return
    raise Unavailable("there are too many comments to look through")


def look(api: Api, author: str, payload: Payload, since: datetime, taken: Collection[str]) -> Look:
    """Which own comment on the same thing has this text? Only those made since."""
    hits = []
    for comment, skew in under(api, payload.parent_id):
        fresh = (made_at(comment) or since + skew) >= since + skew - posts.SLACK
        own = comment.get("actor") == author and urn_of(comment, payload.parent_id) not in taken
        if fresh and own and same_text(payload.text, text_of(comment)):
            hits.append(comment)
    if not hits:
        return Look("not_found")
    if len(hits) > 1:
        return Look("ambiguous", note=f"{len(hits)} own comments with this text")
    return Look("found", _receipt(hits[0], payload))
