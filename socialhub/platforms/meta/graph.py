"""Requests to Meta's Graph API as one token: https://developers.facebook.com/docs/graph-api"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from socialhub.http import Answer
from socialhub.platforms import wire
from socialhub.platforms.base import JSON, Connection, Findings
from socialhub.platforms.errors import AuthRevoked, Unavailable
from socialhub.platforms.meta import usage
from socialhub.platforms.meta.errors import refusal


class Graph:
    """One server, version and token. Every method returns the parsed object of a 2xx answer.

    `used` is the highest percentage of a limit seen so far, `skew` the seconds the server's
    clock was ahead in the last answer, `more` whether `pages` left something out.
    """

    def __init__(
        self, server_url: str, token: str, version: str = "", findings: Findings | None = None
    ) -> None:
        self.base = server_url.rstrip("/") + (f"/{version.strip('/')}" if version else "")
        self._token, self._findings = token, findings
        self.used: float | None = None
        self.skew = 0.0
        self.more = False

    @classmethod
    def of(cls, connection: Connection, version: str = "") -> Graph:
        """`version` where the options name none. Raises AuthRevoked without a token."""
        token = connection.secrets.get("access_token", "")
        if not token:
            raise AuthRevoked("the account holds no access token")
        chosen = str(connection.options.get("api_version") or version)
        return cls(connection.server_url, token, chosen, connection.findings)

    def get(self, path: str, **params: Any) -> JSON:
        """A read. Raises Unavailable for anything that may pass."""
        sent = {name: value for name, value in params.items() if value is not None}
        answer = wire.read("GET", self._url(path), headers=self._headers(), params=sent)
        return self._parsed(answer)

    def post(self, path: str, data: Any = None, files: Any = None) -> JSON:
        """A write that may be repeated without harm (uploads, containers)."""
        answer = wire.read("POST", self._url(path), headers=self._headers(), data=data, files=files)
        return self._parsed(answer)

    def publish(
        self,
        path: str,
        data: Any,
        guard: Callable[[], None] | None,
        files: Any = None,
    ) -> JSON:
        """The write whose outcome can be unknown."""
        answer = wire.send(
            "POST", self._url(path), headers=self._headers(), data=data, files=files, guard=guard
        )
        return self._parsed(answer, write=True)

    def pages(self, path: str, most: int, **params: Any) -> Iterator[list[JSON]]:
        """The pages of a list, at most `most` of them, each with its entries."""
        after: str | None = None
        for _ in range(most):
            said = self.get(path, **params, after=after)
            after = next_page(said)
            self.more = after is not None
            yield entries(said)
            if after is None:
                return

    def _url(self, path: str) -> str:
        return f"{self.base}/{path.lstrip('/')}"

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Language": "en"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    def _parsed(self, answer: Answer, *, write: bool = False) -> JSON:
        now = datetime.now(UTC)
        percent = usage.used(answer.headers)
        if percent is not None:
            self.used = max(percent, self.used or 0.0)
        usage.note(answer.headers, self._findings, now)
        self.skew = wire.clock_skew(answer.headers, now)
        if not 200 <= answer.status < 300:
            raise refusal(answer, write=write, now=now)
        said = wire.body(answer, write=write)
        if isinstance(said, dict) and isinstance(said.get("error"), dict):
            # Some refusals come with status 200.
            raise refusal(answer, write=write, now=now)
        return said if isinstance(said, dict) else {"data": said}


def entries(said: JSON) -> list[JSON]:
    """The objects of a list answer. Raises Unavailable when it is no list."""
    found = said.get("data")
    if not isinstance(found, list):
        raise Unavailable("Meta's answer is not a list")
    return [one for one in found if isinstance(one, dict)]


def next_page(said: JSON) -> str | None:
    """The cursor of the next page. (The address in "next" holds the token: never used.)"""
    paging = said.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return None
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return str(after) if after else None


def moment(value: Any) -> datetime | None:
    """A time as Graph writes it, aware; None when absent or unreadable."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
