"""HTTP in and out, and the faults between."""

from __future__ import annotations

import email
import email.policy
import json
import threading
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from socialhub.tests.support.mastodon_standin import control, faults, store
from socialhub.tests.support.mastodon_standin.routes import ROUTES, Call, Reply, Route

LIMIT, WINDOW = 300, timedelta(minutes=5)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, mode: store.Mode) -> None:
        self.store = store.Store(mode)
        self.faults = faults.Faults()
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that leave in the middle are part of the tests."""


def serve(port: int, *, idempotency: bool = True) -> Server:
    """A server bound to loopback, not serving yet."""
    return Server(port, store.Mode(idempotency=idempotency))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.server.store.now(), usegmt=True)

    # -- one request ---------------------------------------------------------------
    def _handle(self) -> None:
        call = self._parsed()
        path = urlsplit(self.path).path
        if path in ("/control/faults", "/control/reset"):
            self._answer(self._faults_or_reset(path, call))
            return
        found = next(
            (
                (r, m)
                for r in ROUTES
                if r.method == self.command and (m := r.pattern.fullmatch(path))
            ),
            None,
        )
        if found is None:
            self._answer(Reply({"error": "Not found"}, 404))
            return
        call.parts = found[1].groups()
        self._carry_out(found[0], call)

    def _faults_or_reset(self, path: str, call: Call) -> Reply:
        if path == "/control/reset" or self.command == "DELETE":
            self.server.faults.clear()
        if path == "/control/reset":
            with self.server.store.lock:
                self.server.store.reset()
        elif self.command == "POST":
            try:
                self.server.faults.arm(call.body)
            except (TypeError, ValueError) as exc:
                return Reply({"error": str(exc)}, 400)
        return Reply(self.server.faults.armed())

    def _carry_out(self, route: Route, call: Call) -> None:
        fault = None
        if route.operation != control.CONTROL:
            fault = self.server.faults.take(route.operation)
        if fault and fault.fault in faults.BEFORE:
            self._refuse_early(fault)
            return
        try:
            with self.server.store.lock:
                made = route.run(call)
        except store.Refusal as exc:
            made = Reply({"error": exc.error}, exc.status)
        except (KeyError, TypeError, ValueError) as exc:
            made = Reply({"error": f"Validation failed: {exc!r}"}, 422)
        reply = made if isinstance(made, Reply) else Reply(made)
        if fault:
            self._spoil(fault, reply)
        else:
            self._answer(reply)

    # -- faults ----------------------------------------------------------------------
    def _refuse_early(self, fault: faults.Fault) -> None:
        if fault.fault == "reset_before":
            self._reset()
        elif fault.fault == "rate_limited":
            # Mastodon says when in X-RateLimit-Reset only, as an ISO time.
            until = self.server.store.now() + timedelta(seconds=fault.retry_after)
            headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": store.stamp(until)}
            self._answer(Reply({"error": "Too many requests"}, 429, headers))
        elif fault.fault == "500_before":
            self._raw(500, b"We're sorry, but something went wrong.", "text/html")
        else:
            self._answer(Reply({"error": "Validation failed: refused on demand"}, 422))

    def _spoil(self, fault: faults.Fault, reply: Reply) -> None:
        kind = fault.fault
        if kind == "timeout_after_accept":
            faults.hold(self.connection)
            self.close_connection = True
        elif kind == "reset_after_accept":
            self._reset()
        elif kind == "slow":
            # The wait itself is the behaviour asked for.
            threading.Event().wait(fault.seconds)
            self._answer(reply)
        elif kind == "unreadable_200":
            self._raw(200, b'{"id": "1', "application/json")
        else:
            # A proxy in front answers with a page, not with JSON.
            self._raw(int(kind[:3]), b"<html><h1>Bad gateway</h1></html>", "text/html")

    def _reset(self) -> None:
        faults.linger_zero(self.connection)
        self.close_connection = True
        # The reading side holds the socket open.
        self.rfile.close()
        self.connection.close()

    # -- in and out ------------------------------------------------------------------
    def _parsed(self) -> Call:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.headers.get_content_type()
        call = Call(
            store=self.server.store,
            method=self.command,
            base=f"http://{self.headers.get('Host')}",
            query=gathered(parse_qsl(urlsplit(self.path).query)),
            body={},
            headers={name.lower(): value for name, value in self.headers.items()},
        )
        if kind == "application/json" and content:
            call.body = json.loads(content)
        elif kind == "application/x-www-form-urlencoded":
            call.body = gathered(parse_qsl(content.decode()))
        elif kind == "multipart/form-data":
            self._multipart(call, content)
        return call

    def _multipart(self, call: Call, content: bytes) -> None:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        message = email.message_from_bytes(head + content, policy=email.policy.HTTP)
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            payload = part.get_payload(decode=True)
            if part.get_filename():
                call.files[str(name)] = (part.get_content_type(), payload)
            else:
                call.body[str(name)] = payload.decode()

    def _answer(self, reply: Reply) -> None:
        now = self.server.store.now()
        headers = {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(LIMIT - 1),
            "X-RateLimit-Reset": store.stamp(now + WINDOW),
            **reply.headers,
        }
        self._raw(reply.status, json.dumps(reply.body).encode(), "application/json", headers)

    def _raw(
        self, status: int, content: bytes, mime: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{mime}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def gathered(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Pairs as a dict; names ending in "[]" become lists without it."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            found.setdefault(name[:-2], []).append(value)
        else:
            found[name] = value
    return found
