"""Counters: https://developers.facebook.com/docs/instagram-platform/insights

Up to 48 hours late, and an empty list until then. The parts of a carousel have none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from socialhub.platforms.base import GONE, Connection, Metrics
from socialhub.platforms.errors import (
    InvalidContent,
    NotFound,
    PermissionDenied,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.instagram import account
from socialhub.platforms.meta import insights
from socialhub.platforms.meta.graph import Graph, next_page

# Our counter → their metric. "impressions" and "plays" ended on 21 April 2025.
TABLE: Mapping[str, str] = {
    "impressions": "views",
    "reach": "reach",
    "saves": "saved",
    "shares": "shares",
    "likes": "likes",
    "comments": "comments",
}


def metrics(
    connection: Connection, remote_ids: Sequence[str]
) -> dict[str, Metrics | Literal["gone"]]:
    """Counters per id; what could not be read this time is absent."""
    graph = account.graph(connection)
    result: dict[str, Metrics | Literal["gone"]] = {}
    for remote_id in remote_ids:
        try:
            result[remote_id] = _one(graph, connection, remote_id)
        except NotFound:
            result[remote_id] = GONE
        except (RateLimited, Unavailable):
            # What was read so far is worth more than the reason.
            if not result:
                raise
            break
    return result


def _one(graph: Graph, connection: Connection, remote_id: str) -> Metrics:
    try:
        post = graph.get(remote_id, fields="like_count,comments_count")
    except InvalidContent:
        # A comment has no field "comments_count".
        return _comment(graph, remote_id)
    found = _insights(graph, connection, remote_id)
    # The post itself knows these at once.
    likes, comments = _whole(post.get("like_count")), _whole(post.get("comments_count"))
    found["likes"] = found.get("likes") if likes is None else likes
    found["comments"] = found.get("comments") if comments is None else comments
    return Metrics(**found)


def _insights(graph: Graph, connection: Connection, remote_id: str) -> dict[str, int | None]:
    try:
        return insights.read(
            graph, f"{remote_id}/insights", TABLE, connection.findings, account.off(connection)
        )
    except PermissionDenied as exc:
        # "Not enough viewers", or a right that was not granted: the doctor shows which.
        if "code 10" in exc.message or exc.http_status == 403:
            return {}
        raise


def _comment(graph: Graph, remote_id: str) -> Metrics:
    """Likes of one of our comments, and how many answered it."""
    said = graph.get(remote_id, fields="like_count,replies.limit(50){id}")
    replies: Any = said.get("replies") or {}
    # More than one page of them: how many is not said.
    answers = None if next_page(replies) else len(replies.get("data") or ())
    return Metrics(likes=_whole(said.get("like_count")), comments=answers, replies=answers)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
