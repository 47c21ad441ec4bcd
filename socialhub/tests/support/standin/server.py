"""The process: a network's routes behind the sandbox's misbehaving server, and control."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from socialhub.sandbox import serving
from socialhub.sandbox.faults import Fault, Faults, Watch
from socialhub.tests.support.standin.kit import Call, Refusal, Reply, Routes, State

FORM = "application/x-www-form-urlencoded"


def _plain_limit(state: State, retry_after: int) -> Reply:
    return Reply({"error": "rate limited"}, 429, {"Retry-After": str(retry_after)})


class StandIn:
    """One network: its state, its routes, and how it says "too many requests".

    `headers(state)` are added to every answer; `control` are routes of its own under /control/.
    """

    def __init__(
        self,
        state: State,
        routes: Routes,
        *,
        control: Routes | None = None,
        limited: Callable[[State, int], Reply] = _plain_limit,
        headers: Callable[[State], dict[str, str]] = lambda state: {},
        broken: Callable[[Exception], Reply] | None = None,
    ) -> None:
        self.state, self.routes, self.own_control = state, routes, control or Routes()
        self.limited, self.headers, self.broken = limited, headers, broken
        self.faults, self.watch = Faults(), Watch()
        self.latency = 0.0

    def faults_text(self, request: serving.Request) -> bytes:
        """What a fault's `contains` is looked for in; add what the body only names by an id."""
        return request.body

    # -- for socialhub.sandbox.serving ----------------------------------------------
    def operation(self, request: serving.Request) -> str:
        found = self.routes.find(request.method, request.path)
        return found[0].operation if found else ""

    def answer(self, request: serving.Request) -> serving.Reply:
        if request.path.startswith("/control/"):
            reply = self._control(request)
        else:
            reply = self._carry_out(request, self.routes)
        return self.finished(reply)

    def finished(self, reply: Reply) -> serving.Reply:
        headers = {**self.headers(self.state), **reply.headers}
        return serving.Reply(reply.body, reply.status, reply.content_type, headers)

    def _carry_out(self, request: serving.Request, routes: Routes) -> Reply:
        found = routes.find(request.method, request.path)
        if found is None:
            return Reply({"error": f"no such address: {request.method} {request.path}"}, 404)
        route, parts = found
        try:
            with self.state.lock:
                made = route.run(parsed(self.state, request, parts))
        except Refusal as exc:
            return Reply(exc.body, exc.status, exc.headers)
        except (KeyError, TypeError, ValueError) as exc:
            if self.broken is not None:
                return self.broken(exc)
            return Reply({"error": f"bad request: {exc!r}"}, 400)
        return made if isinstance(made, Reply) else Reply(made)

    # -- control --------------------------------------------------------------------
    def _control(self, request: serving.Request) -> Reply:
        known = getattr(self, f"_control_{request.path.removeprefix('/control/')}", None)
        if known is not None:
            return known(request)
        return self._carry_out(request, self.own_control)

    def _control_health(self, request: serving.Request) -> Reply:
        return Reply({"ok": True})

    def _control_posts(self, request: serving.Request) -> Reply:
        with self.state.lock:
            return Reply(self.state.posts(request.query.get("account")))

    def _control_faults(self, request: serving.Request) -> Reply:
        if request.method == "DELETE":
            self.faults.clear()
        elif request.method == "POST":
            try:
                self.faults.arm(Fault.parse(request.json(), self.routes.operations))
            except ValueError as exc:
                return Reply({"error": str(exc)}, 400)
        return Reply(self.faults.listed())

    def _control_reset(self, request: serving.Request) -> Reply:
        self.faults.clear()
        self.watch.clear()
        self.latency = 0.0
        with self.state.lock:
            self.state.reset()
        return Reply({})

    def _control_requests(self, request: serving.Request) -> Reply:
        return Reply(self.watch.report(request.query.get("operation", "*")))

    def _control_log(self, request: serving.Request) -> Reply:
        wanted = request.query.get("kind")
        with self.state.lock:
            return Reply([one for one in self.state.log if wanted in (None, one["kind"])])

    def _control_mode(self, request: serving.Request) -> Reply:
        """{"latency": seconds, "clock_offset": seconds, …: a switch of this network}."""
        given = request.json()
        with self.state.lock:
            self.latency = float(given.pop("latency", self.latency))
            self.state.clock_offset = float(given.pop("clock_offset", self.state.clock_offset))
            unknown = given.keys() - self.state.mode.keys()
            if unknown:
                return Reply({"error": f"unknown mode {sorted(unknown)}"}, 400)
            self.state.mode.update(given)
            return Reply(self.state.mode)


class Handler(serving.Handler):
    """The network's own clock and its own way of saying "too many requests"."""

    STANDARD: ClassVar[dict[str, str]] = {}

    def date_time_string(self, timestamp: float | None = None) -> str:
        now: datetime = self._app.state.now()
        return format_datetime(now, usegmt=True)

    @property
    def _app(self) -> StandIn:
        return self.server.app  # type: ignore[return-value]

    def _misbehave(self, fault: Fault) -> str:
        if fault.fault == "rate_limited":
            wait = int(fault.retry_after or 300)
            self._send(self._app.finished(self._app.limited(self._app.state, wait)))
            return fault.fault
        return super()._misbehave(fault)


def serve(app: StandIn, port: int) -> serving.Server:
    """A server bound to loopback, not serving yet."""
    server = serving.Server(("127.0.0.1", port), app)
    server.RequestHandlerClass = Handler
    return server


def in_(seconds: float, state: State) -> int:
    """Epoch seconds of a moment from now, as reset headers say it."""
    return int((state.now() + timedelta(seconds=seconds)).timestamp())


# -- reading requests ----------------------------------------------------------------


def parsed(state: State, request: serving.Request, parts: tuple[str, ...]) -> Call:
    call = Call(
        state=state,
        method=request.method,
        path=request.path,
        base=f"http://{request.headers.get('host')}",
        query=gathered(request.pairs),
        body={},
        headers=request.headers,
        raw=request.body,
        parts=parts,
    )
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json" and request.body:
        found = json.loads(request.body)
        call.body = found if isinstance(found, dict) else {"": found}
    elif kind == FORM:
        call.body = gathered(parse_qsl(request.body.decode(), keep_blank_values=True))
    elif kind == "multipart/form-data":
        _multipart(call, request)
    return call


def _multipart(call: Call, request: serving.Request) -> None:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        if part.get_filename():
            call.files[name] = (part.get_content_type(), payload)
        else:
            call.body[name] = payload.decode()


def gathered(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Pairs as a dict; names ending in "[]" become lists without it."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            found.setdefault(name[:-2], []).append(value)
        else:
            found[name] = value
    return found
