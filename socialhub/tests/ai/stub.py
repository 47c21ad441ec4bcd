"""A server that speaks the chat completions format and says what it is told to.

Needs no Django. In a test: `with running() as stub: stub.tell(says({"parts": ["…"]}))`; each
request gets the next of the told answers, the last one for ever.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "stub-1"
USAGE = {"prompt_tokens": 120, "completion_tokens": 40, "total_tokens": 160}
# So many characters in each piece of a stream.
PIECE = 9


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def last_words(self) -> str:
        """The last message of a person."""
        return str(self.body["messages"][-1]["content"])


Play = Callable[["_Handler", Asked], None]


class Stub:
    """What the server was asked and what it will say."""

    def __init__(self, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self.asked: list[Asked] = []
        self.models = [MODEL]
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self._told: list[Play] = []

    def tell(self, *plays: Play) -> None:
        self._told = list(plays)

    def next(self) -> Play:
        return self._told.pop(0) if len(self._told) > 1 else self._told[0]

    @property
    def completions(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.path.endswith("/chat/completions")]


# -- what it can say ---------------------------------------------------------------


def says(content: Any, *, usage: bool = True, finish: str = "stop", refusal: str = "") -> Play:
    """A complete answer; streamed when the request wants that. Anything but a str becomes JSON."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)

    def play(handler: _Handler, asked: Asked) -> None:
        if asked.body.get("stream"):
            wanted = usage and asked.body.get("stream_options", {}).get("include_usage")
            handler.stream([*_chunks(text, finish, refusal), *([_last()] if wanted else [])])
            return
        message = {"role": "assistant", "content": None if refusal else text}
        if refusal:
            message["refusal"] = refusal
        choice = {"index": 0, "message": message, "finish_reason": finish}
        handler.reply(200, _envelope("chat.completion", [choice], USAGE if usage else None))

    return play


def breaks_off(text: str) -> Play:
    """The beginning of a stream; then the connection is closed."""

    def play(handler: _Handler, asked: Asked) -> None:
        handler.stream(_chunks(text, "", "")[:-1], done=False)

    return play


def fails(status: int, error: dict[str, Any] | None = None, **headers: str) -> Play:
    """An error in the endpoint's form. It repeats the caller's key, as some endpoints do."""

    def play(handler: _Handler, asked: Asked) -> None:
        key = asked.headers.get("authorization", "").removeprefix("Bearer ")
        said = {"message": f"Incorrect API key provided: {key}", **(error or {})}
        handler.reply(status, {"error": said}, {n.replace("_", "-"): v for n, v in headers.items()})

    return play


def sends(body: bytes, content_type: str = "application/json") -> Play:
    """Any bytes as a 200."""
    return lambda handler, asked: handler.send_bytes(200, body, {"Content-Type": content_type})


def hangs(handler: _Handler, asked: Asked) -> None:
    """Says nothing until the test is over."""
    handler.stub.closing.wait(30)


def drips(handler: _Handler, asked: Asked) -> None:
    """A stream that never ends: one byte at a time, each in time for a read time-out."""
    handler.head(200, {"Content-Type": "text/event-stream"})
    while not handler.stub.closing.wait(0.05):
        handler.wfile.write(b":")


def _chunks(text: str, finish: str, refusal: str) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if refusal:
        deltas.append({"refusal": refusal})
    else:
        deltas += [{"content": text[n : n + PIECE]} for n in range(0, len(text), PIECE)]
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": finish})
    return [_envelope("chat.completion.chunk", [choice], None) for choice in choices]


def _last() -> dict[str, Any]:
    return _envelope("chat.completion.chunk", [], USAGE)


def _envelope(kind: str, choices: list[Any], usage: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": kind,
        "created": 1_790_000_000,
        "model": MODEL,
        "choices": choices,
        "usage": usage,
    }


# -- the server --------------------------------------------------------------------


class _Handler(BaseHTTPRequestHandler):
    stub: Stub

    def do_GET(self) -> None:
        self._note({})
        if self.path == "/v1/models":
            data = [{"id": name, "object": "model"} for name in self.stub.models]
            self.reply(200, {"object": "list", "data": data})
        else:
            self.reply(404, {"error": {"message": "no such address"}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.stub.lock:
            asked, play = self._note(body), self.stub.next()
        play(self, asked)

    def _note(self, body: dict[str, Any]) -> Asked:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.stub.asked.append(Asked(self.path, headers, body))
        return self.stub.asked[-1]

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send_bytes(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.head(status, {**headers, "Content-Length": str(len(body))})
        self.wfile.write(body)

    def reply(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        sent = {"Content-Type": "application/json", **(headers or {})}
        self.send_bytes(status, json.dumps(body).encode(), sent)

    def stream(self, events: list[dict[str, Any]], *, done: bool = True) -> None:
        self.head(200, {"Content-Type": "text/event-stream"})
        for event in events:
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()
        if done:
            self.wfile.write(b"data: [DONE]\n\n")

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            # The other side left: that is what some tests are about.
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def running() -> Iterator[Stub]:
    """The stub on a free port, each request in a thread of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {}))
    server.daemon_threads = True
    stub = Stub(server.server_address[1])
    server.RequestHandlerClass.stub = stub  # type: ignore[attr-defined]
    # Looks often whether to stop, so that a test need not wait for it.
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
