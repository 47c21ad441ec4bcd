"""What others wrote to us: https://docs.joinmastodon.org/methods/notifications/#get"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from socialhub.platforms.base import JSON, Connection, InteractionPage, RemoteInteraction
from socialhub.platforms.mastodon import markup
from socialhub.platforms.mastodon.client import Server
from socialhub.platforms.mastodon.statuses import listed, moment

PAGE = 40
# Per call. With a cursor the next call goes on; the first call takes the newest 200.
MAX_PAGES = 5


def page(connection: Connection, cursor: str) -> InteractionPage:
    """Mentions, answers and quotes newer than `cursor` (a notification id), oldest first."""
    # A type older servers do not know may be refused, so ask only where it exists.
    types = ["mention", *(["quote"] if connection.options.get("quotes_supported") else [])]
    found = list(_walk(Server.of(connection), types, cursor))
    items = {}
    for notification in found:
        item = interaction(notification)
        if item is not None:
            items[item.remote_id] = item
    newest = newest_id([cursor, *(str(n["id"]) for n in found)])
    ordered = sorted(items.values(), key=lambda item: item.created_at)
    return InteractionPage(tuple(ordered), newest)


def newest_id(ids: Iterable[str]) -> str:
    """The newest of some ids: numbers as text (the longer one is newer) or ULIDs."""
    return max(ids, key=lambda one: (len(one), one))


def _walk(server: Server, types: list[str], cursor: str) -> Iterator[JSON]:
    bound = {"min_id": cursor} if cursor else {}
    for _ in range(MAX_PAGES):
        params = [("types[]", kind) for kind in types]
        params += [("limit", str(PAGE)), *bound.items()]
        found = listed(server.json("/api/v1/notifications", params))
        yield from found
        if not found:
            return
        # Pages come newest first, whichever way one walks.
        bound = {"min_id": str(found[0]["id"])} if cursor else {"max_id": str(found[-1]["id"])}


def interaction(notification: JSON) -> RemoteInteraction | None:
    """One notification as plain data; None for one without a status."""
    status = notification.get("status")
    if not isinstance(status, dict) or "id" not in status:
        return None
    author: JSON = status.get("account") or notification.get("account") or {}
    quoted = _quoted(status) if notification.get("type") == "quote" else ""
    parent_id = quoted or str(status.get("in_reply_to_id") or "")
    acct = str(author.get("acct") or "")
    return RemoteInteraction(
        remote_id=str(status["id"]),
        kind="quote" if quoted else "comment" if parent_id else "mention",
        author_handle=acct,
        author_name=str(author.get("display_name") or author.get("username") or acct),
        text=markup.plain(str(status.get("content") or "")),
        created_at=moment(status.get("created_at")) or datetime.now(UTC),
        permalink=str(status.get("url") or status.get("uri") or ""),
        parent_id=parent_id,
        data={
            "id": str(status["id"]),
            "acct": acct,
            # "direct" is private: an answer keeps it.
            "visibility": str(status.get("visibility") or "public"),
        },
    )


def _quoted(status: JSON) -> str:
    """Id of the post quoted: a Quote holds the status, a ShallowQuote its id."""
    quote: Any = status.get("quote")
    if not isinstance(quote, dict):
        return ""
    inner = quote.get("quoted_status")
    return str((inner or {}).get("id") or quote.get("quoted_status_id") or "")
