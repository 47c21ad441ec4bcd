"""The rules of socialhub.http for the SDK's own HTTP client.

Private addresses only when listed (the peer is checked again once connected), no proxies from
the environment, no redirect, a limit on the size of an answer and on the whole exchange.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from functools import cache
from threading import Timer
from typing import Any

import httpx2

from socialhub import http
from socialhub.writing.ai.errors import AIError

CONNECT_SECONDS = 10.0
MAX_BYTES = 4_000_000


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates we trust; reading them takes longer than a request."""
    return httpx2.create_ssl_context(trust_env=False)


class Door(httpx2.BaseTransport):
    """One connection per request; `deadline` is of time.monotonic()."""

    def __init__(self, deadline: float, max_bytes: int = MAX_BYTES) -> None:
        self.deadline = deadline
        self.max_bytes = max_bytes
        # What ended the last request, as the SDK wraps what a transport raises.
        self.failure: AIError | None = None
        self._inner = httpx2.HTTPTransport(
            verify=_trusted(),
            trust_env=False,
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.failure = None
        visit = _Visit(self, request.url.host)
        try:
            # With the login, should there be one: the check refuses it.
            login = f"{request.url.userinfo.decode()}@" if request.url.userinfo else ""
            http.check_address(f"{request.url.scheme}://{login}{request.url.netloc.decode()}/")
            request.extensions = {
                **request.extensions,
                "timeout": visit.timeouts(),
                "trace": visit.trace,
            }
            response = self._inner.handle_request(request)
            _refuse_unwanted(response)
        except Exception as exc:  # classified for good below
            visit.end()
            raise self.fail(exc, visit) from None
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Body(response, visit, self),
            extensions=response.extensions,
        )

    def fail(self, exc: Exception, visit: _Visit) -> AIError:
        """The failure in our words, kept for the client to find."""
        self.failure = _classified(exc, visit, self.deadline)
        return self.failure

    def close(self) -> None:
        self._inner.close()


class _Visit:
    """One request: checks the peer, notes whether bytes can have left, ends it in time."""

    def __init__(self, door: Door, host: str) -> None:
        self.host = host
        self.sent = False
        self._sockets: list[socket.socket] = []
        self._seconds = max(door.deadline - time.monotonic(), 0.001)
        # Read time-outs begin anew with every byte; this ends the whole exchange.
        self._timer = Timer(self._seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def timeouts(self) -> dict[str, float]:
        connect = min(CONNECT_SECONDS, self._seconds)
        return {"connect": connect, "pool": connect, "read": self._seconds, "write": self._seconds}

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by the HTTP client with each of its steps."""
        if event == "connection.connect_tcp.complete":
            stream = info["return_value"]
            if not http.is_listed(self.host):
                self._check_peer(stream)
            self._sockets.append(stream.get_extra_info("socket"))
        elif event.endswith("send_request_headers.started"):
            self.sent = True

    def _check_peer(self, stream: Any) -> None:
        try:
            http.refuse_private(stream.get_extra_info("server_addr")[0], self.host)
        except http.AddressRefused:
            stream.close()
            raise

    def _cut(self) -> None:
        for each in self._sockets:
            try:
                # The plain socket's own method: the reader in the other thread sees an end.
                socket.socket.shutdown(each, socket.SHUT_RDWR)
            except OSError:
                continue

    def end(self) -> None:
        self._timer.cancel()


class _Body(httpx2.SyncByteStream):
    """The answer as it comes, up to the limit."""

    def __init__(self, response: httpx2.Response, visit: _Visit, door: Door) -> None:
        self._response, self._visit, self._door = response, visit, door

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        try:
            for piece in self._response.iter_raw():
                size += len(piece)
                if size > self._door.max_bytes:
                    raise AIError("too_large", f"more than {self._door.max_bytes} bytes")
                yield piece
        except Exception as exc:  # classified for good
            raise self._door.fail(exc, self._visit) from None

    def close(self) -> None:
        self._visit.end()
        self._response.close()


def _refuse_unwanted(response: httpx2.Response) -> None:
    """Redirects, and packed answers: their size says nothing of what comes out of them."""
    problem = ""
    if 300 <= response.status_code < 400:
        problem = "redirected"
    elif response.headers.get("content-encoding", "identity") != "identity":
        problem = "unreadable"
    if problem:
        response.close()
        worked = problem != "redirected"
        raise AIError(problem, f"status {response.status_code}", may_have_worked=worked)


def _classified(exc: Exception, visit: _Visit, deadline: float) -> AIError:
    if isinstance(exc, AIError):
        return exc
    if isinstance(exc, http.AddressRefused):
        return AIError("address_refused", "private or no address", may_have_worked=False)
    kind = type(exc).__name__
    if time.monotonic() >= deadline:
        return AIError("too_slow", kind, may_have_worked=visit.sent)
    if not visit.sent:
        return AIError("unreachable", kind, may_have_worked=False, retry=True)
    if isinstance(exc, httpx2.TimeoutException):
        return AIError("too_slow", kind)
    return AIError("cut_short", kind, retry=True)
