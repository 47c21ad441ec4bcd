"""The servers the contract is checked against: the stand-in Odoo, or a real one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crm.odoo import Client, Target, TransportName, open_client
from socialhub import http

ROOT = Path(__file__).resolve().parents[4]
LISTENING = re.compile(r"Stand-in Odoo on (http://\S+)")
BOT, KEY = "socialhub@example.com", "standin-key"
VARIABLES = ("ODOO_URL", "ODOO_DB", "ODOO_LOGIN", "ODOO_KEY")


@dataclass
class OdooServer:
    """A server under contract. `major` is None where the client has to find it out."""

    target: Target
    transport: TransportName | None
    major: int | None = None
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def open(self, *, timeout: float = 60.0, **other: str) -> Client:
        """A new client that has not logged in; `other` changes parts of the target."""
        target = replace(self.target, **other)
        return open_client(target, transport=self.transport, timeout=timeout)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """What only a stand-in has: faults, records as stored."""
        answer = http.request(method, f"{self.target.url}/control/{path}", json=body)
        assert answer.status == 200, answer.text
        return json.loads(answer.content)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            assert self.process.stdout is not None
            self.process.stdout.close()


def stand_in(folder: Path, major: int, transport: TransportName) -> OdooServer:
    """The stand-in as a process of its own, on a free port."""
    command = [sys.executable, "-m", "crm.standin", "--port", "0", "--data", str(folder)]
    process = subprocess.Popen(
        [*command, "--version", str(major)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    # The line comes when the socket is bound.
    found = LISTENING.match(process.stdout.readline())
    assert found, "the stand-in Odoo did not start"
    return OdooServer(Target(found[1], "odoo", BOT, KEY), transport, major, process)


def real() -> OdooServer | None:
    """The real server the environment names, None when it names none."""
    values = [os.environ.get(name, "") for name in VARIABLES]
    return OdooServer(Target(*values), None) if all(values) else None
