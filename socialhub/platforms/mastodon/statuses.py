"""Reading statuses: own ones, counters, and which of them a payload became.

https://docs.joinmastodon.org/entities/Status/
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from socialhub.platforms import wire
from socialhub.platforms.base import (
    GONE,
    JSON,
    Capabilities,
    Connection,
    Look,
    Metrics,
    Payload,
    Receipt,
)
from socialhub.platforms.errors import (
    InvalidContent,
    NotFound,
    PermissionDenied,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.mastodon import markup
from socialhub.platforms.mastodon.client import Server

PAGE = 40
MAX_PAGES = 5
# How far a server's clock and ours may still differ after correction.
SLACK = timedelta(minutes=2)


def moment(value: Any) -> datetime | None:
    """An ISO time of the API; aware, None when absent or unreadable."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def receipt(status: Mapping[str, Any], parent_id: str) -> Receipt:
    """What a created or found status tells us. `data["parent_lost"]`: it answers nothing."""
    data: JSON = {"id": str(status["id"]), "visibility": status.get("visibility") or "public"}
    # Takahe drops a parent it does not know and posts all the same.
    if parent_id and str(status.get("in_reply_to_id") or "") != parent_id:
        data["parent_lost"] = True
    return Receipt(
        remote_id=str(status["id"]),
        permalink=str(status.get("url") or status.get("uri") or ""),
        published_at=moment(status.get("created_at")),
        data=data,
    )


# -- own posts -------------------------------------------------------------------


def newest_own(server: Server, account_id: str) -> str:
    """Id of the account's newest post, "" for none."""
    found = _page(server, account_id, {"limit": 1})[0]
    return str(found[0]["id"]) if found else ""


def own_since(server: Server, account_id: str, since_id: str, since: datetime) -> Iterator[JSON]:
    """Own posts newer than `since_id`, or where that is empty than `since`.

    Raises Unavailable when there are more than MAX_PAGES pages of them.
    """
    params: JSON = {"limit": PAGE}
    if since_id:
        params["min_id"] = since_id
    for _ in range(MAX_PAGES):
        found, skew = _page(server, account_id, params)
        earliest = since + timedelta(seconds=skew) - SLACK
        for status in found:
            if since_id or (moment(status.get("created_at")) or earliest) >= earliest:
                yield status
            else:
                return
        if not found:
            return
        # Pages come newest first, whichever way one walks.
        if since_id:
            params["min_id"] = str(found[0]["id"])
        else:
            params["max_id"] = str(found[-1]["id"])
    raise Unavailable("the account has too many new posts to look through")


def _page(server: Server, account_id: str, params: JSON) -> tuple[list[JSON], float]:
    answer = server.get(
        f"/api/v1/accounts/{account_id}/statuses", {**params, "exclude_reblogs": "true"}
    )
    return listed(wire.body(answer)), wire.clock_skew(answer.headers, datetime.now(UTC))


def listed(said: Any) -> list[JSON]:
    """The entries of a list answer. Raises Unavailable when it is no list of objects."""
    if not isinstance(said, list) or not all(isinstance(s, dict) and "id" in s for s in said):
        raise Unavailable("the server's answer is not a list")
    return said


def look(
    connection: Connection,
    payload: Payload,
    since_id: str,
    since: datetime,
    taken: Collection[str],
) -> Look:
    """Which own post is this payload? By its media, else by text and parent."""
    own = own_since(Server.of(connection), connection.remote_id, since_id, since)
    free = [status for status in own if str(status["id"]) not in taken]
    # An attachment belongs to one status only, so a shared id is proof.
    media = {str(number) for number in payload.body.get("media_ids") or ()}
    hits = [s for s in free if media & {str(m.get("id")) for m in s.get("media_attachments") or ()}]
    hits = hits or _same(payload, free)
    if not hits:
        return Look("not_found")
    if len(hits) > 1:
        return Look("ambiguous", note=f"{len(hits)} own posts with this text")
    return Look("found", receipt(hits[0], payload.parent_id))


def _same(payload: Payload, statuses: Sequence[JSON]) -> list[JSON]:
    same = [s for s in statuses if markup.same_status(payload.text, str(s.get("content") or ""))]
    answering = [s for s in same if str(s.get("in_reply_to_id") or "") == payload.parent_id]
    # A parent that was dropped, or deleted since, leaves the answer without one.
    return answering or [s for s in same if payload.parent_id and not s.get("in_reply_to_id")]


# -- counters --------------------------------------------------------------------


def metrics(
    server: Server, caps: Capabilities, remote_ids: Sequence[str]
) -> dict[str, Metrics | Literal["gone"]]:
    """Counters per id; what could not be read this time is absent."""
    result: dict[str, Metrics | Literal["gone"]] = {}
    bulk = True
    for start in range(0, len(remote_ids), caps.metrics_batch):
        asked = remote_ids[start : start + caps.metrics_batch]
        found = _bulk(server, asked) if bulk else None
        bulk = found is not None
        result |= found or {}
        if not _singles(server, [i for i in asked if i not in result], result):
            break
    return result


def _bulk(server: Server, ids: Sequence[str]) -> dict[str, Metrics | Literal["gone"]] | None:
    """Counters of the posts the server listed; None where it has no such list (before 4.3)."""
    try:
        said = server.json("/api/v1/statuses", [("id[]", remote_id) for remote_id in ids])
    except (NotFound, InvalidContent, PermissionDenied):
        return None
    return {str(s["id"]): counters(s) for s in listed(said) if str(s["id"]) in ids}


def _singles(
    server: Server, ids: Sequence[str], result: dict[str, Metrics | Literal["gone"]]
) -> bool:
    """Ask one by one; only here a 404 says that a post is gone. False: stopped early."""
    for remote_id in ids:
        try:
            result[remote_id] = counters(server.object(f"/api/v1/statuses/{remote_id}"))
        except NotFound as exc:
            if exc.http_status in (404, 410):
                result[remote_id] = GONE
        except (RateLimited, Unavailable):
            # What was read so far is worth more than the reason.
            if not result:
                raise
            return False
    return True


def counters(status: Mapping[str, Any]) -> Metrics:
    """`quotes_count` exists from 4.5 on; a counter that is absent stays None."""
    reblogs, quotes = _count(status, "reblogs_count"), _count(status, "quotes_count")
    replies = _count(status, "replies_count")
    return Metrics(
        likes=_count(status, "favourites_count"),
        comments=replies,
        shares=None if reblogs is None else reblogs + (quotes or 0),
        replies=replies,
        quotes=quotes,
    )


def _count(status: Mapping[str, Any], name: str) -> int | None:
    value = status.get(name)
    return value if isinstance(value, int) else None
