"""Requests to LinkedIn as one member, and what its refusals mean.

https://learn.microsoft.com/en-us/linkedin/marketing/versioning
https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from socialhub.http import Answer
from socialhub.platforms import wire
from socialhub.platforms.base import JSON, Connection
from socialhub.platforms.errors import (
    AuthExpired,
    AuthRevoked,
    Duplicate,
    PermissionDenied,
    PlatformError,
    RateLimited,
    Unavailable,
)

API = "https://api.linkedin.com"
LOGIN = "https://www.linkedin.com"
# A month; each lives at least a year, and there is no default on their side.
DEFAULT_VERSION = "202610"
VERSION_SETTING = "LINKEDIN_API_VERSION"


def urn(value: str) -> str:
    """An URN as part of an address: "urn%3Ali%3Ashare%3A1"."""
    return quote(value, safe="")


def urns(values: Iterable[str]) -> str:
    """Rest.li 2.0 writes a list as List(a,b); its brackets and commas stay as they are."""
    return f"List({','.join(urn(value) for value in values)})"


def login_host(server_url: str) -> str:
    """Where people log in: another host than the API, unless the API was moved by its setting."""
    url = (server_url or API).rstrip("/")
    return LOGIN if url == API else url


class Api:
    """Every method returns an answer with a 2xx status."""

    def __init__(self, url: str, token: str, version: str = "", *, renewable: bool = False) -> None:
        self.url = (url or API).rstrip("/")
        self.version = version or DEFAULT_VERSION
        self._token, self._renewable = token, renewable

    @classmethod
    def of(cls, connection: Connection) -> Api:
        """Raises AuthRevoked when the account holds no token."""
        token = connection.secrets.get("access_token", "")
        if not token:
            raise AuthRevoked("the account holds no access token")
        return cls(
            connection.server_url,
            token,
            str(connection.options.get("api_version") or ""),
            renewable=bool(connection.secrets.get("refresh_token")),
        )

    def get(self, path: str, method: str = "") -> Answer:
        """A read. `path` holds its query, because encoding a List() would break it."""
        headers = self._headers({"X-RestLi-Method": method} if method else {})
        return self._checked(wire.read("GET", self.url + path, headers=headers))

    def object(self, path: str, method: str = "") -> JSON:
        """The parsed answer of a read. Raises Unavailable unless it is an object."""
        return _object(wire.body(self.get(path, method)))

    def elements(self, path: str, method: str = "FINDER") -> list[JSON]:
        """The elements of a list answer."""
        return listed(self.object(path, method))

    def post(self, path: str, json: Any) -> JSON:
        """A write that may be repeated without harm."""
        answer = wire.read("POST", self.url + path, json=json, headers=self._headers())
        return _object(wire.body(self._checked(answer)))

    def put(self, url: str, content: bytes, mime: str) -> None:
        """Bytes to the address LinkedIn gave for them. The token goes to LinkedIn only."""
        headers = {"Content-Type": mime}
        host = urlsplit(url).hostname or ""
        if host == urlsplit(self.url).hostname or host.endswith(".linkedin.com"):
            headers["Authorization"] = f"Bearer {self._token}"
        self._checked(wire.read("PUT", url, data=content, headers=headers, timeout=60))

    def publish(self, path: str, json: Any, guard: Callable[[], None] | None) -> Answer:
        """The write whose outcome can be unknown."""
        answer = wire.send("POST", self.url + path, json=json, headers=self._headers(), guard=guard)
        return self._checked(answer)

    def _headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._token}",
            "LinkedIn-Version": self.version,
            "X-Restli-Protocol-Version": "2.0.0",
            **(more or {}),
        }

    def _checked(self, answer: Answer) -> Answer:
        if 200 <= answer.status < 300:
            return answer
        raise refusal(answer, self.version, renewable=self._renewable)


def refusal(answer: Answer, version: str, *, renewable: bool) -> PlatformError:
    """What a 4xx means. Body: {"status", "code", "serviceErrorCode", "message"}."""
    said = _said(answer)
    status, message = answer.status, _sentence(said)
    if status == 401:
        # Ended or revoked; where it can be renewed, renewing tells which.
        return (AuthExpired if renewable else AuthRevoked)(message, http_status=401)
    if status == 426 or said.get("code") == "NONEXISTENT_VERSION":
        return PermissionDenied(
            f"LinkedIn has switched off version {version} of its API: set {VERSION_SETTING} to a "
            "newer month; the account doctor shows its age (api_version)",
            http_status=status,
        )
    if status in (400, 409, 422) and "duplicate" in message.lower():
        return Duplicate(message, http_status=status)
    if status == 429:
        now = datetime.now(UTC)
        until = wire.retry_at(answer.headers, now) or next_midnight(now)
        return RateLimited(message, retry_at=until, http_status=429)
    return wire.refusal(answer, message)


def next_midnight(now: datetime) -> datetime:
    """When LinkedIn's daily limits start again; it sends no header that tells."""
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), UTC)


def moment(value: Any) -> datetime | None:
    """Milliseconds since 1970 as an aware datetime; None when it is no such number."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**14:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)


def listed(said: JSON) -> list[JSON]:
    """Raises Unavailable when the answer has no list of objects."""
    found = said.get("elements")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unavailable("LinkedIn's answer has no list of elements")
    return found


def _object(said: Any) -> JSON:
    if not isinstance(said, dict):
        raise Unavailable("LinkedIn's answer is not an object")
    return said


def _said(answer: Answer) -> JSON:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _sentence(said: JSON) -> str:
    """Code and message, at most 300 characters; the login pages have names of their own."""
    parts = [str(said.get("code") or said.get("error") or "")]
    parts.append(str(said.get("message") or said.get("error_description") or ""))
    return ": ".join(part for part in parts if part)[:300]
