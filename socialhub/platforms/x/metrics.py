"""Counters of posts: https://docs.x.com/x-api/fundamentals/metrics"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from socialhub.platforms.base import GONE, JSON, Connection, Metrics
from socialhub.platforms.errors import InvalidContent, PermissionDenied
from socialhub.platforms.x import prices, refusals
from socialhub.platforms.x.client import Api
from socialhub.platforms.x.posts import made_at

BATCH = 100
PUBLIC, PRIVATE = "public_metrics", "non_public_metrics"
# Private counters exist for 30 days; a day less, because a post may be asked for at the limit.
PRIVATE_FOR = timedelta(days=29)
# A group of counters that X refused is left out for so long.
OFF_FOR = timedelta(days=7)
# Our counter → X's, in the first group that has it. Both names of reposts are in use.
NAMES: dict[str, tuple[tuple[str, str], ...]] = {
    "likes": ((PUBLIC, "like_count"),),
    "comments": ((PUBLIC, "reply_count"),),
    "replies": ((PUBLIC, "reply_count"),),
    "quotes": ((PUBLIC, "quote_count"),),
    "impressions": ((PUBLIC, "impression_count"), (PRIVATE, "impression_count")),
    "saves": ((PUBLIC, "bookmark_count"),),
    "clicks": ((PRIVATE, "url_link_clicks"),),
}
REPOSTS = ((PUBLIC, "retweet_count"), (PUBLIC, "repost_count"))

Found = dict[str, Metrics | Literal["gone"]]


def metrics(connection: Connection, remote_ids: Sequence[str]) -> Found:
    """Counters per id; an id whose post could not be read this time is absent."""
    now = datetime.now(UTC)
    young = [one for one in remote_ids if _is_young(one, now)]
    old = [one for one in remote_ids if one not in set(young)]
    if _is_off(connection, now.date()):
        young, old = [], list(remote_ids)
    found: Found = {}
    for ids, private in ((young, True), (old, False)):
        for start in range(0, len(ids), BATCH):
            found |= _batch(connection, ids[start : start + BATCH], private)
    return found


def _is_young(post_id: str, now: datetime) -> bool:
    made = made_at(post_id)
    return made is not None and now - made < PRIVATE_FOR


def _batch(connection: Connection, ids: Sequence[str], private: bool) -> Found:
    """One request, and a second one without private counters for the posts it did not give."""
    if not private:
        return _asked(connection, ids, PUBLIC)
    try:
        found = _asked(connection, ids, PUBLIC, PRIVATE)
    except (InvalidContent, PermissionDenied):
        off = connection.findings.learned.setdefault("metrics_off", {})
        off[PRIVATE] = datetime.now(UTC).date().isoformat()
        return _asked(connection, ids, PUBLIC)
    left = [one for one in ids if one not in found]
    return found | _asked(connection, left, PUBLIC) if left else found


def _asked(connection: Connection, ids: Sequence[str], *groups: str) -> Found:
    api = Api(connection)
    said = api.get("/2/tweets", {"ids": ",".join(ids), **api.fields("created_at", *groups)})
    posts = {str(post.get("id")): post for post in refusals.listed(said, "data")}
    prices.read_posts(connection, len(posts))
    found: Found = {one: GONE for one in _not_found(said) if one in ids}
    return found | {one: counters(post) for one, post in posts.items() if one in ids}


def _not_found(said: JSON) -> list[str]:
    """Ids that X says do not exist. Hidden or protected posts are something else."""
    return [
        str(one.get("resource_id") or one.get("value") or "")
        for one in refusals.listed(said, "errors")
        if str(one.get("type") or "").endswith(refusals.NOT_FOUND)
    ]


def counters(post: Mapping[str, Any]) -> Metrics:
    """What a post says; a counter it does not name stays None."""
    found = {ours: _first(post, theirs) for ours, theirs in NAMES.items()}
    reposts, quotes = _first(post, REPOSTS), found["quotes"]
    shares = None if reposts is None else reposts + (quotes or 0)
    return Metrics(**found, shares=shares)


def _first(post: Mapping[str, Any], names: Sequence[tuple[str, str]]) -> int | None:
    for group, name in names:
        value = (post.get(group) or {}).get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def _is_off(connection: Connection, today: date) -> bool:
    since = (connection.options.get("metrics_off") or {}).get(PRIVATE)
    try:
        return since is not None and today - date.fromisoformat(str(since)) < OFF_FOR
    except ValueError:
        return False
