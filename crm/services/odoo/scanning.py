"""The nightly comparison: every id Odoo has beside every id we have.

It finds what no reading by `write_date` can: records deleted in Odoo. It also heals whatever was
missed, by reading again each record whose `write_date` is not ours.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from crm.models import OdooCursor, OdooSyncRun, SyncKind
from crm.odoo import Record
from crm.odoo.client import ALSO_ARCHIVED
from crm.services.odoo import catalogue, items, pulling, runs, storing
from crm.services.odoo.items import MODEL
from crm.services.odoo.session import LostLease, Session

PAGE = 2_000
# Also compared: a second change in one second leaves write_date as it was.
OFFERED = ("active", "sale_ok")


@runs.part(SyncKind.SCAN)
def scan(session: Session) -> None:
    """Compare page by page, then our leads; an interrupted scan goes on from its last page."""
    # Once a day is often enough to notice new fields, too.
    session.client.forget(MODEL)
    plan = items.plan(session.client, session.connection)
    cursor, _new = OdooCursor.objects.get_or_create(
        connection=session.connection, kind=SyncKind.SCAN
    )
    if cursor.after_id == 0:
        total = session.client.search_count(MODEL, [], context=ALSO_ARCHIVED)
        OdooSyncRun.objects.filter(pk=session.run.pk).update(total=total)
    last = False
    while not last:
        page = _page(session, plan, cursor.after_id)
        last = len(page) < PAGE
        _compare(session, plan, page, cursor.after_id, last)
        _move(cursor, 0 if last else page[-1]["id"])
        session.beat()
    pulling.check_gone(session)


def _page(session: Session, plan: items.Plan, after_id: int) -> list[Record]:
    return session.client.search_read(
        MODEL,
        [("id", ">", after_id)],
        ["write_date", plan.type_field, *(name for name in OFFERED if name in plan.fields)],
        limit=PAGE,
        context=ALSO_ARCHIVED,
        bare=True,
    )


def _compare(
    session: Session, plan: items.Plan, page: list[Record], after_id: int, last: bool
) -> None:
    """Odoo's ids in (after_id, the page's last] beside ours; the last page is open upwards."""
    until = None if last else page[-1]["id"]
    ours = _ours(session, after_id, until)
    there = {record["id"] for record in page}
    unlike = [record["id"] for record in page if _is_unlike(record, plan, ours)]
    gone = {odoo_id for (odoo_id, _kind), row in ours.items() if row[1]} - there
    with transaction.atomic():
        results = catalogue.withdraw_ids(session, gone)
    for stored in results:
        stored.tell(session)
    session.count(skipped=len(page) - len(unlike), done=len(page) - len(unlike))
    if unlike:
        catalogue.read_ids(session, plan, unlike)


def _ours(session: Session, after_id: int, until: int | None) -> dict[tuple[int, bool], Any]:
    """(id in Odoo, is a service) → (its write_date, is it available)."""
    found = {}
    for kind, model in catalogue.MODELS.items():
        rows = storing.of_connection(model, session.connection).filter(odoo_id__gt=after_id)
        if until is not None:
            rows = rows.filter(odoo_id__lte=until)
        # An empty hash: withdrawn here, so Odoo's word is needed should it be there again.
        for odoo_id, written, available, digest in rows.values_list(
            "odoo_id", "odoo_write_date", "is_available", "content_hash"
        ):
            key = (odoo_id, kind == SyncKind.SERVICES)
            found[key] = (written if digest else None, available)
    return found


def _is_unlike(record: Record, plan: items.Plan, ours: dict[tuple[int, bool], Any]) -> bool:
    row = ours.get((record["id"], record[plan.type_field] == items.SERVICE))
    offered = all(record.get(name, True) for name in OFFERED)
    return row is None or row != (record["write_date"], offered)


def _move(cursor: OdooCursor, after_id: int) -> None:
    rows = OdooCursor.objects.filter(pk=cursor.pk, after_id=cursor.after_id)
    if not rows.update(after_id=after_id):
        raise LostLease
    cursor.after_id = after_id
