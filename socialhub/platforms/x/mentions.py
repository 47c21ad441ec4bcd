"""Posts that mention us: https://docs.x.com/x-api/posts/user-mention-timeline

Answers to our posts name us too, so they are here. Quotes without our name, and answers whose
author took our name out, would need a search for every post, which X charges for each result.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from socialhub.platforms.base import JSON, Connection, InteractionPage, RemoteInteraction
from socialhub.platforms.x import prices, refusals
from socialhub.platforms.x.client import Api
from socialhub.platforms.x.posts import made_at, referenced, text_of

# The first look back is a small one: every mention and every author costs.
FIRST, PAGE, MAX_PAGES = 20, 100, 5


class Place(NamedTuple):
    """How far we are: everything up to `since` is known. `until` and `newest` are set while
    the mentions between have not all been fetched yet."""

    since: str = ""
    until: str = ""
    newest: str = ""

    def __str__(self) -> str:
        return "|".join(self) if self.until else self.since


def page(connection: Connection, cursor: str) -> InteractionPage:
    """Mentions newer than the cursor, oldest first."""
    place = Place(*cursor.split("|")[:3])
    items: dict[str, RemoteInteraction] = {}
    newest, oldest = place.newest, place.until
    for number in range(MAX_PAGES):
        said = _fetch(connection, place._replace(until=oldest))
        posts = [post for post in refusals.listed(said, "data") if post.get("id")]
        items |= {item.remote_id: item for item in _others(connection, said, posts)}
        ids = [int(post["id"]) for post in posts]
        if ids:
            newest = str(max(int(newest or 0), *ids))
            oldest = str(min(ids))
        has_more = bool((said.get("meta") or {}).get("next_token"))
        if not has_more or not place.since or not ids:
            # The first look back ends after its page.
            reached = Place(newest or place.since)
            break
        if number == MAX_PAGES - 1:
            reached = Place(place.since, oldest, newest)
    ordered = sorted(items.values(), key=lambda item: item.created_at)
    return InteractionPage(tuple(ordered), str(reached))


def _fetch(connection: Connection, place: Place) -> JSON:
    api = Api(connection)
    names = ("author_id", "conversation_id", "created_at", "entities", "note_tweet")
    params = api.fields(*names, "referenced_tweets", expand=("author_id",))
    params |= {"user.fields": "name,username", "max_results": PAGE if place.since else FIRST}
    params |= {"since_id": place.since} if place.since else {}
    params |= {"until_id": place.until} if place.until else {}
    said = api.get(f"/2/users/{connection.remote_id}/mentions", params)
    prices.read_posts(connection, len(refusals.listed(said, "data")), own=True)
    prices.read_users(connection, len(refusals.listed(said.get("includes") or {}, "users")))
    return said


def _others(connection: Connection, said: JSON, posts: list[JSON]) -> list[RemoteInteraction]:
    users = refusals.listed(said.get("includes") or {}, "users")
    authors = {str(user.get("id")): user for user in users}
    return [
        interaction(post, authors.get(str(post.get("author_id")), {}))
        for post in posts
        if str(post.get("author_id")) != connection.remote_id
    ]


def interaction(post: JSON, author: Mapping[str, object]) -> RemoteInteraction:
    """One mention as plain data."""
    post_id, handle = str(post["id"]), str(author.get("username") or "")
    answered, quoted = referenced(post, "replied_to"), referenced(post, "quoted")
    return RemoteInteraction(
        remote_id=post_id,
        kind="comment" if answered else "quote" if quoted else "mention",
        author_handle=handle,
        author_name=str(author.get("name") or handle),
        text=text_of(post),
        created_at=made_at(post_id) or datetime.now(UTC),
        permalink=f"https://x.com/{handle or 'i/web'}/status/{post_id}",
        parent_id=answered or quoted,
        root_id=str(post.get("conversation_id") or ""),
        # With the author known it is an answer X allows: they mentioned us.
        data={"id": post_id, "author_id": str(post.get("author_id") or "")},
    )
