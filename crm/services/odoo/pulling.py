"""Leads from Odoo: stage, salesperson, won or lost, and contact fields, for our leads only."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm.models import Direction, Lead, LeadState, LogOutcome, OdooCursor, OdooSyncLog, SyncKind
from crm.odoo import Record, errors
from crm.services.odoo import field_lists, lead_records, logs, merging, pushing, runs, stages
from crm.services.odoo.chunks import chunks
from crm.services.odoo.lead_values import MODEL
from crm.services.odoo.session import Session

CURSOR = "leads"
PAGE = 500
# Ids in one domain: about 160 KB of XML-RPC, which every proxy takes.
IDS = 5_000
ALSO_ARCHIVED = {"active_test": False}
OVERLAP = timedelta(minutes=15)
# A reading that takes longer may have passed rows that changed since it began: what it sees after
# this does not move the place where the next one begins.
COUNTED_SECONDS = 300.0


@runs.part(SyncKind.LEADS)
def pull(session: Session) -> None:
    """Read what changed in Odoo since the last completed reading, then send what changed here."""
    try:
        _pull(session)
    except errors.Invalid:
        # A field we remember may have been renamed or removed.
        if not field_lists.refreshed(session, MODEL):
            raise
        _pull(session)


def _pull(session: Session) -> None:
    cursor = cursor_of(session)
    stages.refresh_if_old(session, cursor)
    pushes = []
    # Found again after a lost answer, or changed here: Odoo's write_date does not tell of them.
    for ids in chunks(_unread(session), PAGE):
        pushes += read(session, ids)
    begun = time.monotonic()
    for page in _changed_pages(session, cursor):
        pushes += store(session, page)
        if time.monotonic() - begun < COUNTED_SECONDS:
            cursor.newest = max([cursor.newest, *(one["write_date"] for one in page)], key=_moment)
    finish(session, cursor)
    send(session, pushes)


def _moment(moment: datetime | None) -> datetime:
    return moment or datetime.min.replace(tzinfo=UTC)


def cursor_of(session: Session, kind: str = CURSOR) -> OdooCursor:
    cursor, _created = OdooCursor.objects.get_or_create(connection=session.connection, kind=kind)
    return cursor


def finish(session: Session, cursor: OdooCursor) -> None:
    """The reading is complete: the next one begins at the newest change this one saw."""
    before = cursor.since
    if cursor.newest is not None:
        cursor.since = max(cursor.newest, before or cursor.newest)
    cursor.newest = None
    cursor.completed_at = timezone.now()
    cursor.save()
    fields = {}
    if session.run.kind == cursor.kind:
        fields = {"cursor_before": before, "cursor_after": cursor.since}
    session.beat(**fields)


# -- which ---------------------------------------------------------------------------


def ours(session: Session) -> QuerySet[Lead]:
    """Our leads in this Odoo, by their id there."""
    return Lead.objects.filter(
        connection=session.connection, odoo_id__isnull=False, gone_since__isnull=True
    ).order_by("odoo_id")


def _unread(session: Session) -> list[int]:
    fresh = ours(session).filter(pulled_at__isnull=True)
    changed = merging.changed_here().filter(
        connection=session.connection, gone_since__isnull=True, state=LeadState.LINKED
    )
    ids = {*fresh.values_list("odoo_id", flat=True), *changed.values_list("odoo_id", flat=True)}
    return sorted(found for found in ids if found is not None)


def _changed_pages(session: Session, cursor: OdooCursor) -> Iterator[list[Record]]:
    ids = ours(session).values_list("odoo_id", flat=True)
    for chunk in chunks(list(ids), IDS):
        yield from session.client.pull(
            MODEL,
            lead_records.fields(session.client),
            cursor.since,
            overlap=OVERLAP,
            domain=[("id", "in", list(chunk))],
            page=PAGE,
        )


def read(session: Session, ids: Sequence[int]) -> list[pushing.Push]:
    """Read leads by their ids in Odoo; what is to be written there."""
    pushes = []
    for chunk in chunks(ids, PAGE):
        page = session.client.search_read(
            MODEL,
            [("id", "in", list(chunk))],
            [*lead_records.fields(session.client), "write_date"],
            limit=PAGE,
            context=ALSO_ARCHIVED,
        )
        pushes += store(session, page)
    return pushes


# -- storing -------------------------------------------------------------------------


def store(session: Session, page: Sequence[Record]) -> list[pushing.Push]:
    """One page, rows and log lines in one transaction; what is to be written to Odoo."""
    stages.know(session, page)
    with transaction.atomic():
        pushes = _store_rows(session, page)
    session.beat()
    return pushes


def send(session: Session, pushes: Sequence[pushing.Push]) -> None:
    """Write what changed here; after the reading, which must not take long."""
    # A lead may have been read twice: its last reading counts.
    for push in {push.lead_id: push for push in pushes}.values():
        pushing.push(session, push)
        session.beat()


def _store_rows(session: Session, page: Sequence[Record]) -> list[pushing.Push]:
    by_id = {int(record["id"]): record for record in page}
    rows = (
        Lead.objects.select_for_update(of=("self",))
        .filter(connection=session.connection, odoo_id__in=list(by_id))
        .order_by("pk")
    )
    lines, pushes = [], []
    known = stages.by_id(session)
    for lead in rows:
        record = by_id[lead.odoo_id or 0]
        changes, found = lead_records.apply(lead, record, known)
        session.count(updated=1 if changes else 0, skipped=0 if changes else 1)
        if changes:
            lines.append(_line(lead, changes))
        if found.ours:
            pushes.append(pushing.Push(lead.pk, int(record["id"]), record["write_date"], found))
    logs.written(session, lines)
    return pushes


def _line(lead: Lead, changes: dict[str, Any]) -> OdooSyncLog:
    return OdooSyncLog(
        direction=Direction.IN,
        object_type="lead",
        object_id=lead.pk,
        odoo_model=MODEL,
        odoo_id=lead.odoo_id,
        operation="update",
        outcome=LogOutcome.OK,
        changes=logs.hidden(changes),
    )


# -- the daily comparison ----------------------------------------------------------------


def check_gone(session: Session) -> None:
    """Which of our leads does Odoo not show any more? And heal what a reading missed.

    Deleted, merged away and hidden cannot be told apart; all are never sent again. One that
    comes back is read again.
    """
    rows = Lead.objects.filter(connection=session.connection, odoo_id__isnull=False)
    here = {int(odoo_id or 0): at for odoo_id, at in rows.values_list("odoo_id", "odoo_write_date")}
    for chunk in chunks(sorted(here), IDS):
        there = _moments(session, chunk)
        _mark(session, set(chunk) - there.keys(), gone=True)
        _mark(session, there.keys(), gone=False)
        moved = [odoo_id for odoo_id, moment in there.items() if here[odoo_id] != moment]
        send(session, read(session, moved))


def _moments(session: Session, ids: Iterable[int]) -> dict[int, datetime]:
    found = session.client.search_read(
        MODEL, [("id", "in", list(ids))], ["write_date"], limit=IDS, context=ALSO_ARCHIVED
    )
    return {int(record["id"]): record["write_date"] for record in found}


@transaction.atomic
def _mark(session: Session, ids: Iterable[int], *, gone: bool) -> None:
    rows = Lead.objects.filter(
        connection=session.connection, odoo_id__in=list(ids), gone_since__isnull=gone
    )
    found = list(rows.only("pk", "odoo_id"))
    since = timezone.now() if gone else None
    lines = []
    for lead in found:
        if rows.filter(pk=lead.pk).update(gone_since=since, updated_at=timezone.now()):
            lines.append(_line(lead, {"gone": [not gone, gone]}))
    logs.written(session, lines)
    session.count(updated=len(lines))
