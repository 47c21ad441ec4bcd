"""Posts: their bodies, images, own ones, and which of them a payload became.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from socialhub.http import Answer
from socialhub.platforms import images, wire
from socialhub.platforms.base import JSON, Draft, LinkCard, Look, MediaFile, Payload, Receipt
from socialhub.platforms.errors import OutcomeUnknown, Unavailable
from socialhub.platforms.linkedin import littletext
from socialhub.platforms.linkedin.client import LOGIN, Api, listed, moment, urn
from socialhub.platforms.text import links

IMAGE_MAX_BYTES = 5_000_000
IMAGE_MIMES = frozenset({"image/jpeg", "image/png", "image/gif"})
PAGE = 10
MAX_PAGES = 5
# How far LinkedIn's clock and ours may still differ after correction.
SLACK = timedelta(minutes=2)
TITLE_MAX, DESCRIPTION_MAX = 400, 4_086


def body(api: Api, author: str, draft: Draft) -> JSON:
    """The request of a post; uploads what it shows."""
    made: JSON = {
        "author": author,
        "commentary": littletext.escape(draft.text),
        "visibility": "PUBLIC",
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    content = _content(api, author, draft)
    if content:
        made["content"] = content
    return made


def _content(api: Api, author: str, draft: Draft) -> JSON:
    shown = [{"id": upload(api, author, f), "altText": f.alt_text} for f in draft.media]
    if len(shown) > 1:
        return {"multiImage": {"images": shown}}
    if shown:
        return {"media": shown[0]}
    return {"article": _article(api, author, draft, draft.card)} if draft.card else {}


def _article(api: Api, author: str, draft: Draft, card: LinkCard) -> JSON:
    """LinkedIn reads no page by itself: title and picture are what we say."""
    found = links(draft.text)
    # A counted link stands in the text instead of the card's own.
    source = card.url if card.url in found or not found else found[-1]
    title = card.title or urlsplit(card.url).hostname or card.url
    article: JSON = {"source": source, "title": title[:TITLE_MAX]}
    if card.description:
        article["description"] = card.description[:DESCRIPTION_MAX]
    if card.image is not None:
        article["thumbnail"] = upload(api, author, card.image)
    return article


def upload(api: Api, owner: str, file: MediaFile) -> str:
    """URN of an uploaded image."""
    content, mime, *_ = images.fit(file, IMAGE_MAX_BYTES, IMAGE_MIMES)
    said = api.post(
        "/rest/images?action=initializeUpload", {"initializeUploadRequest": {"owner": owner}}
    ).get("value")
    if not isinstance(said, dict) or not said.get("uploadUrl") or not said.get("image"):
        raise Unavailable("LinkedIn's answer has no address for the image")
    api.put(str(said["uploadUrl"]), content, mime)
    return str(said["image"])


def receipt(answer: Answer) -> Receipt:
    """The id is in a header; the body of a created post is empty."""
    created = answer.headers.get("x-restli-id") or answer.headers.get("x-linkedin-id") or ""
    if not created.startswith("urn:li:"):
        raise OutcomeUnknown("LinkedIn's answer names no post", http_status=answer.status)
    return _receipt(created, None)


def _receipt(remote_id: str, at: datetime | None) -> Receipt:
    return Receipt(remote_id, permalink(remote_id), at, {"urn": remote_id})


def permalink(remote_id: str) -> str:
    return f"{LOGIN}/feed/update/{remote_id}/"


# -- own posts -----------------------------------------------------------------------


def own(api: Api, author: str, count: int = PAGE, start: int = 0) -> tuple[list[JSON], timedelta]:
    """Own posts, last changed first, and how far LinkedIn's clock is ahead of ours."""
    answer = api.get(
        f"/rest/posts?q=author&author={urn(author)}&count={count}&start={start}"
        "&sortBy=LAST_MODIFIED",
        "FINDER",
    )
    said = wire.body(answer)
    found = listed(said if isinstance(said, dict) else {})
    skew = wire.clock_skew(answer.headers, datetime.now(UTC))
    return [post for post in found if post.get("id")], timedelta(seconds=skew)


def newest(api: Api, author: str) -> str:
    """Id of the newest own post; one changed lately may come first."""
    found, _ = own(api, author)
    return str(max(found, key=_created)["id"]) if found else ""


def look(
    api: Api, author: str, payload: Payload, since_id: str, since: datetime, taken: Collection[str]
) -> Look:
    """Which own post has this text? Only those made since."""
    fresh = [post for post in _since(api, author, since_id, since) if str(post["id"]) not in taken]
    # Sharing another post is no post of ours.
    hits = [
        post
        for post in fresh
        if littletext.same(payload.text, str(post.get("commentary") or ""))
        and not post.get("reshareContext")
    ]
    if not hits:
        return Look("not_found")
    if len(hits) > 1:
        return Look("ambiguous", note=f"{len(hits)} own posts with this text")
    at = moment(hits[0].get("publishedAt")) or moment(hits[0].get("createdAt"))
    return Look("found", _receipt(str(hits[0]["id"]), at))


def _since(api: Api, author: str, since_id: str, since: datetime) -> list[JSON]:
    """Own posts made after `since` and after the post `since_id`."""
    found: list[JSON] = []
    for page in range(MAX_PAGES):
        posts, skew = own(api, author, PAGE, page * PAGE)
        earliest = since + skew - SLACK
        found += [post for post in posts if _created(post) >= earliest]
        if len(posts) < PAGE or any(_changed(post) < earliest for post in posts):
            return _after(found, since_id)
    raise Unavailable("the page has too many new posts to look through")


def _after(posts: Sequence[JSON], since_id: str) -> list[JSON]:
    """What is newer than the post noted before, where that is among them."""
    noted = [_created(post) for post in posts if post["id"] == since_id]
    return [post for post in posts if not noted or _created(post) > noted[0]]


def _created(post: JSON) -> datetime:
    return moment(post.get("createdAt")) or datetime.max.replace(tzinfo=UTC)


def _changed(post: JSON) -> datetime:
    return moment(post.get("lastModifiedAt")) or _created(post)
