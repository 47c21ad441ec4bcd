"""The stand-in as a whole: which part answers which path."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crm.standin import json2, rpc
from crm.standin.control import Control
from crm.standin.engine import Engine
from crm.standin.faults import Fault
from crm.standin.log import Entry
from crm.standin.pages import Pages
from crm.standin.seed import seed
from socialhub.sandbox.serving import Refused, Reply, Request

RPC = {"/xmlrpc/2/common": "common", "/xmlrpc/2/object": "object"}


@dataclass(slots=True)
class Incoming:
    """A call of the API, read as far as the log and the faults need it."""

    transport: str
    model: str
    method: str
    answer: Callable[[Fault | None, Entry], Reply]


class Standin:
    """An app for the server."""

    def __init__(
        self,
        folder: Path,
        *,
        version: int = 0,
        database: str = "odoo",
        demo: bool = False,
        products: int = 0,
    ) -> None:
        self.engine = Engine(folder, version, database)
        seed(self.engine, demo=demo, products=products)
        self.control = Control(self.engine)
        self.pages = Pages(self.engine, self.control)

    def incoming(self, request: Request) -> Incoming | None:
        """None for pages and control, which never misbehave and are not logged."""
        engine = self.engine
        if request.path in RPC and request.method == "POST":
            read = rpc.read(RPC[request.path], request.body)
            model, method = read.named
            return Incoming(
                "xmlrpc", model, method, lambda fault, entry: rpc.answer(engine, read, fault, entry)
            )
        parts = request.path.split("/")
        if parts[:3] == ["", "json", "2"] and len(parts) == 5 and request.method == "POST":
            return Incoming(
                "json2",
                parts[3],
                parts[4],
                lambda fault, entry: json2.answer(engine, request, fault, entry),
            )
        if request.path == "/web/version" and request.method == "GET":
            return Incoming("json2", "", "version", lambda fault, entry: json2.version(engine))
        return None

    def answer(self, request: Request) -> Reply:
        """Everything but calls. Raises Refused."""
        if request.path in RPC:
            return json2.page(self.engine, "method", 405)
        if request.path.startswith("/control/"):
            return self.control.answer(request)
        if request.path == "/health":
            return Reply({"status": "ok", "server": "stand-in Odoo", "time": time.time()})
        if request.method not in ("GET", "POST"):
            raise Refused(405, "method", "Pages are read, and forms posted.")
        return self.pages.answer(request) or json2.page(self.engine, "not_found", 404)
