"""The sandbox network's HTTP server, misbehaving the way a road to Odoo does."""

from __future__ import annotations

from http import HTTPStatus
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING

from crm.standin.faults import BEFORE, Fault
from crm.standin.log import Entry
from socialhub.sandbox import serving
from socialhub.sandbox.serving import Reply

if TYPE_CHECKING:
    from crm.standin.app import Incoming, Standin


class Server(serving.Server):
    """One thread per connection."""

    app: Standin  # type: ignore[assignment]

    def __init__(self, address: tuple[str, int], app: Standin) -> None:
        self.app = app
        # Past the sandbox's own, which brings the sandbox's handler.
        ThreadingHTTPServer.__init__(self, address, Handler)


class Handler(serving.Handler):
    server_version = "SocialHub-standin"
    server: Server

    def do_GET(self) -> None:
        request = self._request()
        if request is None:
            return
        incoming = self.server.app.incoming(request)
        if incoming is None:
            self._send(self._carry_out(request))
            return
        log, faults = self.server.app.engine.log, self.server.app.engine.faults
        entry = log.start(incoming.transport, incoming.model, incoming.method)
        fault = faults.take(incoming.model, incoming.method, request.body)
        entry.fault = fault.fault if fault else ""
        self._exchange_call(incoming, fault, entry)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def _exchange_call(self, incoming: Incoming, fault: Fault | None, entry: Entry) -> None:
        if fault is not None and fault.fault in BEFORE:
            self._refuse(fault, entry)
            return
        reply = incoming.answer(fault, entry)
        kind = fault.fault if fault else ""
        if kind == "cut_after_commit":
            self._reset()
        elif kind == "timeout_after_commit":
            self._wait(None)
            self.close_connection = True
        elif kind == "unreadable_200":
            self._reply(Reply(b"<?xml version='1.0'?><methodRes", 200, "text/xml"), entry)
        elif kind in ("502_after_commit", "504_after_commit"):
            self._reply(_proxy_page(int(kind[:3])), entry)
        elif kind == "slow" and fault is not None and not self._wait(fault.seconds):
            return
        else:
            self._reply(reply, entry)

    def _refuse(self, fault: Fault, entry: Entry) -> None:
        kind = fault.fault
        if kind == "reset_before":
            self._reset()
        elif kind == "redirect":
            self._reply(Reply(b"", 301, "text/html", {"Location": fault.location}), entry)
        elif kind == "429":
            after = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            self._reply(_proxy_page(429, **after), entry)
        else:
            status = 404 if kind == "html_404" else int(kind[:3])
            self._reply(_proxy_page(status), entry)

    def _reply(self, reply: Reply, entry: Entry) -> None:
        # Noted first: whoever has the answer may look at the log at once.
        entry.status = reply.status
        self._send(reply)


def _proxy_page(status: int, **headers: str) -> Reply:
    """As a proxy in front of Odoo answers."""
    phrase = HTTPStatus(status).phrase
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    page = f"<html><head><title>{status} {phrase}</title></head><body><h1>{status} {phrase}</h1>"
    return Reply(f"{page}</body></html>".encode(), status, "text/html", named)
