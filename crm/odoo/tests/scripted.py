"""A server on a real socket that gives prepared answers, in order, in the caller's protocol."""

from __future__ import annotations

import json
import threading
import xmlrpc.client
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from crm.odoo import Target

KEY = "secret-key-0123"
CUT = object()


@dataclass
class Reply:
    """An answer as it is on the wire."""

    status: int
    body: bytes | str | dict = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    """A request that arrived: what was asked, without the credentials of XML-RPC."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def asked(self) -> tuple[Any, ...]:
        """XML-RPC: (model, method, args, keywords); JSON-2: (model, method, body)."""
        if self.path.startswith("/json/2/"):
            _, _, _, model, method = self.path.split("/")
            return model, method, json.loads(self.body)
        params, _method = xmlrpc.client.loads(self.body.decode())
        return tuple(params[3:])


class ScriptedOdoo:
    def __init__(self) -> None:
        self.answers: deque[Any] = deque()
        self.seen: list[Seen] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                script.seen.append(Seen(self.path, headers, self.rfile.read(size)))
                answer = script.answers.popleft()
                if answer is CUT:
                    self.close_connection = True
                    return
                reply = answer if isinstance(answer, Reply) else success(answer, self.path)
                body = json.dumps(reply.body) if isinstance(reply.body, dict) else reply.body
                data = body.encode() if isinstance(body, str) else body
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def say(self, *answers: Any) -> None:
        self.answers.extend(answers)

    @property
    def target(self) -> Target:
        url = f"http://127.0.0.1:{self.server.server_port}"
        return Target(url, "odoo", "bot@example.com", KEY)

    def asked(self) -> list[tuple[Any, ...]]:
        return [request.asked for request in self.seen]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def success(value: Any, path: str) -> Reply:
    """`value` as a good answer; an xmlrpc.client.Fault as that fault."""
    if path.startswith("/xmlrpc/"):
        params = value if isinstance(value, xmlrpc.client.Fault) else (value,)
        return Reply(200, xmlrpc.client.dumps(params, methodresponse=True))
    return Reply(200, json.dumps(value))


def refused(status: int, name: str, message: str) -> Reply:
    """An error of JSON-2."""
    debug = f'Traceback (most recent call last):\n  File "/opt/odoo/x.py"\n{name}: {message}\n'
    body = {"name": name, "message": message, "arguments": [], "context": {}, "debug": debug}
    return Reply(status, body)


def fault(last_line: str) -> xmlrpc.client.Fault:
    """Fault 1 with a traceback that ends with `last_line`."""
    frames = 'Traceback (most recent call last):\n  File "/opt/odoo/x.py", line 1, in f\n    g()\n'
    return xmlrpc.client.Fault(1, f"{frames}{last_line}\n")
