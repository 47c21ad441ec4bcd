"""Fixtures `mastodon` and `mastodon_plain`: the stand-in server as a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).resolve().parents[3]
LISTENING = re.compile(r"listening on (\d+)")


class MastodonServer:
    """A running stand-in, and what a test may do behind its back."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    @staticmethod
    def token(account: str) -> str:
        """A token of `account`; the account exists from its first use."""
        return f"token-{account}"

    def posts(self, account: str | None = "office") -> list[dict[str, Any]]:
        """The truth: what is out, oldest first; None = of everybody."""
        return self._call("GET", "/control/posts", params={"account": account} if account else {})

    def texts(self, account: str = "office") -> list[str]:
        return [post["text"] for post in self.posts(account)]

    def media(self) -> list[dict[str, Any]]:
        return self._call("GET", "/control/media")

    def fault(self, operation: str, fault: str, times: int = 1, **more: Any) -> None:
        sent = {"operation": operation, "fault": fault, "times": times, **more}
        self._call("POST", "/control/faults", json=sent)

    def requests(self, operation: str = "*") -> int:
        """How many requests of an operation came in since the reset."""
        path = f"/control/requests?operation={operation}"
        return int(self._call("GET", path)["count"])

    def comment(self, post_id: str, author: str, text: str, **more: Any) -> str:
        """Somebody answers (kind="quote": quotes) a post; its id."""
        sent = {"post_id": post_id, "author": author, "text": text, **more}
        return str(self._call("POST", "/control/comments", json=sent)["id"])

    def mention(self, account: str, author: str, text: str, **more: Any) -> str:
        """Somebody names `account` out of the blue; the post's id."""
        sent = {"account": account, "author": author, "text": text, **more}
        return str(self._call("POST", "/control/comments", json=sent)["id"])

    def mode(self, **changes: Any) -> None:
        self._call("POST", "/control/mode", json=changes)

    def counts(self, account: str, **counts: int | None) -> None:
        """followers_count and the like from now on; None = the server does not say."""
        self._call("POST", "/control/counts", json={"account": account, **counts})

    def revoke(self, account: str) -> None:
        self._call("POST", "/control/revoke", json={"account": account})

    def limited_token(self, account: str, scopes: str) -> str:
        sent = {"account": account, "scopes": scopes}
        return str(self._call("POST", "/control/tokens", json=sent)["access_token"])

    def act(self, method: str, path: str, account: str, **sent: Any) -> Any:
        """A call of the network's own API by somebody else (or by the account's owner)."""
        headers = {"Authorization": f"Bearer {self.token(account)}"}
        return self._call(method, path, headers=headers, json=sent or None)

    def reset(self) -> None:
        self._call("POST", "/control/reset")

    def _call(self, method: str, path: str, **sent: Any) -> Any:
        answer = requests.request(method, self.base_url + path, timeout=10, **sent)
        answer.raise_for_status()
        return answer.json()


def _running(*options: str) -> Iterator[MastodonServer]:
    process = subprocess.Popen(
        [sys.executable, "-m", "socialhub.tests.support.mastodon_standin", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        # The line comes when the socket is bound.
        found = LISTENING.match(process.stdout.readline())
        assert found, "the stand-in did not start"
        yield MastodonServer(f"http://127.0.0.1:{found[1]}")
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="session")
def _mastodon_process() -> Iterator[MastodonServer]:
    yield from _running()


@pytest.fixture(scope="session")
def _mastodon_plain_process() -> Iterator[MastodonServer]:
    yield from _running("--ignore-idempotency-key")


@pytest.fixture
def mastodon(_mastodon_process: MastodonServer) -> MastodonServer:
    """A server as Mastodon: a repeated Idempotency-Key gives the first status again."""
    _mastodon_process.reset()
    return _mastodon_process


@pytest.fixture
def mastodon_plain(_mastodon_plain_process: MastodonServer) -> MastodonServer:
    """A server as GoToSocial and Takahe: the Idempotency-Key is ignored."""
    _mastodon_plain_process.reset()
    return _mastodon_plain_process
