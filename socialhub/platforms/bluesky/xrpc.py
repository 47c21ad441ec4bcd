"""Calls to a PDS and what its refusals mean.

The PDS passes app.bsky.* on to its AppView. Error bodies are {"error": name, "message": text};
seen on PDS 0.5: an expired token is 400 ExpiredToken, not 401.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from socialhub.http import Answer
from socialhub.platforms import wire
from socialhub.platforms.base import JSON, Connection
from socialhub.platforms.errors import (
    AuthExpired,
    AuthRevoked,
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    PlatformError,
    Unavailable,
)


class RecordNotFound(NotFound):
    """The server answered and this record is certainly not there (any 404 is less certain)."""


BY_NAME: dict[str, type[PlatformError]] = {
    "ExpiredToken": AuthExpired,
    "InvalidToken": AuthRevoked,
    "AuthMissing": AuthRevoked,
    "AuthenticationRequired": AuthRevoked,
    # The owner has two-factor mail on and typed the main password; an app password works.
    "AuthFactorTokenRequired": PermissionDenied,
    "AccountTakedown": PermissionDenied,
    "AccountDeactivated": PermissionDenied,
    "AccountSuspended": PermissionDenied,
    "RepoTakendown": PermissionDenied,
    "RepoDeactivated": PermissionDenied,
    "RecordNotFound": RecordNotFound,
    "NotFound": NotFound,
    # A method name this server does not know: no PDS, or not this kind.
    "MethodNotImplemented": NotFound,
    "XRPCNotSupported": NotFound,
    "InvalidSwap": InvalidContent,
}
MESSAGE_MAX = 300

Params = Mapping[str, str | int | Sequence[str]]


def base(connection: Connection) -> str:
    """The PDS of the account; bsky.social is only an entrance in front of many."""
    return str(connection.options.get("pds") or connection.server_url).rstrip("/")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def access(connection: Connection) -> dict[str, str]:
    """The header of a call made as the account. AuthRevoked when there is no token."""
    token = connection.secrets.get("access", "")
    if not token:
        raise AuthRevoked("there is no session for this account")
    return bearer(token)


def get(
    server: str,
    method: str,
    params: Params | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSON:
    """One query. Raises a PlatformError; Unavailable when the answer cannot be used."""
    return accepted(wire.read("GET", address(server, method), params=params, headers=headers))


def post(server: str, method: str, **kwargs: Any) -> JSON:
    """One procedure that may be repeated."""
    return accepted(wire.read("POST", address(server, method), **kwargs))


def write(server: str, method: str, *, guard: Callable[[], None] | None, **kwargs: Any) -> JSON:
    """The one procedure whose outcome can be unknown."""
    answer = wire.send("POST", address(server, method), guard=guard, **kwargs)
    if answer.status >= 400:
        raise refusal(answer)
    return _object(wire.body(answer, write=True), OutcomeUnknown)


def address(server: str, method: str) -> str:
    return f"{server.rstrip('/')}/xrpc/{method}"


def accepted(answer: Answer) -> JSON:
    """The JSON object of a 2xx answer to a repeatable call, else the error it means."""
    if answer.status >= 400:
        raise refusal(answer)
    return _object(wire.body(answer), Unavailable)


def refusal(answer: Answer) -> PlatformError:
    """The error a 4xx answer means: by the name in its body, else by its status."""
    name, message = _said(answer)
    said = f"{name}: {message}".strip(": ")[:MESSAGE_MAX]
    known = BY_NAME.get(name)
    if known is not None and answer.status != 429:
        return known(f"HTTP {answer.status}: {said}", http_status=answer.status)
    return wire.refusal(answer, said)


def _said(answer: Answer) -> tuple[str, str]:
    try:
        parsed = answer.json()
    except ValueError:
        return "", ""
    if not isinstance(parsed, dict):
        return "", ""
    return str(parsed.get("error") or ""), str(parsed.get("message") or "")


def _object(parsed: Any, error: type[PlatformError]) -> JSON:
    if not isinstance(parsed, dict):
        raise error("the answer is not a JSON object")
    return parsed
