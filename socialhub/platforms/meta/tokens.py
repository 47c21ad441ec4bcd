"""Long-lived tokens: swapped for a short one, and renewed.

https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
https://developers.facebook.com/docs/instagram-platform/reference/access_token
https://developers.facebook.com/docs/threads/get-started/long-lived-tokens
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from socialhub.platforms.base import JSON, App
from socialhub.platforms.errors import Unavailable
from socialhub.platforms.meta.graph import Graph

# Instagram and Threads renew no token that is younger.
YOUNGEST = timedelta(hours=24)
LIFE = timedelta(days=60)


def by_code(graph: Graph, path: str, app: App, redirect_uri: str, code: str) -> JSON:
    """The first answer of a code flow: "access_token" and what the network adds to it.

    Raises AuthRevoked for a code that does not work any more.
    """
    return graph.post(
        path,
        data={
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code,
        },
    )


def facebook_long_lived(graph: Graph, app: App, token: str) -> dict[str, str]:
    """A user token of 60 days for one of an hour; page tokens made with it have no end."""
    said = graph.post(
        "oauth/access_token",
        data={
            "grant_type": "fb_exchange_token",
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "fb_exchange_token": token,
        },
    )
    return kept(said)


def long_lived(server_url: str, grant_type: str, app: App, token: str) -> dict[str, str]:
    """60 days for an hour, with "ig_exchange_token" or "th_exchange_token".

    The address has no version, and takes the secret as a parameter of a GET only.
    """
    said = Graph(server_url, token).get(
        "access_token",
        grant_type=grant_type,
        client_secret=app.client_secret,
        access_token=token,
    )
    return kept(said)


def renewed(
    server_url: str, grant_type: str, secrets: Mapping[str, str], now: datetime | None = None
) -> dict[str, str] | None:
    """The same login for 60 more days, with "ig_refresh_token" or "th_refresh_token".

    None while the token is too young to be renewed. Raises AuthRevoked, AuthExpired.
    """
    if _is_young(secrets.get("expires_at", ""), now or datetime.now(UTC)):
        return None
    token = secrets.get("access_token", "")
    said = Graph(server_url, token).get(
        "refresh_access_token", grant_type=grant_type, access_token=token
    )
    return kept(said)


def _is_young(expires_at: str, now: datetime) -> bool:
    try:
        end = datetime.fromisoformat(expires_at)
    except ValueError:
        return False
    return end - now > LIFE - YOUNGEST


def kept(said: JSON, now: datetime | None = None) -> dict[str, str]:
    """What to store of a token answer: "access_token" and, where it ends, "expires_at"."""
    token = said.get("access_token")
    if not isinstance(token, str) or not token:
        raise Unavailable("Meta's answer holds no access token")
    end = ends(said.get("expires_in"), now)
    return {"access_token": token, **({"expires_at": end} if end else {})}


def ends(seconds: Any, now: datetime | None = None) -> str:
    """ISO time in so many seconds, "" where there is no number or it never ends (0)."""
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        return ""
    return ((now or datetime.now(UTC)) + timedelta(seconds=seconds)).isoformat()


def login_host(server_url: str, api: str, own: str) -> str:
    """Host of the pages for people: the network's `own`, unless the API is somewhere else."""
    same = server_url.rstrip("/") in ("", api.rstrip("/"))
    return own if same else server_url.rstrip("/")
