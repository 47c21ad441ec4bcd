"""The OAuth 2 code flow with PKCE: https://docs.joinmastodon.org/spec/oauth/"""

from __future__ import annotations

import base64
import hashlib
import secrets as random
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from socialhub.platforms import wire
from socialhub.platforms.base import JSON, Authorization
from socialhub.platforms.errors import AuthRevoked, Unavailable
from socialhub.platforms.mastodon.client import Server

# The least that publishing, measuring and answering needs.
SCOPES = "read:accounts read:statuses read:notifications write:statuses write:media"
CLIENT_NAME = "SocialHub"


def start(server: Server, redirect_uri: str, state: str) -> Authorization:
    """Register an application and say where to send the person."""
    app = _strings(
        wire.body(
            server.upload(
                "/api/v1/apps",
                data={"client_name": CLIENT_NAME, "redirect_uris": redirect_uri, "scopes": SCOPES},
            )
        ),
        "client_id",
        "client_secret",
    )
    verifier = random.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "state": state,
        # Checked from 4.3 on; older servers ignore it.
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    return Authorization(
        authorize_url=f"{server.url}/oauth/authorize?{urlencode(query)}",
        secrets={**app, "code_verifier": verifier},
    )


def finish(
    server: Server, redirect_uri: str, code: str, secrets: Mapping[str, str]
) -> tuple[dict[str, str], str]:
    """Swap the code for a token: what to store as secrets, and the granted scopes.

    Raises AuthRevoked when the code is wrong, used or too old.
    """
    missing = {"client_id", "client_secret", "code_verifier"} - secrets.keys()
    if missing:
        raise AuthRevoked("this connection was not started here; start again")
    said = wire.body(
        server.upload(
            "/oauth/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "client_id": secrets["client_id"],
                "client_secret": secrets["client_secret"],
                "redirect_uri": redirect_uri,
                "code_verifier": secrets["code_verifier"],
                "scope": SCOPES,
            },
        )
    )
    token = _strings(said, "access_token")
    kept = {name: secrets[name] for name in ("client_id", "client_secret")}
    return {**token, **kept}, str(said.get("scope") or "")


def _strings(said: Any, *names: str) -> dict[str, str]:
    found: JSON = said if isinstance(said, dict) else {}
    if not all(isinstance(found.get(name), str) and found[name] for name in names):
        raise Unavailable("the server's answer lacks " + ", ".join(names))
    return {name: found[name] for name in names}
