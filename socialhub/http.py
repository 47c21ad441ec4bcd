"""The one door through which requests leave this process.

It sets time limits, refuses private addresses that are not listed, follows no redirect, caps
the size of an answer, and tells apart "no byte of the request left" from "no usable answer
came". Nothing it raises holds a header, a body or a query string.
"""

from __future__ import annotations

import ipaddress
import json as jsonlib
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.connection
import urllib3.connectionpool
from requests.adapters import HTTPAdapter

CONNECT_SECONDS = 10.0
DEADLINE_SECONDS = float(os.environ.get("SOCIALHUB_CALL_DEADLINE", "120"))
MAX_BYTES = 10_000_000
USER_AGENT = "SocialHub (self-hosted)"


class RequestNotSent(Exception):
    """No byte of the request left this process."""


class AddressRefused(RequestNotSent):
    """The address is private and not listed in SOCIALHUB_ALLOWED_PRIVATE_HOSTS, or no URL."""


class CertificateRefused(RequestNotSent):
    """The server's certificate is not accepted, or it does not speak TLS: no use in repeating."""


class AnswerLost(Exception):
    """The request may have arrived; no usable answer came (time-out, reset, too large)."""


class AnswerTooLarge(AnswerLost):
    """The answer is larger than the caller takes; the rest of it was not read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer, whatever its status. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """The parsed body. Raises ValueError when it is no JSON."""
        return jsonlib.loads(self.content)

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", errors="replace")


@dataclass(slots=True)
class Counter:
    """How many requests were begun inside `counting`."""

    calls: int = 0


_counters: ContextVar[tuple[Counter, ...]] = ContextVar("counters", default=())


@contextmanager
def counting() -> Iterator[Counter]:
    """Count the requests of this thread inside the block."""
    counter = Counter()
    token = _counters.set((*_counters.get(), counter))
    try:
        yield counter
    finally:
        _counters.reset(token)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Any = None,
    json: Any = None,
    data: Any = None,
    files: Any = None,
    timeout: float = 30.0,
    max_bytes: int = MAX_BYTES,
    guard: Callable[[], None] | None = None,
) -> Answer:
    """Send one request and return the answer, also for 4xx, 5xx and redirects.

    `timeout` is the limit in seconds for the whole exchange. `guard` runs when the connection
    stands and no byte of the request has left; what it raises ends the call as RequestNotSent.
    Raises RequestNotSent (AddressRefused, CertificateRefused) or AnswerLost.
    """
    check_address(url)
    for counter in _counters.get():
        counter.calls += 1
    deadline = time.monotonic() + min(timeout, DEADLINE_SECONDS)
    with requests.Session() as session:
        # The environment's proxies would take the private-address check away.
        session.trust_env = False
        door = _Door(guard)
        session.mount("http://", door)
        session.mount("https://", door)
        try:
            response = session.request(
                method,
                url,
                headers={"User-Agent": USER_AGENT, **(headers or {})},
                params=params,
                json=json,
                data=data,
                files=files,
                timeout=(min(CONNECT_SECONDS, timeout), timeout),
                allow_redirects=False,
                stream=True,
            )
            content = _read(response, deadline, max_bytes)
        except (requests.RequestException, OSError) as exc:
            raise _classified(exc, url, door.sent) from None
    lower = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, lower, content)


def _read(response: requests.Response, deadline: float, max_bytes: int) -> bytes:
    parts, size = [], 0
    for part in response.iter_content(65_536):
        size += len(part)
        if size > max_bytes:
            raise AnswerTooLarge(f"the answer is larger than {max_bytes} bytes")
        if time.monotonic() > deadline:
            raise AnswerLost("the answer took too long")
        parts.append(part)
    return b"".join(parts)


def _classified(exc: Exception, url: str, sent: bool) -> Exception:
    """Turn what requests raises into ours, without quoting the URL's query or any header."""
    host = urlsplit(url).hostname or "?"
    if not sent:
        kind = CertificateRefused if _is_tls(exc) else RequestNotSent
        return kind(f"cannot connect to {host}: {type(exc).__name__}")
    return AnswerLost(f"no answer from {host}: {type(exc).__name__}")


def _is_tls(exc: BaseException) -> bool:
    """Did the handshake itself fail? A peer that merely hung up may be back in a minute."""
    if not isinstance(exc, requests.exceptions.SSLError):
        return False
    return "SSLEOFError" not in repr(exc) and "SSLZeroReturnError" not in repr(exc)


# -- addresses ------------------------------------------------------------------


def allowed_private_hosts() -> frozenset[str]:
    """Host names and addresses that may be private, from SOCIALHUB_ALLOWED_PRIVATE_HOSTS."""
    from django.conf import settings

    return frozenset(settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS)


def check_address(url: str) -> None:
    """Raise AddressRefused unless `url` is http(s) to a public or listed address.

    A name that does not resolve raises RequestNotSent.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressRefused("only http and https addresses can be used")
    if parts.username or parts.password:
        raise AddressRefused("an address must not contain a user name or password")
    if is_listed(parts.hostname):
        return
    try:
        found = socket.getaddrinfo(parts.hostname, None, type=socket.SOCK_STREAM)
    except OSError:
        raise RequestNotSent(f"cannot find the address of {parts.hostname}") from None
    for *_, sockaddr in found:
        refuse_private(str(sockaddr[0]), parts.hostname)


def is_listed(host: str) -> bool:
    """May this host be private?"""
    return host.lower().strip("[]") in allowed_private_hosts()


def refuse_private(address: str, host: str) -> None:
    """Raise AddressRefused when `address`, an IP address of `host`, is private."""
    ip = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    if not (mapped or ip).is_global or ip.is_multicast:
        raise AddressRefused(
            f"{host} is a private address; list it in SOCIALHUB_ALLOWED_PRIVATE_HOSTS to allow it"
        )


# -- connection ------------------------------------------------------------------


class _Checked:
    """Checks the peer after connecting (a name may resolve differently the second time)."""

    door: _Door

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        host = self.host  # type: ignore[attr-defined]
        if not is_listed(host):
            refuse_private(self.sock.getpeername()[0], host)  # type: ignore[attr-defined]
        if self.door.guard is not None:
            self.door.guard()
        # From here on bytes of the request can leave.
        self.door.sent = True


class _Door(HTTPAdapter):
    """A requests adapter whose connections report when bytes can have left."""

    def __init__(self, guard: Callable[[], None] | None) -> None:
        self.guard = guard
        self.sent = False
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)

        class Plain(_Checked, urllib3.connection.HTTPConnection):
            door = self

        class Secure(_Checked, urllib3.connection.HTTPSConnection):
            door = self

        class PlainPool(urllib3.connectionpool.HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(urllib3.connectionpool.HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
