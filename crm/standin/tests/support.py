"""A stand-in Odoo as a process of its own, asked with plain requests."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, dumps, loads

import requests

ROOT = Path(__file__).resolve().parents[3]
LISTENING = re.compile(r"Stand-in Odoo on (http://\S+)")
BOT, BOT_LOGIN, KEY = 5, "socialhub@example.com", "standin-key"
# login → uid and key
USERS = {"bot": (BOT, KEY), "admin": (2, "admin-key"), "sales": (6, "sales-key")} | {
    "nobody": (7, "nobody-key")
}


class StandinServer:
    """A running stand-in, and what a test may do behind the client's back."""

    def __init__(self, base_url: str, process: subprocess.Popen[str], version: int) -> None:
        self.base_url, self.process, self.version = base_url, process, version

    # -- as a client ------------------------------------------------------------------
    def post(self, path: str, body: bytes | str, timeout: float = 10, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.post(
            self.base_url + path, data=body, headers=named, timeout=timeout, allow_redirects=False
        )

    def xmlrpc(self, service: str, method: str, *params: Any, timeout: float = 10) -> Any:
        """Raises xmlrpc.client.Fault; every answer is HTTP 200."""
        body = dumps(params, method, allow_none=True).encode()
        answer = self.post(f"/xmlrpc/2/{service}", body, timeout, Content_Type="text/xml")
        answer.raise_for_status()
        return loads(answer.content)[0][0]

    def execute(self, model: str, method: str, *args: Any, user: str = "bot", **named: Any) -> Any:
        uid, key = USERS[user]
        return self.xmlrpc(
            "object", "execute_kw", "odoo", uid, key, model, method, list(args), named
        )

    def json2(
        self, model: str, method: str, body: Mapping[str, Any], user: str = "bot", **headers: str
    ) -> requests.Response:
        headers = {"Authorization": f"bearer {USERS[user][1]}"} | headers
        return requests.post(
            f"{self.base_url}/json/2/{model}/{method}", json=body, headers=headers, timeout=10
        )

    # -- as an experimenter -------------------------------------------------------------
    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = requests.request(method, f"{self.base_url}/control/{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, method: str, fault: str, **more: Any) -> None:
        self.control("POST", "faults", {"method": method, "fault": fault, **more})

    def settings(self, **values: Any) -> None:
        self.control("POST", "settings", values)

    def add(self, model: str, **values: Any) -> dict[str, Any]:
        return self.control("POST", f"records/{model}", values)

    def rows(self, model: str) -> list[dict[str, Any]]:
        return self.control("GET", f"records/{model}")

    def log(self, after: int = 0) -> list[dict[str, Any]]:
        return self.control("GET", f"log?after={after}")

    def reset(self, **values: Any) -> None:
        self.control("POST", "reset", {"version": self.version, **values})


@contextmanager
def running(folder: Path, version: int, *options: str) -> Iterator[StandinServer]:
    """A stand-in with its storage in `folder`, on a free port, until the block ends."""
    command = [sys.executable, "-m", "crm.standin", "--port", "0", "--data", str(folder)]
    process = subprocess.Popen(
        [*command, "--version", str(version), *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        # The line comes when the socket is bound.
        found = LISTENING.match(process.stdout.readline())
        assert found, "the stand-in did not start"
        yield StandinServer(found[1], process, version)
    finally:
        process.terminate()
        process.wait(timeout=10)


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a call failed: XML-RPC's fault code, or JSON-2's status and class."""

    code: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Api:
    """One way to call one version, so that a test can ask all of them the same."""

    server: StandinServer
    transport: str

    @property
    def version(self) -> int:
        return self.server.version

    def call(
        self, model: str, method: str, ids: Any = None, user: str = "bot", **named: Any
    ) -> Any:
        """The value, or a Refusal."""
        if self.transport == "json2":
            body = named if ids is None else {"ids": ids, **named}
            answer = self.server.json2(model, method, body, user=user)
            if answer.status_code == 200:
                return answer.json()
            said = answer.json()
            return Refusal(answer.status_code, said["name"], said["message"])
        first = POSITIONAL.get(method, ())
        args = ([] if ids is None else [ids]) + [named.pop(name) for name in first if name in named]
        try:
            return self.server.execute(model, method, *args, user=user, **named)
        except Fault as fault:
            last = fault.faultString.strip().splitlines()[-1]
            return Refusal(fault.faultCode, last.partition(":")[0], fault.faultString)

    def create(self, model: str, user: str = "bot", **values: Any) -> int:
        made = self.call(model, "create", vals_list=values, user=user)
        return made[0] if isinstance(made, list) else made

    def one(self, model: str, number: int, **named: Any) -> dict[str, Any]:
        return self.call(model, "read", [number], **named)[0]

    def search(self, model: str, *domain: Any, **named: Any) -> Any:
        return self.call(model, "search", domain=list(domain), **named)


POSITIONAL = {
    "create": ("vals_list",),
    "write": ("vals",),
    "load": ("fields", "data"),
    "search": ("domain",),
    "search_read": ("domain",),
    "search_count": ("domain",),
    "check_object_reference": ("module", "xml_id"),
}
