"""A server that speaks the part of the Bot API that sends messages.

Answers follow https://core.telegram.org/bots/api#making-requests and #responseparameters.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "123456789:AAE-secret_Token"
SENDING = re.compile(r"/bot(?P<token>[^/]+)/sendMessage")
# Tags that HTML mode knows; it refuses everything else.
TAGS = re.compile(r"</?(?:b|i|a)(?: href=\"[^\"]*\")?>")


@dataclass
class Bot:
    """What arrived, and what the next requests are answered instead of being taken."""

    url: str = ""
    chats: set[str] = field(default_factory=lambda: {"-1001", "@shop"})
    messages: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, Any] | bytes]] = field(default_factory=list)
    # Taken, but the answer never leaves.
    silent: int = 0

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.messages]

    def answer(self, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any] | bytes]:
        if self.answers:
            return self.answers.pop(0)
        if token != TOKEN:
            return refusal(401, "Unauthorized")
        if str(body["chat_id"]) not in self.chats:
            return refusal(400, "Bad Request: chat not found")
        plain = unescape(TAGS.sub("", body["text"]))
        if len(plain.encode("utf-16-le")) // 2 > 4_096:
            return refusal(400, "Bad Request: message is too long")
        if re.search(r"<|>|&(?!\w+;|#\d+;)", TAGS.sub("", body["text"])):
            return refusal(400, "Bad Request: can't parse entities")
        self.messages.append(body)
        return 200, {"ok": True, "result": {"message_id": len(self.messages)}}


def refusal(code: int, description: str, **parameters: Any) -> tuple[int, dict[str, Any]]:
    said: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return code, {**said, "parameters": parameters} if parameters else said


@contextmanager
def telegram() -> Iterator[Bot]:
    bot = Bot()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = SENDING.fullmatch(self.path)
            status, said = bot.answer(asked["token"], body) if asked else refusal(404, "Not Found")
            if bot.silent:
                bot.silent -= 1
                self.connection.close()
                return
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    bot.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield bot
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
