"""OAuth 2.0 with PKCE: https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token

A refresh token works once; every refresh gives a new one.
"""

from __future__ import annotations

import base64
import hashlib
import secrets as random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from socialhub.http import Answer
from socialhub.platforms import wire
from socialhub.platforms.base import JSON, App, Authorization, Connection
from socialhub.platforms.errors import AuthRevoked, PermissionDenied, PlatformError, Unavailable
from socialhub.platforms.x import refusals
from socialhub.platforms.x.client import DEFAULT_SERVER

# All are needed to publish: X wants tweet.read and users.read beside tweet.write, and without
# offline.access the login ends after two hours.
SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
LOGIN_SERVER = "https://x.com"
# What the token endpoint says when the app, and not the person's grant, is refused.
APP_REFUSED = frozenset({"invalid_client", "unauthorized_client"})


def start(server_url: str, redirect_uri: str, state: str, app: App | None) -> Authorization:
    """Where to send the person. Raises PermissionDenied when no app is registered."""
    if app is None or not app.client_id:
        raise PermissionDenied("there is no developer app for X yet")
    verifier = random.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    server = server_url.rstrip("/")
    login = LOGIN_SERVER if server in ("", DEFAULT_SERVER) else server
    return Authorization(
        authorize_url=f"{login}/i/oauth2/authorize?{urlencode(query)}",
        secrets={"code_verifier": verifier},
    )


def finish(
    server_url: str, redirect_uri: str, code: str, secrets: Mapping[str, str], app: App | None
) -> tuple[dict[str, str], list[str]]:
    """Swap the code: what to keep as secrets, and the granted scopes.

    Raises AuthRevoked for a code that does not work, PermissionDenied naming a right that was
    not granted.
    """
    if app is None or not secrets.get("code_verifier"):
        raise AuthRevoked("this connection was not started here; start again")
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": secrets["code_verifier"],
    }
    said = _token(server_url, sent, app)
    granted = str(said.get("scope") or "").split()
    missing = [scope for scope in SCOPES if scope not in granted]
    if missing:
        raise PermissionDenied("not granted: " + ", ".join(missing))
    return _kept(said), granted


def renew(connection: Connection) -> dict[str, str] | None:
    """New secrets; None where there is no refresh token. Raises AuthRevoked when refused."""
    token = connection.secrets.get("refresh_token")
    if not token:
        return None
    if not connection.app.client_id:
        raise PermissionDenied("there is no developer app for X any more")
    sent = {"grant_type": "refresh_token", "refresh_token": token}
    return _kept(_token(connection.server_url, sent, connection.app))


def _token(server_url: str, sent: dict[str, str], app: App) -> JSON:
    headers = {"Accept": "application/json"}
    if app.client_secret:
        pair = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    else:
        # A public client names itself in the body.
        sent = {**sent, "client_id": app.client_id}
    url = f"{(server_url or DEFAULT_SERVER).rstrip('/')}/2/oauth2/token"
    answer = wire.read("POST", url, data=sent, headers=headers)
    if not 200 <= answer.status < 300:
        raise _refusal(answer)
    said = wire.body(answer)
    if not isinstance(said, dict) or not said.get("access_token"):
        raise Unavailable("the answer of X holds no access token")
    return said


def _refusal(answer: Answer) -> PlatformError:
    said = refusals.problem(answer)
    if said.get("error") in APP_REFUSED:
        text = "X does not accept the id or the secret of the developer app"
        return PermissionDenied(text, http_status=answer.status)
    if answer.status in (400, 401):
        # The description may quote the token; the name of the error is enough.
        name = str(said.get("error") or f"HTTP {answer.status}")[:60]
        return AuthRevoked(f"X does not renew the login: {name}", http_status=answer.status)
    return refusals.refusal(answer)


def _kept(said: JSON) -> dict[str, str]:
    kept = {"access_token": str(said["access_token"])}
    if said.get("refresh_token"):
        kept["refresh_token"] = str(said["refresh_token"])
    seconds = said.get("expires_in")
    if isinstance(seconds, int | float):
        kept["expires_at"] = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    return kept
