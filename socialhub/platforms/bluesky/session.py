"""Logging in with an app password, keeping the session alive, and what works right now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from socialhub.platforms import wire
from socialhub.platforms.base import JSON, Check, Connection, Profile
from socialhub.platforms.bluesky import xrpc
from socialhub.platforms.errors import (
    AuthExpired,
    AuthRevoked,
    InvalidContent,
    NotFound,
    PlatformError,
    RateLimited,
    Unavailable,
)

# No post has this key: it stands for the year 1970.
NEVER_USED_KEY = "2222222222222"


def connect(server_url: str, handle: str, secret: str) -> Profile:
    """Exchange handle and app password for a session; the password is not kept."""
    require_pds(server_url)
    # Handles copied from the app carry invisible direction marks.
    typed = "".join(char for char in handle if char.isprintable()).strip().lstrip("@")
    try:
        session = xrpc.post(
            server_url,
            "com.atproto.server.createSession",
            json={"identifier": typed, "password": secret},
        )
    except InvalidContent as exc:
        # 400 InvalidRequest: what was typed cannot be a login.
        raise AuthRevoked(exc.message, http_status=exc.http_status) from exc
    did, current = text(session, "did"), text(session, "handle")
    pds = _endpoint(session.get("didDoc"))
    return Profile(
        remote_id=did,
        handle=current,
        secrets=_tokens(session),
        options={"pds": pds} if pds else {},
    )


def require_pds(server_url: str) -> JSON:
    """What the server says about itself. NotFound when it is no PDS: no password goes there."""
    no_pds = "this server is not a Bluesky server"
    try:
        answer = wire.read("GET", xrpc.address(server_url, "com.atproto.server.describeServer"))
    except Unavailable as exc:
        # 501 MethodNotImplemented: an AppView or another service of the protocol.
        if exc.http_status is None or exc.http_status in (408, 500, 502, 503, 504):
            raise
        raise NotFound(no_pds) from exc
    try:
        described = xrpc.accepted(answer)
    except RateLimited:
        raise
    except PlatformError as exc:
        raise NotFound(no_pds) from exc
    if not isinstance(described.get("availableUserDomains"), list):
        raise NotFound(no_pds)
    return described


def refresh(connection: Connection) -> Mapping[str, str]:
    """Both tokens anew: the network hands out another refresh token each time.

    The old one keeps working for two hours, so a lost answer does not lose the account.
    """
    token = connection.secrets.get("refresh", "")
    if not token:
        raise AuthRevoked("there is no session for this account")
    try:
        session = xrpc.post(
            xrpc.base(connection),
            "com.atproto.server.refreshSession",
            headers=xrpc.bearer(token),
        )
    except AuthExpired as exc:
        raise AuthRevoked(exc.message, http_status=exc.http_status) from exc
    return _tokens(session)


def doctor(connection: Connection) -> list[Check]:
    """Codes: reachable, token, limits, rights. AuthExpired passes: refresh, then ask again."""
    server = xrpc.base(connection)
    try:
        require_pds(server)
    except PlatformError as exc:
        return [Check("reachable", False, exc.message)]
    checks = [Check("reachable", True, urlsplit(server).hostname or "")]
    for code, check in (("token", _session), ("rights", _can_write)):
        try:
            checks += check(connection)
        except AuthExpired:
            raise
        except PlatformError as exc:
            return [*checks, Check(code, False, exc.message)]
    return checks


def _session(connection: Connection) -> list[Check]:
    """Token, and limits: the requests left in this window, where the server counts them."""
    answer = wire.read(
        "GET",
        xrpc.address(xrpc.base(connection), "com.atproto.server.getSession"),
        headers=xrpc.access(connection),
    )
    session = xrpc.accepted(answer)
    # `active` is missing on older servers; false means deactivated, suspended or taken down.
    active = session.get("active", True) is not False
    same = session.get("did") == connection.remote_id
    status = str(session.get("status") or session.get("handle") or "")
    left, limit = (
        answer.headers.get("ratelimit-remaining"),
        answer.headers.get("ratelimit-limit"),
    )
    counted = f"{left} / {limit}" if left and limit else ""
    return [
        Check("token", active and same, status),
        Check("limits", left != "0", counted),
    ]


def _can_write(connection: Connection) -> list[Check]:
    """Deleting a record that is not there needs the right to write and changes nothing."""
    xrpc.post(
        xrpc.base(connection),
        "com.atproto.repo.deleteRecord",
        headers=xrpc.access(connection),
        json={
            "repo": connection.remote_id,
            "collection": "app.bsky.feed.post",
            "rkey": NEVER_USED_KEY,
        },
    )
    return [Check("rights", True)]


def text(answer: JSON, name: str) -> str:
    """A non-empty text of an answer to a repeatable call. Unavailable without it."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise Unavailable(f"the answer has no {name}")
    return value


def _tokens(session: JSON) -> dict[str, str]:
    return {
        "access": text(session, "accessJwt"),
        "refresh": text(session, "refreshJwt"),
    }


def _endpoint(document: Any) -> str:
    """The address of the account's own PDS in its DID document, "" when it names none."""
    services = document.get("service") if isinstance(document, dict) else None
    for service in services if isinstance(services, list) else []:
        if isinstance(service, dict) and str(service.get("id", "")).endswith("#atproto_pds"):
            return str(service.get("serviceEndpoint") or "").rstrip("/")
    return ""
