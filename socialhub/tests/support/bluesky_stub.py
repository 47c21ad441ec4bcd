"""A server that gives the answers it is told to, for cases a real PDS cannot be made to show.

    python -m socialhub.tests.support.bluesky_stub

It knows nothing of Bluesky: every method answers with what POST /__control/answers
{"method", "answers": [{"status", "headers", "body"}]} gave it, one after the other, the last
one for ever. GET /__control/requests lists what it was asked. Needs no Django.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from socialhub.sandbox.faults import Faults, Watch
from socialhub.sandbox.serving import Refused, Reply, Request, Server

CONTROL = "/__control/"
LISTENING = re.compile(r"listening on (\d+)")
ROOT = Path(__file__).resolve().parents[3]
# The PDS the payloads were captured from; its address in an answer becomes the stub's.
CAPTURED_AT = "http://localhost:2583"


class Stub:
    """The application: scripted answers per XRPC method."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.watch = Watch()
        self.latency = 0.0
        self.own_url = ""
        self._answers: dict[str, list[dict[str, Any]]] = {}
        self._requests: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def operation(self, request: Request) -> str:
        return ""

    def answer(self, request: Request) -> Reply:
        with self._lock:
            if request.path.startswith(CONTROL):
                return self._control(request)
            method = request.path.removeprefix("/xrpc/")
            self._requests.append({"method": method, "query": request.pairs})
            waiting = self._answers.get(method)
            if not waiting:
                raise Refused(501, "MethodNotImplemented", "No answer for this method.")
            return self._reply(waiting.pop(0) if len(waiting) > 1 else waiting[0])

    def _control(self, request: Request) -> Reply:
        if request.path == f"{CONTROL}answers":
            given = request.json()
            self._answers[given["method"]] = list(given["answers"])
        elif request.path == f"{CONTROL}reset":
            self._answers.clear()
            self._requests.clear()
        return Reply(self._requests)

    def _reply(self, told: dict[str, Any]) -> Reply:
        body = told.get("body")
        text = body if isinstance(body, str) else json.dumps(body)
        content = text.replace(CAPTURED_AT, self.own_url).encode()
        return Reply(content, int(told.get("status", 200)), headers=told.get("headers", {}))


def main() -> None:
    stub = Stub()
    server = Server(("127.0.0.1", 0), stub)
    port = server.server_address[1]
    stub.own_url = f"http://localhost:{port}"
    print(f"listening on {port}", flush=True)
    server.serve_forever()


class BlueskyStub:
    """A running stub, as tests see it."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def answers(self, method: str, *answers: dict[str, Any]) -> None:
        """What `method` says from now on: {"status", "headers", "body"}, one after the other."""
        told = [
            {
                **answer,
                "headers": {
                    n: v
                    for n, v in answer.get("headers", {}).items()
                    if n.lower() != "content-type"
                },
            }
            for answer in answers
        ]
        self._call("POST", "answers", {"method": method, "answers": told})

    def requests(self, method: str) -> list[dict[str, Any]]:
        """Queries of `method` so far, as dictionaries of lists."""
        asked: list[dict[str, Any]] = []
        for request in self._call("GET", "requests"):
            if request["method"] == method:
                query: dict[str, list[str]] = {}
                for name, value in request["query"]:
                    query.setdefault(name, []).append(value)
                asked.append(query)
        return asked

    def reset(self) -> None:
        self._call("POST", "reset", {})

    def _call(self, method: str, what: str, given: Any = None) -> Any:
        line = http.client.HTTPConnection(urlsplit(self.base_url).netloc, timeout=10)
        try:
            line.request(method, CONTROL + what, None if given is None else json.dumps(given))
            return json.load(line.getresponse())
        finally:
            line.close()


@contextmanager
def running() -> Iterator[BlueskyStub]:
    """The stub as a process of its own on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        said = LISTENING.match(process.stdout.readline())
        if said is None:
            raise RuntimeError("the stub did not start")
        yield BlueskyStub(f"http://localhost:{said[1]}")
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


if __name__ == "__main__":
    main()
