"""The sandbox as a whole: which part answers which path."""

from __future__ import annotations

import time
from pathlib import Path

from socialhub.sandbox.audience import Audience
from socialhub.sandbox.control import Control
from socialhub.sandbox.faults import Faults, Watch
from socialhub.sandbox.network import OPERATIONS, Network
from socialhub.sandbox.page import Page
from socialhub.sandbox.serving import Refused, Reply, Request
from socialhub.sandbox.store import Store


class Sandbox:
    """An App for the server. `speed` None = no audience."""

    def __init__(self, folder: Path, *, speed: float | None = 1.0, seed: int = 0) -> None:
        self.faults, self.watch = Faults(), Watch()
        self.store = Store(folder)
        audience = Audience(self.store, speed, seed)
        self.network = Network(self.store, audience)
        self.control = Control(self.network, self.faults, self.watch)
        self.page = Page(self.store, audience)

    @property
    def latency(self) -> float:
        return self.control.latency

    def operation(self, request: Request) -> str:
        if not request.path.startswith("/api/"):
            return ""
        return OPERATIONS.get((request.method, request.path.split("/")[2]), "")

    def answer(self, request: Request) -> Reply:
        if request.path.startswith("/api/"):
            return self.network.answer(request)
        if request.path.startswith("/control/"):
            return self.control.answer(request)
        if request.method != "GET":
            raise Refused(405, "method", "Pages can only be read.")
        if request.path.startswith("/media/"):
            return self._media(request.path.removeprefix("/media/"))
        if request.path == "/health":
            return Reply({"status": "ok", "network": "socialhub-sandbox", "time": time.time()})
        return self.page.answer(request)

    def _media(self, media_id: str) -> Reply:
        media = self.store.media(media_id)
        if media is None:
            raise Refused(404, "no_media", "There is no such image.")
        return Reply(media["content"], content_type=media["mime"])
