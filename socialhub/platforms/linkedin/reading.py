"""Counters of posts and comments.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/share-statistics
https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/network-update-social-actions
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from socialhub.platforms.base import GONE, JSON, Metrics
from socialhub.platforms.errors import (
    InvalidContent,
    NotFound,
    PermissionDenied,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.linkedin.client import Api, urn, urns

BATCH = 20
# Our counter → LinkedIn's name.
STATISTICS = {
    "likes": "likeCount",
    "comments": "commentCount",
    "shares": "shareCount",
    "impressions": "impressionCount",
    "reach": "uniqueImpressionsCount",
    "clicks": "clickCount",
}
# The two kinds of posts: the parameter that asks for them and the field that names them.
KINDS = {"urn:li:ugcPost:": ("ugcPosts", "ugcPost")}
SHARES = ("shares", "share")

Counted = dict[str, Metrics | Literal["gone"]]


def metrics(api: Api, author: str, remote_ids: Sequence[str]) -> Counted:
    """Counters per id; what could not be read this time is absent."""
    result: Counted = {}
    try:
        for start in range(0, len(remote_ids), BATCH):
            asked = remote_ids[start : start + BATCH]
            result |= _statistics(api, author, asked)
            # Comments have no statistics, nor have posts older than a year or just made.
            result |= summaries(api, [one for one in asked if one not in result])
    except (RateLimited, Unavailable):
        # What was read so far is worth more than the reason.
        if not result:
            raise
    return result


def _statistics(api: Api, author: str, ids: Sequence[str]) -> Counted:
    by_kind: dict[tuple[str, str], list[str]] = {}
    for remote_id in ids:
        if not is_comment(remote_id):
            kind = next((k for start, k in KINDS.items() if remote_id.startswith(start)), SHARES)
            by_kind.setdefault(kind, []).append(remote_id)
    found: Counted = {}
    for (parameter, field), asked in by_kind.items():
        path = (
            "/rest/organizationalEntityShareStatistics?q=organizationalEntity"
            f"&organizationalEntity={urn(author)}&{parameter}={urns(asked)}"
        )
        for entry in api.elements(path):
            if entry.get(field) in asked:
                found[str(entry[field])] = _counters(entry.get("totalShareStatistics"))
    return found


def _counters(said: Any) -> Metrics:
    totals: Mapping[str, Any] = said if isinstance(said, dict) else {}
    return Metrics(**{ours: _count(totals, theirs) for ours, theirs in STATISTICS.items()})


def _count(said: Mapping[str, Any], name: str) -> int | None:
    value = said.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def is_comment(remote_id: str) -> bool:
    return remote_id.startswith("urn:li:comment:")


# -- likes and comments of anything --------------------------------------------------


def summaries(api: Api, ids: Sequence[str]) -> Counted:
    """Likes and comments of posts and comments; "gone" for what is not there."""
    if not ids:
        return {}
    try:
        said = api.object(f"/rest/socialActions?ids={urns(ids)}", "BATCH_GET")
    except (InvalidContent, NotFound, PermissionDenied):
        return _one_by_one(api, ids)
    found = {one: _summary(entry) for one, entry in _entries(said, "results").items() if one in ids}
    # The status of an id: a number under "statuses", or in an error of its own.
    gone = {one for one, status in (said.get("statuses") or {}).items() if status == 404}
    gone |= {one for one, err in _entries(said, "errors").items() if err.get("status") == 404}
    return {**found, **dict.fromkeys(gone & set(ids), GONE)}


def _one_by_one(api: Api, ids: Sequence[str]) -> Counted:
    found: Counted = {}
    for one in ids:
        try:
            found[one] = _summary(api.object(f"/rest/socialActions/{urn(one)}"))
        except NotFound:
            found[one] = GONE
        except InvalidContent:
            # An id LinkedIn does not take says nothing about the others.
            continue
    return found


def _entries(said: JSON, name: str) -> dict[str, JSON]:
    found = said.get(name)
    entries = found.items() if isinstance(found, dict) else ()
    return {str(one): entry for one, entry in entries if isinstance(entry, dict)}


def _summary(said: JSON) -> Metrics:
    likes, comments = said.get("likesSummary") or {}, said.get("commentsSummary") or {}
    return Metrics(
        likes=_first(likes, "aggregatedTotalLikes", "totalLikes"),
        comments=_first(comments, "aggregatedTotalComments", "totalFirstLevelComments"),
    )


def _first(said: Mapping[str, Any], *names: str) -> int | None:
    return next((count for name in names if (count := _count(said, name)) is not None), None)
