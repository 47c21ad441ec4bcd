"""Counters of posts and comments, and what others wrote.

https://developers.facebook.com/docs/graph-api/reference/insights
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from socialhub.platforms.base import GONE, JSON, Connection, Metrics
from socialhub.platforms.errors import (
    InvalidContent,
    NotFound,
    PermissionDenied,
    PlatformError,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.facebook.login import VERSION
from socialhub.platforms.facebook.publishing import is_post
from socialhub.platforms.meta import insights
from socialhub.platforms.meta.graph import Graph, entries
from socialhub.platforms.meta.login import split

BATCH = 50
COUNTS = (
    "reactions.limit(0).summary(total_count),"
    "comments.limit(0).filter(stream).summary(total_count),shares"
)
# Today's names: post_impressions ended on 15 November 2025, post_impressions_unique on
# 15 June 2026.
TABLE = {
    "impressions": "post_media_view",
    "reach": "post_total_media_view_unique",
    "clicks": "post_clicks",
}
Found = dict[str, Metrics | Literal["gone"]]


def metrics(connection: Connection, remote_ids: Sequence[str]) -> Found:
    """Counters per id; what could not be read this time is absent."""
    graph = Graph.of(connection, VERSION)
    found: Found = {}
    posts = [one for one in remote_ids if is_post(connection, one)]
    comments = [one for one in remote_ids if not is_post(connection, one)]
    for ids, one_kind in ((posts, _post), (comments, _comment)):
        for start in range(0, len(ids), BATCH):
            try:
                found |= _batch(connection, graph, ids[start : start + BATCH], one_kind is _post)
            except (RateLimited, Unavailable):
                # What was read so far is worth more than the reason.
                if not found:
                    raise
                return found
    return found


def _batch(
    connection: Connection, graph: Graph, ids: Sequence[str], posts: bool, *, again: bool = False
) -> Found:
    """Up to 50 in one call; one by one where one of them spoils it."""
    read = _post if posts else _comment
    try:
        said = graph.get("", ids=",".join(ids), fields=_fields(connection, posts))
    except (InvalidContent, NotFound, PermissionDenied) as exc:
        if posts and insights.about_metric(exc) and not again:
            _find_guilty(connection, graph, ids)
            return _batch(connection, graph, ids, posts, again=True)
        return _singles(connection, graph, ids, posts)
    return {one: read(said[one]) for one in ids if isinstance(said.get(one), dict)}


def _fields(connection: Connection, posts: bool) -> str:
    if not posts:
        return "id,like_count,comment_count"
    scopes = split(connection.options.get("scopes"))
    if scopes and "read_insights" not in scopes:
        return f"id,{COUNTS}"
    names = insights.asked(TABLE, connection.findings, connection.options.get(insights.OPTION))
    wanted = f",insights.metric({','.join(names.values())})" if names else ""
    return f"id,{COUNTS}{wanted}"


def _find_guilty(connection: Connection, graph: Graph, ids: Sequence[str]) -> None:
    """Which name of a metric does Facebook not know any more? The first post there is tells."""
    off = connection.options.get(insights.OPTION)
    for one in ids:
        try:
            insights.read(graph, f"{one}/insights", TABLE, connection.findings, off)
        except (NotFound, PermissionDenied):
            continue
        return


def _singles(connection: Connection, graph: Graph, ids: Sequence[str], posts: bool) -> Found:
    found: Found = {}
    refused: PlatformError | None = None
    for one in ids:
        try:
            found[one] = _single(connection, graph, one, posts)
        except NotFound:
            found[one] = GONE
        except (RateLimited, Unavailable):
            if not found:
                raise
            return found
        except (InvalidContent, PermissionDenied) as exc:
            refused = exc
    if refused is not None and not found:
        raise refused
    return found


def _single(connection: Connection, graph: Graph, one: str, posts: bool) -> Metrics:
    read = _post if posts else _comment
    try:
        return read(graph.get(one, fields=_fields(connection, posts)))
    except (InvalidContent, PermissionDenied):
        if not posts:
            raise
        # Reactions and comments need no right to insights.
        return _post(graph.get(one, fields=f"id,{COUNTS}"))


def _post(said: JSON) -> Metrics:
    """No entry, or an empty list (a page below 100 likes): None, never 0."""
    held = said.get("insights")
    numbers = insights.values(entries(held)) if isinstance(held, dict) else {}
    shares = said.get("shares")
    return Metrics(
        likes=_total(said, "reactions"),
        comments=_total(said, "comments"),
        # Facebook leaves the field out where nobody shared.
        shares=_whole(shares.get("count")) if isinstance(shares, dict) else 0,
        **{counter: numbers.get(name) for counter, name in TABLE.items()},
    )


def _comment(said: JSON) -> Metrics:
    return Metrics(likes=_whole(said.get("like_count")), comments=_whole(said.get("comment_count")))


def _total(said: JSON, name: str) -> int | None:
    held = said.get(name)
    summary = held.get("summary") if isinstance(held, dict) else None
    return _whole(summary.get("total_count")) if isinstance(summary, dict) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
