"""Leads to Odoo: oldest first, in batches when many wait, else one by one."""

from __future__ import annotations

import time

from django.db.models import F, QuerySet
from django.utils import timezone

from crm.models import Lead, SyncKind
from crm.services.odoo import batches, notes, runs, sending
from crm.services.odoo.sending import Sender
from crm.services.odoo.session import Session

# More than this many that were never sent go in batches.
BACKFILL_FROM = 50
# One run; what is left goes with the next one.
MOST = 5_000
SECONDS = 1_200.0


@runs.part(SyncKind.EXPORT)
def export(session: Session) -> None:
    """Send what waits, then the notes. Each lead reaches Odoo once, whatever happens between."""
    end = time.monotonic() + SECONDS
    if session.run.kind == SyncKind.EXPORT:
        session.beat(total=_waiting(session).count())
    sender = Sender(session)
    if _waiting(session).filter(was_sent=False).count() > BACKFILL_FROM:
        send_in_batches(sender, end)
    send_one_by_one(sender, end)
    notes.send(session, end)


def send_in_batches(sender: Sender, end: float) -> None:
    """Those that were never sent, until none is left or the time is up."""
    left = MOST
    while left > 0 and time.monotonic() < end:
        never = _waiting(sender.session).filter(was_sent=False)
        ids = list(never.values_list("pk", flat=True)[: batches.SIZE])
        if not ids:
            return
        batches.send_batch(sender, ids)
        sender.session.beat()
        left -= len(ids)


def send_one_by_one(sender: Sender, end: float) -> None:
    """Everything that waits, each through the check."""
    for lead_id in list(_waiting(sender.session).values_list("pk", flat=True)[:MOST]):
        if time.monotonic() > end:
            return
        sending.send(sender, lead_id)
        sender.session.beat()


def _waiting(session: Session) -> QuerySet[Lead]:
    """What may go now; what a person chose may go although it was put off."""
    run = session.run
    chosen = run.selected if run.kind == SyncKind.EXPORT else []
    wanted = sending.due(session.connection, timezone.now(), waiting_too=bool(chosen))
    rows = Lead.objects.filter(wanted)
    if chosen:
        rows = rows.filter(pk__in=chosen)
    return rows.order_by(F("queued_at").asc(nulls_first=True), "pk")
