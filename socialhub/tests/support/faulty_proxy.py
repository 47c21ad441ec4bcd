"""A reverse proxy that loses, delays or spoils answers of a real network.

    python -m socialhub.tests.support.faulty_proxy --port 2590 --upstream http://localhost:2583

POST /__control/faults {"path", "fault", "times", "retry_after", "seconds", "skip", "contains"}
arms a fault for requests whose path contains `path` ("*" = all); GET lists the armed ones,
DELETE clears them. GET /__control/requests?path= counts requests whose path contains it. The
faults are those of the sandbox network (socialhub/sandbox/faults.py). "…_after_accept" means
that the upstream has answered, so it has carried the request out, before the fault strikes.

Answers that name the upstream's own address (a DID document does) get the proxy's instead,
so that a client stays behind the proxy. Standard library only; needs no Django.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from socialhub.sandbox.faults import Fault, Faults, Watch
from socialhub.sandbox.serving import Refused, Reply, Request, Server

CONTROL = "/__control/"
UPSTREAM_SECONDS = 60.0
# Belong to one connection, not to the message (RFC 9110, 7.6.1), or are set anew.
NOT_PASSED = frozenset(
    {
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-length",
        "content-type",
        "server",
        "date",
        "x-content-type-options",
        "cache-control",
        "content-security-policy",
    }
)
LISTENING = re.compile(r"listening on (\d+)")
ROOT = Path(__file__).resolve().parents[3]


class Proxy:
    """The application behind the shared test server: passes everything on."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream.rstrip("/")
        self.faults = Faults()
        self.watch = Watch()
        self.latency = 0.0
        self.own_url = ""
        self._paths: list[str] = []
        self._lock = threading.Lock()

    def operation(self, request: Request) -> str:
        """The path an armed fault names, so that it strikes; else the path itself."""
        if request.path.startswith(CONTROL):
            return ""
        with self._lock:
            self._paths.append(request.path)
        armed = (fault["operation"] for fault in self.faults.listed())
        return next((path for path in armed if path in request.path), request.path)

    def answer(self, request: Request) -> Reply:
        if request.path.startswith(CONTROL):
            return self._control(request)
        return self._passed_on(request)

    def _control(self, request: Request) -> Reply:
        name = request.path.removeprefix(CONTROL)
        if name == "requests":
            wanted = request.query.get("path", "")
            with self._lock:
                return Reply({"path": wanted, "count": sum(wanted in p for p in self._paths)})
        if name != "faults":
            raise Refused(404, "not_found", "There is no such control.")
        if request.method == "DELETE":
            self.faults.clear()
        elif request.method == "POST":
            given = request.json()
            path = str(given.pop("path", "*"))
            try:
                fault = Fault.parse({**given, "operation": path}, frozenset({path}))
            except (ValueError, TypeError) as exc:
                raise Refused(400, "bad_fault", str(exc)) from None
            self.faults.arm(fault)
        return Reply(self.faults.listed())

    def _passed_on(self, request: Request) -> Reply:
        target = urlsplit(self.upstream)
        line = http.client.HTTPConnection(
            target.hostname or "", target.port or 80, timeout=UPSTREAM_SECONDS
        )
        headers = {n: v for n, v in request.headers.items() if n not in ("connection", "host")}
        # The body must be readable, to put our address in the place of the upstream's.
        headers |= {"host": target.netloc, "accept-encoding": "identity"}
        path = request.path + (f"?{urlencode(request.pairs)}" if request.pairs else "")
        try:
            line.request(request.method, path, request.body or None, headers)
            answer = line.getresponse()
            content = answer.read()
        except OSError as exc:
            raise Refused(502, "bad_gateway", type(exc).__name__) from None
        finally:
            line.close()
        return self._reply(answer, content)

    def _reply(self, answer: http.client.HTTPResponse, content: bytes) -> Reply:
        kind = answer.getheader("Content-Type", "application/octet-stream")
        if "json" in kind:
            content = content.replace(self.upstream.encode(), self.own_url.encode())
        passed = {n: v for n, v in answer.getheaders() if n.lower() not in NOT_PASSED}
        return Reply(content, answer.status, kind, passed)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="A reverse proxy with faults.")
    parser.add_argument("--port", type=int, default=0, help="0 = a free one")
    parser.add_argument("--upstream", required=True, help="http://host:port")
    options = parser.parse_args(arguments)
    proxy = Proxy(options.upstream)
    server = Server(("127.0.0.1", options.port), proxy)
    port = server.server_address[1]
    proxy.own_url = f"http://localhost:{port}"
    print(f"listening on {port}", flush=True)
    server.serve_forever()


# -- for tests ------------------------------------------------------------------


class FaultyProxy:
    """A running proxy, as tests see it."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def fault(self, path: str, fault: str, times: int = 1, **more: Any) -> None:
        """Arm a fault for the next `times` requests whose path contains `path`."""
        self._call("POST", "faults", {"path": path, "fault": fault, "times": times, **more})

    def armed(self) -> list[dict[str, Any]]:
        return list(self._call("GET", "faults"))

    def clear(self) -> None:
        self._call("DELETE", "faults")

    def count(self, path: str) -> int:
        """Requests so far whose path contains `path`."""
        return int(self._call("GET", f"requests?{urlencode({'path': path})}")["count"])

    def _call(self, method: str, what: str, given: Any = None) -> Any:
        line = http.client.HTTPConnection(urlsplit(self.base_url).netloc, timeout=10)
        try:
            line.request(method, CONTROL + what, None if given is None else json.dumps(given))
            answer = line.getresponse()
            content = json.load(answer)
        finally:
            line.close()
        if answer.status != 200:
            raise ValueError(content["message"])
        return content


@contextmanager
def running(upstream: str) -> Iterator[FaultyProxy]:
    """A proxy before `upstream`, as a process of its own on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, "--upstream", upstream],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = LISTENING.match(process.stdout.readline())
        if said is None:
            raise RuntimeError("the proxy did not start")
        yield FaultyProxy(f"http://localhost:{said[1]}")
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


if __name__ == "__main__":
    main()
