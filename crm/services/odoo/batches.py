"""Many leads that never left us: sent in batches, each one all or nothing."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from crm.models import Direction, Lead, LogOutcome, OdooSyncLog
from crm.odoo import Upserted, errors
from crm.services.odoo import lead_values, logs, scrubbing, sending
from crm.services.odoo.lead_values import MODEL
from crm.services.odoo.ownership import contact_of
from crm.services.odoo.sending import Sender
from crm.services.odoo.session import Session

SIZE = 100
# What proxies in front of Odoo take.
BYTES = 400_000
# Nobody needs a mail about each lead of the past. Never for single ones: a salesperson's mail and
# the lead's history depend on it.
QUIETLY = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}


def send_batch(sender: Sender, ids: Iterable[int]) -> None:
    """Send leads that were never sent in one `load`.

    Refused or without an answer they wait for the way one by one, which looks in Odoo first.
    Raises what concerns the connection.
    """
    claim = sending.take(sender.session.connection, _fitting(ids), never_sent=True)
    if claim is None:
        return
    leads = sending.of_claim(claim)
    try:
        made = _load(sender, leads)
    except errors.UnknownOutcome:
        sending.release(claim)
        sender.unanswered += 1
        if sender.unanswered >= sending.UNANSWERED:
            raise
    except (
        errors.Invalid,
        errors.AccessRefused,
        errors.NotFound,
        errors.Conflict,
        errors.ServerBug,
    ):
        # One of them is bad, or somebody was in the way: which one shows one by one.
        sending.release(claim)
    except errors.OdooError:
        # Nothing left us, or nothing was done: they may go in a batch again.
        Lead.objects.filter(claim=claim).update(claim=None, claimed_at=None, was_sent=False)
        raise
    else:
        sender.unanswered = 0
        with transaction.atomic():
            for lead, odoo_id in zip(leads, made, strict=True):
                sending.arrived(sender.session, lead, Upserted(odoo_id, created=True))


def _fitting(ids: Iterable[int]) -> list[int]:
    """The first of `ids` that fit into one request."""
    chosen: list[int] = []
    size = 0
    texts = dict(Lead.objects.filter(pk__in=list(ids)).values_list("pk", "message"))
    for pk in ids:
        size += len(texts.get(pk, "").encode()) + 1_000
        if chosen and size > BYTES:
            break
        chosen.append(pk)
    return chosen


def _load(sender: Sender, leads: list[Lead]) -> list[int]:
    session = sender.session
    known = session.client.fields(MODEL)
    rows = [
        lead_values.columns(lead, session.connection, known, sender.utm.of(lead)) for lead in leads
    ]
    _agree(leads)
    lines = _started(session, leads)
    columns = list(rows[0])
    data = [
        [f"socialhub.{lead.external_name}", *(row[name] for name in columns)]
        for lead, row in zip(leads, rows, strict=True)
    ]
    try:
        with scrubbing.scrubbed(text for lead in leads for text in scrubbing.personal(lead)):
            made = session.client.load(MODEL, ["id", *columns], data, context=QUIETLY)
            if len(made) != len(leads):
                raise errors.UnknownOutcome("Odoo answered with another number of ids")
    except errors.OdooError as exc:
        _ended(session, lines, exc)
        raise
    for line, odoo_id in zip(lines, made, strict=True):
        line.odoo_id = odoo_id
    _ended(session, lines)
    return made


@transaction.atomic
def _agree(leads: list[Lead]) -> None:
    for lead in leads:
        Lead.objects.filter(pk=lead.pk, claim=lead.claim).update(agreed=contact_of(lead))


# -- log lines, one per lead ------------------------------------------------------------


def _started(session: Session, leads: list[Lead]) -> list[OdooSyncLog]:
    """Committed before the request leaves."""
    session.last_call = None
    lines = [
        OdooSyncLog(
            run=session.run,
            connection=session.connection,
            direction=Direction.OUT,
            object_type="lead",
            object_id=lead.pk,
            odoo_model=MODEL,
            operation="create",
            attempt=lead.tries + 1,
            outcome=LogOutcome.STARTED,
        )
        for lead in leads
    ]
    return OdooSyncLog.objects.bulk_create(lines)


def _ended(session: Session, lines: list[OdooSyncLog], exc: errors.OdooError | None = None) -> None:
    call = session.last_call
    for line in lines:
        line.outcome = LogOutcome.OK
        if exc is not None:
            logs.note(line, exc)
        if call is not None:
            line.milliseconds, line.http_status = round(call.seconds * 1000), call.status
    names = ["outcome", "odoo_id", "error_class", "message", "milliseconds", "http_status"]
    OdooSyncLog.objects.bulk_update(lines, names)
