"""The stages of Odoo's pipeline, as the board shows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from crm.models import Direction, LogOutcome, OdooCursor, OdooStage, OdooSyncLog
from crm.odoo import Record
from crm.services.odoo import logs
from crm.services.odoo.session import Session

MODEL = "crm.stage"
FIELDS = ("name", "sequence", "is_won")
OLD = timedelta(days=1)
READ_AT = "stages_read_at"


def by_id(session: Session) -> dict[int, OdooStage]:
    rows = OdooStage.objects.filter(connection=session.connection)
    return {stage.odoo_id: stage for stage in rows}


def know(session: Session, page: Iterable[Record]) -> None:
    """Read the stages again when a record names one we have not seen."""
    named = {record["stage_id"][0] for record in page if record.get("stage_id")}
    if named - by_id(session).keys():
        refresh(session)


def refresh_if_old(session: Session, cursor: OdooCursor) -> None:
    """Names and order change seldom: once a day."""
    read_at = cursor.details.get(READ_AT)
    now = timezone.now()
    if read_at and datetime.fromisoformat(read_at) > now - OLD:
        return
    refresh(session)
    cursor.details[READ_AT] = now.isoformat()
    cursor.save(update_fields=["details"])


def refresh(session: Session) -> None:
    """Make our stages what Odoo has."""
    found = session.client.search_read(MODEL, [], FIELDS, limit=1_000)
    there = {
        int(record["id"]): {
            "name": str(record["name"] or "")[:200],
            "sequence": int(record["sequence"] or 0),
            "is_won": bool(record["is_won"]),
        }
        for record in found
    }
    with transaction.atomic():
        _store(session, there)


def _store(session: Session, there: dict[int, dict[str, object]]) -> None:
    here, lines = by_id(session), []
    for odoo_id, values in there.items():
        stage = here.get(odoo_id)
        if stage is None:
            stage = OdooStage.objects.create(
                connection=session.connection, odoo_id=odoo_id, **values
            )
            lines.append(_line(stage, {name: ("", value) for name, value in values.items()}))
            continue
        before = {name: getattr(stage, name) for name in values}
        if before != values:
            OdooStage.objects.filter(pk=stage.pk).update(**values)
            changes = {
                name: (before[name], value)
                for name, value in values.items()
                if before[name] != value
            }
            lines.append(_line(stage, changes))
    for odoo_id in here.keys() - there.keys():
        lines.append(_line(here[odoo_id], {"deleted": (False, True)}))
        here[odoo_id].delete()
    logs.written(session, lines)


def _line(stage: OdooStage, changes: dict[str, tuple[object, object]]) -> OdooSyncLog:
    return OdooSyncLog(
        direction=Direction.IN,
        object_type="stage",
        object_id=stage.pk,
        odoo_model=MODEL,
        odoo_id=stage.odoo_id,
        operation="update",
        outcome=LogOutcome.OK,
        # Not under "name": that word is personal in the log.
        changes={
            "title" if name == "name" else name: [str(side) for side in sides]
            for name, sides in changes.items()
        },
    )
