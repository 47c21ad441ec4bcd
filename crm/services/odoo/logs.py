"""Log lines: one per object and try, written before the request that may change something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.models import Direction, LogOutcome, OdooSyncLog
from crm.odoo import errors

if TYPE_CHECKING:
    from crm.services.odoo.session import Session

# Never shown with their values: what a person told us.
PERSONAL = frozenset(
    {"name", "contact_name", "email", "phone", "company", "message", "person_key", "text"}
)

AGAIN = (errors.Unavailable, errors.Throttled, errors.Conflict, errors.NotVisible)


@dataclass(slots=True)
class Line:
    """A log row in the making."""

    row: OdooSyncLog

    def ok(
        self,
        *,
        odoo_id: int | None = None,
        changes: dict[str, Any] | None = None,
        skipped: bool = False,
        message: str = "",
    ) -> None:
        """What became of it; stored when the block ends."""
        self.row.outcome = LogOutcome.SKIPPED if skipped else LogOutcome.OK
        self.row.odoo_id = odoo_id or self.row.odoo_id
        self.row.changes = hidden(changes or {})
        self.row.message = message[:500]


def hidden(changes: dict[str, Any]) -> dict[str, Any]:
    """Before and after of each field; personal ones only say that they changed."""
    return {
        name: "changed" if name in PERSONAL else [str(side) for side in values]
        for name, values in changes.items()
    }


@contextmanager
def attempt(session: Session, **fields: Any) -> Iterator[Line]:
    """A line that is committed before the block starts, and completed when it ends.

    `fields` are those of OdooSyncLog. What the block raises is noted and goes on its way. A
    worker that dies inside leaves the line as "started".
    """
    row = OdooSyncLog.objects.create(
        run=session.run,
        connection=session.connection,
        **{"direction": Direction.OUT, "outcome": LogOutcome.STARTED, **fields},
    )
    line = Line(row)
    session.last_call = None
    try:
        yield line
    except errors.OdooError as exc:
        note(row, exc)
        _close(session, row)
        raise
    if row.outcome == LogOutcome.STARTED:
        row.outcome = LogOutcome.OK
    _close(session, row)


def note(row: OdooSyncLog, exc: errors.OdooError) -> None:
    """Write down what an error means for this line."""
    row.error_class = type(exc).__name__
    row.message = exc.message[:500]
    if isinstance(exc, errors.UnknownOutcome):
        row.outcome = LogOutcome.UNKNOWN
    elif isinstance(exc, AGAIN):
        row.outcome = LogOutcome.RETRY
    else:
        row.outcome = LogOutcome.FAILED


def _close(session: Session, row: OdooSyncLog) -> None:
    call = session.last_call
    if call is not None:
        row.milliseconds, row.http_status = round(call.seconds * 1000), call.status
    row.save()


def written(session: Session, rows: list[OdooSyncLog]) -> None:
    """Store many finished lines of this run, in the caller's transaction."""
    for row in rows:
        row.run, row.connection = session.run, session.connection
    OdooSyncLog.objects.bulk_create(rows, batch_size=500)
