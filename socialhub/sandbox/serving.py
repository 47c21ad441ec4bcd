"""A small HTTP/1.1 server that can misbehave exactly as told."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from socialhub.sandbox.faults import BEFORE, Fault, Faults, Watch

MAX_BODY = 20_000_000
# SO_LINGER on, 0 seconds: closing sends RST, not FIN.
RESET = struct.pack("ii", 1, 0)


class Refused(Exception):
    """An error answer: status, stable code and a sentence."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = (
            status,
            code,
            message,
            headers,
        )


@dataclass(slots=True)
class Request:
    """A request read completely. Header names are lower case; of a repeated query name the
    last value counts in `query`, all are in `pairs`."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def parsed(self) -> Any:
        """The body as JSON ({} when empty). Raises Refused 400."""
        try:
            return json.loads(self.body or b"{}")
        except ValueError:
            raise Refused(400, "bad_json", "The body is not JSON.") from None

    def json(self) -> dict[str, Any]:
        """The body as a JSON object ({} when empty). Raises Refused 400."""
        parsed = self.parsed()
        if not isinstance(parsed, dict):
            raise Refused(400, "bad_json", "The body is not a JSON object.")
        return parsed


@dataclass(slots=True)
class Reply:
    """An answer: bytes as they are, anything else as JSON."""

    body: Any = None
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class App(Protocol):
    """What a pretend network has to offer the server."""

    faults: Faults
    watch: Watch
    # Seconds before every answer to an operation.
    latency: float

    def operation(self, request: Request) -> str:
        """The name faults and counts go by; "" for pages and control, which never misbehave."""

    def answer(self, request: Request) -> Reply:
        """Carry the request out. Raises Refused."""


class Server(ThreadingHTTPServer):
    """One thread per connection."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], app: App) -> None:
        self.app = app
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients leave in the middle of an answer all the time: that is what we are for.
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SocialHub-sandbox"
    sys_version = ""
    # Header and body leave in one packet.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 60
    server: Server

    def do_GET(self) -> None:
        request = self._request()
        if request is None:
            return
        app = self.server.app
        operation = app.operation(request)
        if not operation:
            self._send(self._carry_out(request))
            return
        with app.watch.counting(operation):
            text = getattr(app, "faults_text", _body)
            fault = app.faults.take(operation, text(request))
            how = self._exchange(request, fault)
            app.watch.answered(operation, how)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: tokens travel in headers and form bodies."""

    def _request(self) -> Request | None:
        parts = urlsplit(self.path)
        size = self.headers.get("Content-Length", "0")
        if not size.isdigit() or int(size) > MAX_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._send(_error(Refused(413, "body", "Send a body of known and smaller length.")))
            return None
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        return Request(
            method=self.command,
            path=unquote(parts.path),
            query=dict(pairs),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(size)),
            pairs=pairs,
        )

    def _exchange(self, request: Request, fault: Fault | None) -> str:
        """Answer as the fault wants; returns the status or the fault's name."""
        if fault is not None and fault.fault in BEFORE:
            return self._misbehave(fault)
        reply = self._carry_out(request)
        if self.server.app.latency:
            self._wait(self.server.app.latency)
        if fault is None:
            self._send(reply)
            return str(reply.status)
        if fault.fault == "slow":
            if self._wait(fault.seconds):
                self._send(reply)
            return fault.fault
        return self._misbehave(fault)

    def _carry_out(self, request: Request) -> Reply:
        try:
            return self.server.app.answer(request)
        except Refused as refused:
            return _error(refused)
        except Exception:
            traceback.print_exc()
            return _error(Refused(500, "broken", "The sandbox itself has failed; see its output."))

    def _misbehave(self, fault: Fault) -> str:
        kind = fault.fault
        if kind in ("reset_before", "reset_after_accept"):
            self._reset()
        elif kind == "timeout_after_accept":
            self._wait(None)
            self.close_connection = True
        elif kind == "unreadable_200":
            self._send(Reply(b'{"id": "', 200))
        elif kind == "rate_limited":
            after = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            self._send(_error(Refused(429, "rate_limited", "Too many requests.", **after)))
        elif kind == "reject":
            self._send(_error(Refused(422, "rejected", "The network does not take this.")))
        else:
            status = HTTPStatus(int(kind[:3]))
            # As a proxy in front of a network answers: no JSON.
            page = f"<h1>{status} {status.phrase}</h1>".encode()
            self._send(Reply(page, status, "text/html"))
        return kind

    def _wait(self, seconds: float | None) -> bool:
        """Wait (None = for ever) with the line open; False as soon as the client has left."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                return True
            readable, _, _ = select.select([self.connection], [], [], left)
            if not readable:
                continue
            try:
                if not self.connection.recv(1, socket.MSG_PEEK):
                    self.close_connection = True
                    return False
            except OSError:
                self.close_connection = True
                return False
            # The next request on this line is waiting already: it will have to.
            threading.Event().wait(0.05 if left is None else min(left, 0.05))

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        # Past the reference counts of rfile and wfile, and without the shutdown (FIN) that
        # the server would send first.
        os.close(self.connection.detach())

    STANDARD: ClassVar[dict[str, str]] = {
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'"
        ),
    }

    def _send(self, reply: Reply) -> None:
        payload = b"" if reply.status in (204, 304) else reply.payload()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(payload)))
        for name, value in {**self.STANDARD, **reply.headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(payload)
        self.wfile.flush()


def _body(request: Request) -> bytes:
    return request.body


def _error(refused: Refused) -> Reply:
    return Reply(
        {"error": refused.code, "message": refused.message},
        refused.status,
        headers=refused.headers,
    )
