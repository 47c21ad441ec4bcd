"""A server that gives every request the same answer, or treats every request equally badly."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from socialhub.sandbox.faults import Fault, Faults, Watch
from socialhub.sandbox.serving import Reply, Request, Server


class Grumpy:
    """The application. Every request is the operation "all"; control does not exist."""

    def __init__(self) -> None:
        self.faults, self.watch, self.latency = Faults(), Watch(), 0.0
        self.reply = Reply({})
        self.base_url = ""

    def reset(self) -> None:
        self.says(200)
        self.watch.clear()

    def operation(self, request: Request) -> str:
        return "all"

    def answer(self, request: Request) -> Reply:
        return self.reply

    def says(self, status: int, body: object = None, mime: str = "", **headers: str) -> None:
        """The answer from now on; `headers` with underscores for hyphens."""
        self.faults.clear()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.reply = Reply({} if body is None else body, status, mime or "application/json", named)

    def treats(self, fault: str) -> None:
        """What happens to every request from now on, by the name of a fault."""
        self.says(200)
        self.faults.arm(Fault("all", fault, times=1_000))

    @property
    def asked(self) -> int:
        return int(self.watch.report("all")["count"])


@contextmanager
def running() -> Iterator[Grumpy]:
    app = Grumpy()
    server = Server(("127.0.0.1", 0), app)
    app.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
