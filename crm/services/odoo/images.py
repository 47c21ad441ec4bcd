"""Pictures of products and services, read apart from the rest: they are large and change seldom."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import F, Q
from django.utils.translation import gettext as _

from crm.models import Direction, LogOutcome, OdooCursor, OdooSyncLog, SyncKind
from crm.odoo import errors
from crm.odoo.client import ALSO_ARCHIVED
from crm.services.odoo import catalogue, logs, runs, storing
from crm.services.odoo.items import MODEL
from crm.services.odoo.session import Session
from socialhub.models import MediaAsset
from socialhub.services import media
from socialhub.services.errors import Invalid

FIELD = "image_512"
BATCH = 20
REQUESTS = 10
MAX_ALT = 1_500


@runs.part(SyncKind.IMAGES)
def read_images(session: Session) -> None:
    """Ask for the pictures of what was written since; at most ten requests a run."""
    if FIELD not in session.client.fields(MODEL):
        return
    cursor, _new = OdooCursor.objects.get_or_create(
        connection=session.connection, kind=SyncKind.IMAGES
    )
    left = REQUESTS
    for model in catalogue.MODELS.values():
        while left:
            rows = list(due(model, session)[: cursor.details.get("batch") or BATCH])
            if not rows:
                break
            left -= 1
            _read(session, cursor, rows)
            session.beat()


def due(model: Any, session: Session) -> Any:
    """Items whose picture was not asked for since Odoo last wrote the record."""
    return (
        storing.of_connection(model, session.connection)
        .filter(is_available=True)
        .filter(Q(image_read_for__isnull=True) | Q(image_read_for__lt=F("odoo_write_date")))
        .select_related("image")
        .order_by("pk")
    )


def _read(session: Session, cursor: OdooCursor, rows: list[Any]) -> None:
    ids = [row.odoo_id for row in rows]
    try:
        found = session.client.search_read(
            MODEL, [("id", "in", ids)], [FIELD], limit=len(ids), context=ALSO_ARCHIVED, bare=True
        )
    except errors.UnknownOutcome:
        _ask_for_less(session, cursor, rows)
        raise
    _set_batch(cursor, None)
    pictures = {record["id"]: record[FIELD] for record in found}
    for row in rows:
        if row.odoo_id not in pictures:
            # Deleted meanwhile: the comparison at night says so.
            _settle(row)
            continue
        _take(session, row, pictures[row.odoo_id])
    session.count(done=len(rows))


def _ask_for_less(session: Session, cursor: OdooCursor, rows: list[Any]) -> None:
    """No answer came: too much for one, perhaps. One picture alone is then left out."""
    if len(rows) > 1:
        _set_batch(cursor, max(1, len(rows) // 2))
        return
    _settle(rows[0])
    _note(session, rows[0], _("The picture did not come through and is left out."))
    _set_batch(cursor, None)


def _set_batch(cursor: OdooCursor, size: int | None) -> None:
    if cursor.details.get("batch") != size:
        cursor.details = {"batch": size} if size else {}
        OdooCursor.objects.filter(pk=cursor.pk).update(details=cursor.details)


def _take(session: Session, row: Any, encoded: str | None) -> None:
    """Store one picture; one that cannot be used is noted and the old one stays."""
    if not encoded:
        session.count(**{"updated" if row.image_id else "skipped": 1})
        _settle(row, image=None)
        return
    try:
        content = base64.b64decode(encoded, validate=False)
        asset = _asset(row, content)
    except (Invalid, binascii.Error, ValueError) as exc:
        said = exc.message if isinstance(exc, Invalid) else _("The picture cannot be read.")
        _note(session, row, said)
        _settle(row)
        return
    session.count(**{"skipped" if asset.pk == row.image_id else "updated": 1})
    _settle(row, image=asset)


def _asset(row: Any, content: bytes) -> MediaAsset:
    """The stored picture; the same bytes under the same name are stored once."""
    sha256 = hashlib.sha256(content).hexdigest()
    current: MediaAsset | None = row.image
    if current is not None and current.sha256 == sha256:
        return current
    alt_text = row.name[:MAX_ALT]
    known = MediaAsset.objects.filter(
        sha256=sha256, alt_text=alt_text, uploaded_by__isnull=True
    ).first()
    if known is not None:
        return known
    asset = media.upload(None, ContentFile(content), alt_text=alt_text, name=row.name)
    if row.is_demo:
        asset.is_demo = True
        asset.save(update_fields=["is_demo"])
    return asset


def _settle(row: Any, **fields: Any) -> None:
    """Not asked for again before Odoo writes the record anew."""
    type(row).objects.filter(pk=row.pk).update(image_read_for=row.odoo_write_date, **fields)


def _note(session: Session, row: Any, message: str) -> None:
    line = OdooSyncLog(
        direction=Direction.IN,
        object_type=row.kind,
        object_id=row.pk,
        odoo_model=MODEL,
        odoo_id=row.odoo_id,
        operation="image",
        outcome=LogOutcome.SKIPPED,
        message=message[:500],
    )
    logs.written(session, [line])
    session.count(skipped=1)
