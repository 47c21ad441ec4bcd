"""Who the profile is, what it may do, and how its login is made.

https://developers.facebook.com/docs/threads/threads-profiles
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from socialhub.platforms.base import JSON, Audience, Check, Connection, Profile
from socialhub.platforms.errors import PlatformError, Unavailable
from socialhub.platforms.meta import insights, login
from socialhub.platforms.meta.graph import Graph, entries

API = "https://graph.threads.net"
VERSION = "v1.0"
BASIC, PUBLISH = "threads_basic", "threads_content_publish"
READ_REPLIES, INSIGHTS = "threads_read_replies", "threads_manage_insights"
LOGIN = login.Login(
    api=API,
    pages_host="https://threads.net",
    code_host=API,
    prefix="th",
    scopes=(BASIC, PUBLISH, "threads_manage_replies", READ_REPLIES, INSIGHTS),
    needed=(BASIC, PUBLISH),
)
WHO = "id,username,name,threads_profile_picture_url"


@dataclass(frozen=True, slots=True)
class Quota:
    """Posts and replies of the last 24 hours, and how many there may be."""

    used: int | None
    total: int | None
    replies_used: int | None
    replies_total: int | None


def graph(connection: Connection) -> Graph:
    """Raises AuthRevoked without a token."""
    return Graph.of(connection, VERSION)


def profile(server: Graph, secrets: Mapping[str, str]) -> Profile:
    """Whose token it is."""
    me = server.get("me", fields=WHO)
    if not me.get("id"):
        raise Unavailable("Threads' answer names no profile")
    return Profile(
        remote_id=str(me["id"]),
        handle=str(me.get("username") or ""),
        display_name=str(me.get("name") or me.get("username") or ""),
        secrets=secrets,
        avatar_url=str(me.get("threads_profile_picture_url") or ""),
    )


def audience(connection: Connection) -> Audience:
    """Followers; the other numbers are not offered."""
    path = f"{connection.remote_id}/threads_insights"
    found = insights.values(entries(graph(connection).get(path, metric="followers_count")))
    return Audience(followers=found.get("followers_count"))


def quota(server: Graph, user: str) -> Quota:
    """https://developers.facebook.com/docs/threads/troubleshooting#retrieve-publishing-quota-limit"""
    fields = "quota_usage,config,reply_quota_usage,reply_config"
    said = entries(server.get(f"{user}/threads_publishing_limit", fields=fields))
    found: JSON = said[0] if said else {}
    return Quota(
        _whole(found.get("quota_usage")),
        _total(found.get("config")),
        _whole(found.get("reply_quota_usage")),
        _total(found.get("reply_config")),
    )


def examine(connection: Connection) -> list[Check]:
    """Codes: reachable, token, rights, limits, api_version, metrics_off (where one is)."""
    try:
        server = graph(connection)
        me = server.get("me", fields=WHO)
    except Unavailable as exc:
        return [Check("reachable", False, exc.message)]
    except PlatformError as exc:
        return [Check("reachable", True), Check("token", False, exc.message)]
    user = connection.remote_id
    # Their answers do not name what was granted; trying shows it.
    probes = {
        PUBLISH: lambda: quota(server, user),
        READ_REPLIES: lambda: server.get(f"{user}/replies", fields="id", limit=1),
        INSIGHTS: lambda: server.get(f"{user}/threads_insights", metric="views"),
    }
    return [
        Check("reachable", True),
        Check("token", str(me.get("id")) == user, str(me.get("username") or "")),
        *login.rights(LOGIN, connection, probes),
        _limits(server, user),
        # Threads has had one version since it began.
        Check("api_version", True, str(connection.options.get("api_version") or VERSION)),
        *login.dead_metrics(connection),
    ]


def _limits(server: Graph, user: str) -> Check:
    try:
        found = quota(server, user)
    except PlatformError as exc:
        return Check("limits", False, exc.message)
    pairs = ((found.used, found.total), (found.replies_used, found.replies_total))
    left = all(used is None or total is None or used < total for used, total in pairs)
    return Check("limits", left, ", ".join(login.of_total(*pair) for pair in pairs))


def _total(config: Any) -> int | None:
    return _whole(config.get("quota_total")) if isinstance(config, dict) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
