"""Who the account is, what it may do, and how its login is made.

https://developers.facebook.com/docs/instagram-platform/reference/me
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from socialhub.platforms.base import JSON, Audience, Check, Connection, Profile
from socialhub.platforms.errors import PlatformError, Unavailable
from socialhub.platforms.meta import insights, login, versions
from socialhub.platforms.meta.graph import Graph, entries

API = "https://graph.instagram.com"
VERSION = "v26.0"
BASIC, PUBLISH = "instagram_business_basic", "instagram_business_content_publish"
LOGIN = login.Login(
    api=API,
    pages_host="https://www.instagram.com",
    code_host="https://api.instagram.com",
    prefix="ig",
    scopes=(
        BASIC,
        PUBLISH,
        "instagram_business_manage_comments",
        "instagram_business_manage_insights",
    ),
    needed=(BASIC, PUBLISH),
)
WHO = "user_id,username,name,account_type,profile_picture_url"
COUNTED = "followers_count,follows_count,media_count"


def graph(connection: Connection) -> Graph:
    """Raises AuthRevoked without a token."""
    return Graph.of(connection, VERSION)


def profile(server: Graph, secrets: Mapping[str, str]) -> Profile:
    """Whose token it is."""
    me = server.get("me", fields=WHO)
    remote_id = str(me.get("user_id") or me.get("id") or "")
    if not remote_id:
        raise Unavailable("Instagram's answer names no account")
    return Profile(
        remote_id=remote_id,
        handle=str(me.get("username") or ""),
        display_name=str(me.get("name") or me.get("username") or ""),
        secrets=secrets,
        options={"account_type": str(me.get("account_type") or "")},
        avatar_url=str(me.get("profile_picture_url") or ""),
        kind=str(me.get("account_type") or "").lower(),
    )


def audience(connection: Connection) -> Audience:
    me = graph(connection).get("me", fields=COUNTED)
    return Audience(
        followers=_whole(me.get("followers_count")),
        following=_whole(me.get("follows_count")),
        posts=_whole(me.get("media_count")),
    )


def quota(server: Graph, user: str) -> tuple[int | None, int | None]:
    """Posts of the last 24 hours, and how many there may be.

    https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/content_publishing_limit
    """
    said = entries(server.get(f"{user}/content_publishing_limit", fields="quota_usage,config"))
    found: JSON = said[0] if said else {}
    config = found.get("config")
    total = config.get("quota_total") if isinstance(config, dict) else None
    return _whole(found.get("quota_usage")), _whole(total)


def examine(connection: Connection) -> list[Check]:
    """Codes: reachable, token, rights, limits, api_version, metrics_off (where one is)."""
    try:
        server = graph(connection)
        me = server.get("me", fields=WHO)
    except Unavailable as exc:
        return [Check("reachable", False, exc.message)]
    except PlatformError as exc:
        return [Check("reachable", True), Check("token", False, exc.message)]
    known = connection.remote_id in (str(me.get("user_id")), str(me.get("id")))
    return [
        Check("reachable", True),
        Check("token", known, str(me.get("username") or "")),
        *login.rights(LOGIN, connection, {}),
        _limits(server, connection.remote_id),
        versions.check(str(connection.options.get("api_version") or VERSION)),
        *login.dead_metrics(connection),
    ]


def _limits(server: Graph, user: str) -> Check:
    try:
        used, total = quota(server, user)
    except PlatformError as exc:
        return Check("limits", False, exc.message)
    left = used is None or total is None or used < total
    return Check("limits", left, login.of_total(used, total))


def off(connection: Connection) -> Any:
    """Names of metrics that do not exist any more, with the day on which they failed."""
    return connection.options.get(insights.OPTION)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
