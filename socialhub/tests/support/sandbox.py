"""Fixture `sandbox`: the pretend network as a process of its own, without an audience."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).resolve().parents[3]
LISTENING = re.compile(r"Sandbox network on (http://\S+)")


class SandboxServer:
    """A running sandbox, and what a test may do behind the client's back."""

    def __init__(self, base_url: str, pid: int) -> None:
        self.base_url, self.pid = base_url, pid

    @staticmethod
    def token(handle: str) -> str:
        """A token of `handle`; the account exists from its first use."""
        return f"sandbox-{handle}"

    def posts(self, account: str = "") -> list[dict[str, Any]]:
        """The truth: what is out, oldest first; "" = of every account."""
        return self._call("GET", "/control/posts", params={"account": account})

    def texts(self, account: str = "") -> list[str]:
        return [post["text"] for post in self.posts(account)]

    def fault(self, operation: str, fault: str, times: int = 1, **more: Any) -> None:
        """Arm a fault; `skip`, `contains`, `retry_after` and `seconds` narrow it."""
        sent = {"operation": operation, "fault": fault, "times": times, **more}
        self._call("POST", "/control/faults", json=sent)

    def faults(self) -> list[dict[str, Any]]:
        """Faults still armed."""
        return self._call("GET", "/control/faults")

    def clear_faults(self) -> None:
        self._call("DELETE", "/control/faults")

    def comment(self, post_id: str, author: str, text: str) -> str:
        """Somebody answers a post; the comment's id."""
        sent = {"author": author, "text": text}
        return str(self._call("POST", f"/control/posts/{post_id}/comments", json=sent)["id"])

    def set_metrics(self, post_id: str, **counters: int | None) -> None:
        """Fix counters; None = the network does not report it."""
        self._call("POST", f"/control/posts/{post_id}/metrics", json=counters)

    def set_audience(self, handle: str, **numbers: int | None) -> None:
        """Fix followers, following or posts; None = the network does not report it."""
        self._call("POST", f"/control/accounts/{handle}/audience", json=numbers)

    def seed(self, *posts: dict[str, Any]) -> list[dict[str, Any]]:
        """Posts of the past: handle, text, created_at and what else control takes."""
        return self._call("POST", "/control/posts", json={"posts": posts})

    def revoke(self, handle: str) -> None:
        self._call("POST", "/control/revoke", json={"handle": handle})

    def mode(self, *, idempotent: bool) -> None:
        self._call("POST", "/control/mode", json={"idempotent": idempotent})

    def latency(self, seconds: float) -> None:
        self._call("POST", "/control/latency", json={"seconds": seconds})

    def requests(self, operation: str = "*") -> dict[str, Any]:
        """`{"count", "concurrent_max", "answers", …}` since the reset."""
        return self._call("GET", "/control/requests", params={"operation": operation})

    def act(self, method: str, path: str, handle: str, **sent: Any) -> Any:
        """A call of the network's own API by somebody else, or by the owner in a browser."""
        headers = {"Authorization": f"Bearer {self.token(handle)}"}
        return self._call(method, path, headers=headers, json=sent or None)

    def effects(self, *planted: dict[str, Any]) -> None:
        """Posts with these words do better: contains, and factors such as likes."""
        self._call("POST", "/control/effects", json=list(planted))

    def offset(self) -> float:
        """Seconds by which its clock is moved."""
        return float(self._call("GET", "/control/clock")["offset_seconds"])

    def reset(self) -> None:
        self._call("POST", "/control/reset")

    def _call(self, method: str, path: str, **sent: Any) -> Any:
        answer = requests.request(method, self.base_url + path, timeout=10, **sent)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def running(folder: Path, *options: str) -> Iterator[SandboxServer]:
    """A sandbox with its storage in `folder`, on a free port, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "socialhub.sandbox", "--port", "0", "--data", str(folder), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        # The line comes when the socket is bound.
        found = LISTENING.match(process.stdout.readline())
        assert found, "the sandbox did not start"
        server = SandboxServer(found[1], process.pid)
        requests.get(f"{server.base_url}/health", timeout=10).raise_for_status()
        yield server
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="session")
def _sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with running(tmp_path_factory.mktemp("sandbox"), "--no-audience") as server:
        yield server


@pytest.fixture
def sandbox(_sandbox_process: SandboxServer) -> SandboxServer:
    """An empty sandbox network whose counters stay what `set_metrics` made them, 0 at first."""
    _sandbox_process.reset()
    return _sandbox_process
