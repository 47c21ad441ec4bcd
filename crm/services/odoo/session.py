"""One run at work: its client, its hold on the connection, its counts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F
from django.utils import timezone

from crm.models import OdooConnection, OdooSyncRun, RunState
from crm.odoo import Client
from crm.services.odoo import opening
from socialhub.services import leases

# Longer than the longest single request; renewed with every page.
LEASE_SECONDS = 300.0
COUNTS = ("created", "updated", "skipped", "failed", "done")


class LostLease(Exception):
    """Another worker took the connection over, or the run was given up: stop at once."""


def lease_key(connection_id: int) -> str:
    return f"odoo:{connection_id}"


@dataclass(slots=True)
class Session:
    """What a part of a sync works with. Counts are kept here and stored by `beat`."""

    run: OdooSyncRun
    connection: OdooConnection
    owner: uuid.UUID
    client: Client = field(init=False)
    # The last HTTP request: seconds, status, outcome.
    last_call: Any = None
    counts: dict[str, int] = field(default_factory=dict)
    _requests: int = 0

    def __post_init__(self) -> None:
        self.client = opening.client_for(self.connection, self.observe)

    def observe(self, call: Any) -> None:
        """Told by the client after each HTTP request."""
        self.last_call = call
        self._requests += 1

    def count(self, **more: int) -> None:
        """Add to created, updated, skipped, failed or done."""
        for name, number in more.items():
            if name not in COUNTS:
                raise ValueError(f"no such count: {name}")
            self.counts[name] = self.counts.get(name, 0) + number

    def beat(self, **fields: Any) -> None:
        """Store counts, renew the hold. Raises LostLease when it is not ours any more.

        Call it between pages and objects, never inside a transaction that may roll back.
        """
        held = leases.extend(lease_key(self.connection.pk), self.owner, LEASE_SECONDS)
        added = {name: F(name) + number for name, number in self.counts.items()}
        stored = OdooSyncRun.objects.filter(pk=self.run.pk, state=RunState.RUNNING).update(
            beat_at=timezone.now(), requests=F("requests") + self._requests, **added, **fields
        )
        self.counts, self._requests = {}, 0
        if not held or not stored:
            raise LostLease
