"""The stand-in Odoo as a process of its own, and rows for tests of the crm app."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import requests
from django.utils import timezone

from crm.models import (
    ConnectionState,
    Lead,
    LeadState,
    LeadTouch,
    OdooConnection,
    OdooCredential,
    OdooSyncRun,
    Product,
    Service,
    SyncKind,
)
from crm.odoo import Target, open_client

ROOT = Path(__file__).resolve().parents[2]
LISTENING = re.compile(r"Stand-in Odoo on http://127\.0\.0\.1:(\d+)")
DATABASE = "odoo"
BOT = "socialhub@example.com"
BOT_KEY = "standin-key"
_numbers = count(1)


class StandIn:
    """A running stand-in Odoo, and what a test may do behind the client's back.

    `version` "16" to "19"; `transport` is what the client should speak, None = let it probe.
    """

    def __init__(self, folder: Path, version: str, *options: str, transport: str | None = None):
        self.folder, self.version, self.transport = folder, version, transport
        self._options = options
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # -- the process ---------------------------------------------------------------
    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it; after the first time on the same port."""
        command = [sys.executable, "-m", "crm.standin", "--port", str(self.port)]
        command += ["--data", str(self.folder), "--version", self.version, *self._options]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        # The line comes when the socket is bound.
        found = LISTENING.match(self.process.stdout.readline())
        assert found, "the stand-in Odoo did not start"
        self.port = int(found[1])

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Killed, then up again with what it had stored."""
        self.kill()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(how)
        process.wait(timeout=10)
        assert process.stdout is not None
        process.stdout.close()

    # -- its control API -----------------------------------------------------------
    def control(self, path: str, json: Any = None, method: str = "POST") -> Any:
        """A call of `/control/{path}`; its answer."""
        answer = requests.request(
            method, f"{self.url}/control/{path}", json={} if json is None else json, timeout=30
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.url}/control/{path}", timeout=30)
        answer.raise_for_status()
        return answer.json()

    def fault(self, method: str, fault: str, times: int = 1, **more: Any) -> None:
        """Arm a fault; `skip`, `contains`, `seconds` and `retry_after` narrow it."""
        self.control("faults", {"method": method, "fault": fault, "times": times, **more})

    def faults(self) -> list[dict[str, Any]]:
        return self.get("faults")

    def clear_faults(self) -> None:
        self.control("faults", method="DELETE")

    def settings(self, **fields: Any) -> None:
        self.control("settings", fields)

    def log(self, method: str = "") -> list[dict[str, Any]]:
        """Every request to the API in order; of one method ("load") if given."""
        found = self.get("log?after=0")
        return [entry for entry in found if not method or entry["method"] == method]

    def clear_log(self) -> None:
        self.control("log", method="DELETE")

    def records(self, model: str) -> list[dict[str, Any]]:
        """Rows as stored, archived ones too."""
        return self.get(f"records/{model}")

    def record(self, model: str, record_id: int) -> dict[str, Any]:
        return next(row for row in self.records(model) if row["id"] == record_id)

    def create(self, model: str, **values: Any) -> int:
        """A record made as a salesperson would."""
        made = self.control(f"records/{model}", values)
        return int(made["id"] if isinstance(made, dict) else made)

    def change(self, model: str, record_id: int, **values: Any) -> None:
        self.control(f"records/{model}/{record_id}", values)

    def delete(self, model: str, record_id: int) -> None:
        self.control(f"records/{model}/{record_id}", method="DELETE")


@contextmanager
def running(
    folder: Path, version: str = "18", *options: str, transport: str | None = None
) -> Iterator[StandIn]:
    """A stand-in with its storage in `folder`, on a free port, until the block ends."""
    server = StandIn(folder, version, *options, transport=transport)
    try:
        yield server
    finally:
        server.stop()


# -- rows ----------------------------------------------------------------------------


def make_connection(url: str, *, transport: str | None = None, **fields: Any) -> OdooConnection:
    """A connection to the server at `url` in state ready, as a finished test leaves it."""
    key = fields.pop("key", BOT_KEY)
    login = fields.setdefault("login", BOT)
    database = fields.setdefault("database", DATABASE)
    client = open_client(Target(url, database, login, key), transport=transport)
    client.connect()
    for model in ("crm.lead", "product.template"):
        client.fields(model)
    row = OdooConnection.objects.create(
        url=url,
        **{
            "version": client.version.text,
            "transport": client.transport,
            "client_state": client.state(),
            "state": ConnectionState.READY,
            "tested_at": timezone.now(),
            **fields,
        },
    )
    OdooCredential.objects.create(connection=row, key=key)
    return row


def make_lead(**fields: Any) -> Lead:
    """A lead written by hand, in state new; `queued=True` puts it on the queue."""
    number = next(_numbers)
    if fields.pop("queued", False):
        fields = {"state": LeadState.QUEUED, "queued_at": timezone.now(), **fields}
    values = {
        "name": f"Inquiry {number}",
        "contact_name": f"Person {number}",
        "email": f"person{number}@example.org",
        "source": "admin",
        "created_at": timezone.now(),
        **fields,
    }
    values.setdefault("email_key", values["email"].lower())
    return Lead.objects.create(**values)


def make_touch(lead: Lead, at: datetime | None = None, **fields: Any) -> LeadTouch:
    """A touch of a lead; it becomes the last one, and the first when there was none."""
    touch = LeadTouch.objects.create(
        lead=lead, **{"kind": "interaction", "at": at or timezone.now(), **fields}
    )
    lead.first_touch = lead.first_touch or touch
    lead.last_touch = touch
    lead.save(update_fields=["first_touch", "last_touch"])
    return touch


def make_product(**fields: Any) -> Product:
    values = {"name": f"Product {next(_numbers)}", "price": Decimal("10.00"), "currency": "EUR"}
    return Product.objects.create(**{**values, **fields})


def make_service(**fields: Any) -> Service:
    values = {"name": f"Service {next(_numbers)}", "price": Decimal("50.00"), "currency": "EUR"}
    return Service.objects.create(**{**values, **fields})


def sync(connection: OdooConnection, kind: str = SyncKind.ALL, **fields: Any) -> OdooSyncRun:
    """One run of a kind, carried out here and now; the row as it ended."""
    from crm.services.odoo import parts

    run = OdooSyncRun.objects.create(
        connection=connection, kind=kind, direction=fields.pop("direction", "both"), **fields
    )
    parts.execute(run.pk)
    run.refresh_from_db()
    return run
