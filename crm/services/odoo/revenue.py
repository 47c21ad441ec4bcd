"""Revenue of our leads: quotations, orders and invoices, read from Odoo's sale app."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from crm.models import Lead, LeadOrder, OdooCursor, SyncKind
from crm.odoo import Record, errors
from crm.services.odoo import estimates, orders, runs, sums
from crm.services.odoo.chunks import chunks
from crm.services.odoo.pulling import IDS, OVERLAP, PAGE, cursor_of, finish
from crm.services.odoo.session import Session

CURSOR = "revenue"
INVOICES = "invoices"
FULL_EVERY = timedelta(days=1)
FULL_AT = "full_read_at"
SEEN = "seen"
# Leads whose orders are read at once; more than this many are not remembered as seen.
LEADS = 200
MOST_SEEN = 2_000
INVOICED = [("move_type", "in", list(orders.KINDS))]
# No sale app, or no right to it: Odoo does not tell, so what it expects is shown as an estimate.
UNTOLD = (errors.Unsupported, errors.AccessRefused)


@runs.part(SyncKind.REVENUE)
def pull(session: Session) -> None:
    """Read again every lead one of whose orders or invoices changed, or all once a day."""
    try:
        session.client.fields(orders.ORDER)
        _pull(session)
    except UNTOLD:
        estimates.store(session)


def _pull(session: Session) -> None:
    cursor = cursor_of(session, CURSOR)
    invoices = cursor_of(session, INVOICES)
    full_at = cursor.details.get(FULL_AT)
    now = timezone.now()
    is_full = full_at is None or datetime.fromisoformat(full_at) < now - FULL_EVERY
    if is_full:
        # Before anything is read: what is written meanwhile is later than this.
        _begin(session, cursor, orders.ORDER, [])
        with contextlib.suppress(*UNTOLD):
            _begin(session, invoices, orders.MOVE, INVOICED)
        affected = set(_ours(session))
    else:
        affected = _changed_orders(session, cursor) | _changed_invoices(session, invoices)
    _read(session, sorted(affected))
    if is_full:
        estimates.withdraw(session)
        cursor.details[FULL_AT] = now.isoformat()
    finish(session, invoices)
    finish(session, cursor)


def _ours(session: Session) -> list[int]:
    """Ids in Odoo of our leads; those that are gone too: their orders may hang elsewhere now."""
    rows = Lead.objects.filter(connection=session.connection, odoo_id__isnull=False)
    return [int(one) for one in rows.order_by("odoo_id").values_list("odoo_id", flat=True) if one]


# -- what changed --------------------------------------------------------------------


def _changed_orders(session: Session, cursor: OdooCursor) -> set[int]:
    """Ids in Odoo of leads whose orders were written since the last reading."""
    ours = _ours(session)
    known = dict(
        LeadOrder.objects.filter(
            lead__connection=session.connection, model=orders.ORDER
        ).values_list("odoo_id", "lead__odoo_id")
    )
    affected: set[int] = set()
    marks: dict[str, list[str]] = {}
    for chunk in chunks(ours, IDS):
        there = [one for one, lead in known.items() if lead in set(chunk)]
        domain: list[object] = [("opportunity_id", "in", list(chunk))]
        if there:
            # An order that was moved to a lead that is not ours.
            domain = ["|", *domain, ("id", "in", there)]
        fields = ["opportunity_id", "state", "amount_untaxed"]
        for record in _fresh(session, orders.ORDER, fields, cursor, domain, marks):
            affected |= {known.get(int(record["id"])), record["opportunity_id"]} - {None}
    _remember(cursor, marks)
    return affected & set(ours)


def _changed_invoices(session: Session, cursor: OdooCursor) -> set[int]:
    """Ids in Odoo of leads whose invoices were written; an order does not tell of them."""
    try:
        marks: dict[str, list[str]] = {}
        fields = ["state", "amount_untaxed_signed"]
        ids = [
            int(record["id"])
            for record in _fresh(session, orders.MOVE, fields, cursor, INVOICED, marks)
        ]
        _remember(cursor, marks)
        return _leads_of_invoices(session, ids)
    except UNTOLD:
        return set()


def _leads_of_invoices(session: Session, ids: Sequence[int]) -> set[int]:
    affected: set[int] = set()
    ours = set(_ours(session)) if ids else set()
    for chunk in chunks(ids, PAGE):
        domain = [("invoice_ids", "in", list(chunk)), ("opportunity_id", "!=", False)]
        for page in session.client.pages(
            orders.ORDER, ["opportunity_id"], domain=domain, page=PAGE, bare=True
        ):
            affected |= {int(record["opportunity_id"]) for record in page}
    # A deleted or emptied invoice has no order any more; the rows we have still know.
    known = LeadOrder.objects.filter(
        lead__connection=session.connection, model=orders.MOVE, odoo_id__in=ids
    )
    of_known = known.values_list("lead__odoo_id", flat=True)
    return (affected & ours) | {found for found in of_known if found is not None}


def _begin(session: Session, cursor: OdooCursor, model: str, domain: Sequence[object]) -> None:
    """The next reading of changes begins at the newest there is now."""
    found = session.client.search_read(
        model, domain, ["write_date"], limit=1, order="write_date desc, id desc"
    )
    cursor.newest = found[0]["write_date"] if found else None
    cursor.details.pop(SEEN, None)


def _fresh(
    session: Session,
    model: str,
    fields: list[str],
    cursor: OdooCursor,
    domain: Sequence[object],
    marks: dict[str, list[str]],
) -> Iterator[Record]:
    """What was written since; without what the last reading saw just so within the overlap."""
    seen = cursor.details.get(SEEN, {})
    pages = session.client.pull(
        model, fields, cursor.since, overlap=OVERLAP, domain=domain, page=PAGE, bare=True
    )
    for page in pages:
        for record in page:
            moment = record["write_date"]
            cursor.newest = max(moment, cursor.newest or moment)
            key = str(record["id"])
            mark = [moment.isoformat(), *(str(record[name]) for name in fields)]
            marks[key] = mark
            if seen.get(key) != mark:
                yield record
        session.beat()


def _remember(cursor: OdooCursor, marks: dict[str, list[str]]) -> None:
    newest = cursor.newest or cursor.since
    if newest is None:
        return
    edge = newest - OVERLAP
    late = {key: mark for key, mark in marks.items() if datetime.fromisoformat(mark[0]) >= edge}
    cursor.details[SEEN] = late if len(late) <= MOST_SEEN else {}


# -- reading again -------------------------------------------------------------------


def _read(session: Session, odoo_ids: Sequence[int]) -> None:
    """All orders and invoices of these leads, and the sums of them."""
    for chunk in chunks(odoo_ids, LEADS):
        found = orders.of_leads(session, chunk)
        with transaction.atomic():
            rows = (
                Lead.objects.select_for_update(of=("self",))
                .filter(connection=session.connection, odoo_id__in=chunk)
                .order_by("pk")
            )
            lines = [line for lead in rows for line in sums.store(session, lead, found)]
            sums.log(session, lines)
        session.beat()
