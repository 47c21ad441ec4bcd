"""Stand-ins as processes of their own, and what a test may do behind a network's back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).resolve().parents[4]
LISTENING = re.compile(r"listening on (\d+)")


class Server:
    """A running stand-in."""

    def __init__(self, slug: str, process: subprocess.Popen[str], port: str) -> None:
        self.slug, self.process = slug, process
        self.base_url = f"http://127.0.0.1:{port}"

    @staticmethod
    def token(account: str) -> str:
        """A token with every right of `account`; the account exists from its first use."""
        return f"token-{account}"

    def posts(self, account: str | None = None) -> list[dict[str, Any]]:
        """The truth: what is out, oldest first; None = of everybody."""
        return self.get("posts", **({"account": account} if account else {}))

    def fault(self, operation: str, fault: str, times: int = 1, **more: Any) -> None:
        self.post("faults", operation=operation, fault=fault, times=times, **more)

    def requests(self, operation: str = "*") -> int:
        """How many requests of an operation came in since the reset."""
        return int(self.get("requests", operation=operation)["count"])

    def log(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What the network noted about logins, oldest first."""
        return self.get("log", **({"kind": kind} if kind else {}))

    def mode(self, **changes: Any) -> dict[str, Any]:
        """Switches of the network, `latency` and `clock_offset` in seconds."""
        return self.post("mode", **changes)

    def reset(self) -> None:
        self.post("reset")

    def get(self, control: str, **query: Any) -> Any:
        return self.call("GET", f"/control/{control}", params=query)

    def post(self, control: str, **sent: Any) -> Any:
        return self.call("POST", f"/control/{control}", json=sent)

    def call(self, method: str, path: str, **sent: Any) -> Any:
        """Any request; raises for an answer that is not 2xx."""
        answer = requests.request(method, self.base_url + path, timeout=10, **sent)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()


def start(slug: str) -> Server:
    process = subprocess.Popen(
        [sys.executable, "-m", "socialhub.tests.support.standins", slug],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    # The line comes when the socket is bound.
    found = LISTENING.match(process.stdout.readline())
    assert found, f"the stand-in for {slug} did not start"
    return Server(slug, process, found[1])


@pytest.fixture(scope="session")
def _standin_processes() -> Iterator[dict[str, Server]]:
    running: dict[str, Server] = {}
    yield running
    for server in running.values():
        server.process.terminate()
    for server in running.values():
        server.process.wait(timeout=10)


@pytest.fixture
def standins(_standin_processes: dict[str, Server], settings: Any) -> Callable[[str], Server]:
    """standins("x") → that network, empty, as the setting of its address says from now on."""
    fresh: set[str] = set()

    def get(slug: str) -> Server:
        if slug not in _standin_processes:
            _standin_processes[slug] = start(slug)
        server = _standin_processes[slug]
        if slug not in fresh:
            server.reset()
            fresh.add(slug)
        setattr(settings, f"{slug.upper()}_API_BASE", server.base_url)
        return server

    return get
