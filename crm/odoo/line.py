"""One HTTP request to Odoo: counted, observed, and what the door raises translated."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from xml.sax.saxutils import escape

from crm.odoo import errors
from crm.odoo.answers import READS
from crm.odoo.shapes import CallRecord, Context, Target, TransportName
from socialhub import http

# An Odoo that was idle may take more than 30 seconds for the first request.
SECONDS = 60.0
# A page of 500 products with pictures.
MAX_BYTES = 64_000_000

Send = Callable[..., http.Answer]
Observe = Callable[[CallRecord], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked, as logs name it."""

    model: str
    method: str

    @property
    def changes(self) -> bool:
        """May it change something? Then a lost answer must not lead to a second request."""
        return self.method not in READS


class Transport(Protocol):
    """What both protocols offer the client."""

    name: TransportName

    def connect(self) -> int: ...

    def call(
        self,
        call: Call,
        uid: int | None,
        ids: list[int] | None,
        named: dict[str, Any],
        context: Context | None,
    ) -> Any: ...


class Line:
    """The connection to one Odoo. Every request opens a connection of its own."""

    def __init__(
        self, target: Target, send: Send, observe: Observe | None, seconds: float = SECONDS
    ) -> None:
        self.target = target
        self.requests = 0
        self._send = send
        self._observe = observe
        self._seconds = seconds

    def exchange(
        self,
        call: Call,
        method: str,
        path: str,
        parse: Callable[[http.Answer], T],
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """Send one request; what `parse` makes of the answer. Raises OdooError."""
        started = time.monotonic()
        status, outcome = None, "failed"
        try:
            answer = self._request(method, path, data, headers)
            status = answer.status
            result = parse(answer)
            outcome = "ok"
            return result
        except errors.OdooError as exc:
            outcome = exc.code
            if isinstance(exc, errors.ConfigError) and exc.redirect_to == self.target.url:
                exc.redirect_to = ""
            raise
        finally:
            if self._observe is not None:
                seconds = time.monotonic() - started
                self._observe(CallRecord(call.model, call.method, status, seconds, outcome))

    def _request(
        self, method: str, path: str, data: bytes | None, headers: Mapping[str, str] | None
    ) -> http.Answer:
        url = f"{self.target.url}{path}"
        self.requests += 1
        try:
            return self._send(
                method,
                url,
                data=data,
                headers=dict(headers or {}),
                timeout=self._seconds,
                max_bytes=MAX_BYTES,
            )
        except (http.AddressRefused, http.CertificateRefused) as exc:
            self.requests -= 1
            raise errors.ConfigError(str(exc)) from None
        except http.RequestNotSent as exc:
            self.requests -= 1
            raise errors.Unavailable(str(exc)) from None
        except http.AnswerLost as exc:
            raise errors.UnknownOutcome(str(exc)) from None

    def redact(self, text: Any) -> str:
        """`text` without the key, should a server ever send it back."""
        said = str(text)
        for secret in {self.target.key, escape(self.target.key)} - {""}:
            said = said.replace(secret, "…")
        return said
