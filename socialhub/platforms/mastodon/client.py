"""Requests to one server, and what its refusals mean.

Errors: https://docs.joinmastodon.org/entities/Error/ ({"error", "error_description"}). The body
of a refusal need not be JSON; GoToSocial and Takahe say 400 where Mastodon says 422.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from socialhub.http import Answer
from socialhub.platforms import wire
from socialhub.platforms.base import JSON, Connection
from socialhub.platforms.errors import AuthRevoked, NotFound, PlatformError, Unavailable


def base_url(typed: str) -> str:
    """ "mastodon.example/" as a person types it → "https://mastodon.example".

    Raises NotFound when it is no address of a server.
    """
    typed = typed.strip()
    url = typed if "://" in typed else f"https://{typed}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotFound("this is not the address of a Mastodon server")
    return f"{parts.scheme}://{parts.netloc}"


class Server:
    """One server, as one account. Every method returns an answer with a 2xx status."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        self._token = token

    @classmethod
    def of(cls, connection: Connection) -> Server:
        """Raises AuthRevoked when the account holds no token."""
        token = connection.secrets.get("access_token", "")
        if not token:
            raise AuthRevoked("the account holds no access token")
        return cls(connection.server_url, token)

    def get(self, path: str, params: Any = None) -> Answer:
        """A read. Raises Unavailable for anything that may pass."""
        answer = wire.read("GET", self.url + path, headers=self._headers(), params=params)
        return checked(answer)

    def json(self, path: str, params: Any = None) -> Any:
        """The parsed answer of a read: an object or a list."""
        return wire.body(self.get(path, params))

    def object(self, path: str, params: Any = None) -> JSON:
        """The parsed answer of a read that must be an object with an id."""
        return with_id(self.json(path, params))

    def upload(self, path: str, **sent: Any) -> Answer:
        """A write that may be repeated without harm (media, app registration, token)."""
        return checked(wire.read("POST", self.url + path, headers=self._headers(), **sent))

    def publish(
        self, path: str, json: Any, headers: Mapping[str, str], guard: Callable[[], None] | None
    ) -> Any:
        """The write whose outcome can be unknown. Returns the parsed answer."""
        answer = wire.send(
            "POST", self.url + path, json=json, headers={**self._headers(), **headers}, guard=guard
        )
        return wire.body(checked(answer), write=True)

    def _headers(self) -> dict[str, str]:
        # English, because some refusals can only be told apart by their sentence.
        headers = {"Accept": "application/json", "Accept-Language": "en"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers


def with_id(said: Any) -> JSON:
    """`said` itself. Raises Unavailable unless it is an object with an id."""
    if isinstance(said, dict) and said.get("id"):
        return said
    raise Unavailable("the server's answer has no id")


def checked(answer: Answer) -> Answer:
    """The answer itself when it is 2xx, else the error it means."""
    if 200 <= answer.status < 300:
        return answer
    raise _refusal(answer)


def _refusal(answer: Answer) -> PlatformError:
    status, said = answer.status, _sentence(answer)
    lower = said.lower()
    # Takahe says 400 "Invalid Bearer token"; /oauth/token says 400 invalid_grant.
    if status == 400 and ("bearer token" in lower or "invalid_grant" in lower):
        return AuthRevoked(said, http_status=status)
    # A parent that is not there: some servers validate it instead of looking it up.
    if status == 422 and "trying to reply to" in lower:
        return NotFound(said, http_status=status)
    return wire.refusal(answer, said)


def _sentence(answer: Answer) -> str:
    """What the server says, at most 300 characters; "" when it says nothing readable."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if isinstance(body, dict) and body.get("error"):
        parts = [str(body["error"]), str(body.get("error_description") or "")]
        return ": ".join(part for part in parts if part)[:300]
    text = answer.text.strip()
    # A page of a proxy says nothing to a marketer.
    return "" if "<" in text else text[:300]
