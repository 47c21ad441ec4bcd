"""The application behind the sandbox network's misbehaving server, speaking Mastodon."""

from __future__ import annotations

import email
import email.policy
import json
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from socialhub.sandbox import serving
from socialhub.sandbox.faults import Fault, Faults, Watch
from socialhub.tests.support.mastodon_standin import control, store
from socialhub.tests.support.mastodon_standin.routes import ROUTES, Call, Reply, Route

LIMIT, WINDOW = 300, timedelta(minutes=5)
OPERATIONS = frozenset(route.operation for route in ROUTES) - {control.CONTROL}
FORM = "application/x-www-form-urlencoded"


def serve(port: int, *, idempotency: bool = True) -> serving.Server:
    """A server bound to loopback, not serving yet."""
    app = MastodonApp(store.Mode(idempotency=idempotency))
    server = serving.Server(("127.0.0.1", port), app)
    server.RequestHandlerClass = Handler
    return server


class MastodonApp:
    """Faults, counts and the store of one server."""

    latency = 0.0

    def __init__(self, mode: store.Mode) -> None:
        self.store = store.Store(mode)
        self.faults = Faults()
        self.watch = Watch()

    def operation(self, request: serving.Request) -> str:
        found = _route(request)
        return found[0].operation if found and found[0].operation != control.CONTROL else ""

    def answer(self, request: serving.Request) -> serving.Reply:
        try:
            if request.path in CONTROLS:
                reply = CONTROLS[request.path](self, request)
            else:
                reply = self._carry_out(request)
        except store.Refusal as exc:
            reply = Reply({"error": exc.error}, exc.status)
        except (KeyError, TypeError, ValueError) as exc:
            reply = Reply({"error": f"Validation failed: {exc!r}"}, 422)
        return self.finished(reply)

    def finished(self, reply: Reply) -> serving.Reply:
        """With the rate limit headers; Reset is an ISO time, not an epoch."""
        headers = {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(LIMIT - 1),
            "X-RateLimit-Reset": store.stamp(self.store.now() + WINDOW),
            **reply.headers,
        }
        return serving.Reply(reply.body, reply.status, headers=headers)

    def _carry_out(self, request: serving.Request) -> Reply:
        found = _route(request)
        if found is None:
            raise store.Refusal(404, "Not found")
        route, parts = found
        with self.store.lock:
            made = route.run(_call(self.store, request, parts))
        return made if isinstance(made, Reply) else Reply(made)

    # -- control that concerns more than the store ---------------------------------
    def control_faults(self, request: serving.Request) -> Reply:
        if request.method == "DELETE":
            self.faults.clear()
        elif request.method == "POST":
            self.faults.arm(Fault.parse(request.json(), OPERATIONS))
        return Reply(self.faults.listed())

    def control_reset(self, request: serving.Request) -> Reply:
        self.faults.clear()
        self.watch.clear()
        with self.store.lock:
            self.store.reset()
        return Reply({})

    def control_requests(self, request: serving.Request) -> Reply:
        return Reply(self.watch.report(request.query.get("operation", "*")))


CONTROLS = {
    "/control/faults": MastodonApp.control_faults,
    "/control/reset": MastodonApp.control_reset,
    "/control/requests": MastodonApp.control_requests,
}


class Handler(serving.Handler):
    """Mastodon's own way of saying "too many requests", and its clock."""

    STANDARD: ClassVar[dict[str, str]] = {}

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self._app.store.now(), usegmt=True)

    @property
    def _app(self) -> MastodonApp:
        return self.server.app  # type: ignore[return-value]

    def _misbehave(self, fault: Fault) -> str:
        if fault.fault == "rate_limited":
            # No Retry-After: only the reset time tells.
            wait = timedelta(seconds=float(fault.retry_after or 300))
            until = store.stamp(self._app.store.now() + wait)
            headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": until}
            self._send(self._app.finished(Reply({"error": "Too many requests"}, 429, headers)))
            return fault.fault
        return super()._misbehave(fault)


# -- reading requests ----------------------------------------------------------------


def _route(request: serving.Request) -> tuple[Route, tuple[str, ...]] | None:
    for route in ROUTES:
        found = route.pattern.fullmatch(request.path)
        if found and route.method == request.method:
            return route, found.groups()
    return None


def _call(kept: store.Store, request: serving.Request, parts: tuple[str, ...]) -> Call:
    call = Call(
        store=kept,
        method=request.method,
        base=f"http://{request.headers.get('host')}",
        query=gathered(request.pairs),
        body={},
        headers=request.headers,
        parts=parts,
    )
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json" and request.body:
        call.body = json.loads(request.body)
    elif kind == FORM:
        call.body = gathered(parse_qsl(request.body.decode()))
    elif kind == "multipart/form-data":
        _multipart(call, request)
    return call


def _multipart(call: Call, request: serving.Request) -> None:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        if part.get_filename():
            call.files[str(name)] = (part.get_content_type(), payload)
        else:
            call.body[str(name)] = payload.decode()


def gathered(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Pairs as a dict; names ending in "[]" become lists without it."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            found.setdefault(name[:-2], []).append(value)
        else:
            found[name] = value
    return found
