"""Posts as X shows them: our own ones, and which of them a payload became.

https://docs.x.com/x-api/fundamentals/data-dictionary
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import twitter_text

from socialhub.platforms.base import JSON, Connection, Look, Payload, Receipt
from socialhub.platforms.errors import Unavailable
from socialhub.platforms.text import same_text
from socialhub.platforms.x import prices, refusals
from socialhub.platforms.x.client import Api

# Milliseconds of the ids' epoch: an id holds the time in which it was made.
FIRST_MS = 1_288_834_974_657
FIRST_PAGE, PAGE, MAX_PAGES = 10, 100, 5
# How far the server's clock and ours may differ.
SLACK = timedelta(minutes=2)
LEADING_NAMES = re.compile(r"^(?:@\w{1,20}\s+)+")
SCHEME = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)


def made_at(post_id: str) -> datetime | None:
    """The time inside an id; None when it is no number."""
    if not post_id.isascii() or not post_id.isdigit():
        return None
    return datetime.fromtimestamp(((int(post_id) >> 22) + FIRST_MS) / 1000, UTC)


def receipt(connection: Connection, post_id: str) -> Receipt:
    """X knows posts by id; the name in the address is for people."""
    name = connection.handle.lstrip("@")
    path = f"{name}/status" if name else "i/web/status"
    return Receipt(
        remote_id=post_id,
        permalink=f"https://x.com/{path}/{post_id}",
        published_at=made_at(post_id),
        data={"id": post_id},
    )


def newest_own(connection: Connection) -> str:
    """Id of the account's newest post, "" for none.

    Asked of the profile: one read a day, where the timeline would be five for every post sent.
    """
    api = Api(connection)
    said = api.get("/2/users/me", {"user.fields": f"most_recent_{api.word}_id"})
    prices.read_own_profile(connection)
    me: JSON = said.get("data") or {}
    return str(me.get("most_recent_tweet_id") or me.get("most_recent_post_id") or "")


# -- looking -----------------------------------------------------------------------


def look(
    connection: Connection,
    payload: Payload,
    since_id: str,
    since: datetime,
    taken: Collection[str],
) -> Look:
    """Which own post is this payload? By its images, else by text and parent."""
    free = [post for post in _own(connection, since_id, since) if str(post["id"]) not in taken]
    media = set((payload.body.get("media") or {}).get("media_ids") or ())
    # Every payload uploads its own images, so a shared one is proof.
    hits = [post for post in free if media & _media_of(post)]
    hits = hits or [post for post in free if _is(post, payload)]
    if not hits:
        return Look("not_found")
    if len(hits) > 1:
        return Look("ambiguous", note=f"{len(hits)} own posts with this text")
    return Look("found", receipt(connection, str(hits[0]["id"])))


def _own(connection: Connection, since_id: str, since: datetime) -> Iterator[JSON]:
    """Own posts newer than `since_id`, or where that is empty than `since`, newest first.

    Raises Unavailable when there are more than MAX_PAGES pages of them.
    """
    api = Api(connection)
    params: JSON = api.fields(
        "created_at", "referenced_tweets", "entities", "attachments", "note_tweet"
    )
    params["max_results"] = FIRST_PAGE
    # Only what is newer is returned, and paid for.
    params |= {"since_id": since_id} if since_id else {"start_time": _stamp(since - SLACK)}
    for _ in range(MAX_PAGES):
        said = api.get(f"/2/users/{connection.remote_id}/tweets", params)
        found = refusals.listed(said, "data")
        prices.read_posts(connection, len(found), own=True)
        yield from (post for post in found if post.get("id"))
        following = (said.get("meta") or {}).get("next_token")
        if not following:
            return
        params |= {"pagination_token": following, "max_results": PAGE}
    raise Unavailable("the account has too many new posts to look through")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _media_of(post: JSON) -> set[str]:
    """Media ids of a post. Its keys are the kind and the id: "3_1843…"."""
    keys = (post.get("attachments") or {}).get("media_keys") or ()
    return {str(key).rpartition("_")[2] for key in keys}


def _is(post: JSON, payload: Payload) -> bool:
    if referenced(post, "replied_to") != payload.parent_id:
        return False
    ours, theirs = comparable(payload.text), comparable(text_of(post))
    # X may put the name of the person answered in front.
    if payload.parent_id:
        ours, theirs = LEADING_NAMES.sub("", ours), LEADING_NAMES.sub("", theirs)
    return same_text(ours, theirs)


def referenced(post: JSON, kind: str) -> str:
    """Id of the post answered ("replied_to") or quoted ("quoted"), "" for none."""
    posts = refusals.listed(post, "referenced_tweets") or refusals.listed(post, "referenced_posts")
    return next((str(one.get("id")) for one in posts if one.get("type") == kind), "")


# -- text --------------------------------------------------------------------------


def text_of(post: JSON) -> str:
    """The text as it was written: links in full, escapes undone, links to own images left out."""
    # A long post is cut in "text" and whole in its note.
    note = post.get("note_tweet") or post.get("note_post") or {}
    whole: JSON = note if note.get("text") else post
    # Links are put back afterwards: an "&copy=" in an address is no sign.
    text = html.unescape(str(whole.get("text") or ""))
    for link in refusals.listed(whole.get("entities") or {}, "urls"):
        text = text.replace(str(link.get("url") or "\0"), _full(link))
    return text.strip()


def _full(link: JSON) -> str:
    is_image = link.get("media_key") or re.search(
        r"/status/\d+/(?:photo|video)/\d", str(link.get("expanded_url") or "")
    )
    return "" if is_image else str(link.get("expanded_url") or link.get("url") or "")


def comparable(text: str) -> str:
    """`text` with its links in one spelling: X adds a scheme to "example.com"."""
    parts: list[str] = []
    end = 0
    found: Any = twitter_text.extract_urls_with_indices(text)
    for link in found:
        first, last = link["indices"]
        parts += [text[end:first], SCHEME.sub("", link["url"]).rstrip("/").lower()]
        end = last
    return "".join([*parts, text[end:]])
