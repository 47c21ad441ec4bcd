"""Putting records of Odoo into our tables, a page at a time, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Direction, LogOutcome, OdooConnection, OdooSyncLog, Product, Service
from crm.services import prices
from crm.services.odoo import logs
from crm.services.odoo.items import MODEL, Item, ItemClass
from crm.services.odoo.session import Session

BATCH = 200
# What Odoo is master of.
OWNED = ("name", "description", "price", "currency", "tax_included", "url", "is_available")
STAMPS = ("unavailable_since", "content_hash", "odoo_write_date", "synced_at", "updated_at")


@dataclass(slots=True)
class Stored:
    """What became of a page."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    lines: list[OdooSyncLog] = field(default_factory=list)

    def tell(self, session: Session) -> None:
        """Add to the run's counts; call it when the transaction is over."""
        done = self.created + self.updated + self.skipped
        session.count(created=self.created, updated=self.updated, skipped=self.skipped, done=done)


def of_connection(model: ItemClass, connection: OdooConnection) -> Any:
    """The items read from this Odoo."""
    return model.objects.filter(connection=connection, odoo_id__isnull=False)


def store(session: Session, model: ItemClass, found: Sequence[Item]) -> Stored:
    """Create, change or skip these items; a fixed number of steps however many there are.

    A log line for every row that changed, with the values before and after.
    """
    now, stored = timezone.now(), Stored()
    ids = [item.odoo_id for item in found]
    rows = of_connection(model, session.connection).filter(odoo_id__in=ids)
    known = {row.odoo_id: row for row in rows}
    fresh: list[Item] = []
    changed: list[tuple[Any, Item]] = []
    same: list[tuple[Any, Item]] = []
    for item in found:
        row = known.get(item.odoo_id)
        if row is None:
            fresh.append(item)
        else:
            (same if row.content_hash == item.digest else changed).append((row, item))
    _create(session, model, fresh, now, stored)
    _change(model, changed, now, stored)
    _skip(model, same, now, stored)
    # Odoo has one table for both: what came into ours has left the other.
    other = Service if model is Product else Product
    moved = of_connection(other, session.connection).filter(odoo_id__in=ids, is_available=True)
    _withdraw(other, list(moved), _("Its type was changed in Odoo."), now, stored)
    logs.written(session, stored.lines)
    return stored


def withdraw(session: Session, model: ItemClass, rows: Sequence[Any], why: str) -> Stored:
    """Mark rows as not available any more: never deleted here."""
    stored = Stored()
    _withdraw(model, rows, why, timezone.now(), stored)
    logs.written(session, stored.lines)
    return stored


def _create(
    session: Session, model: ItemClass, found: list[Item], now: datetime, stored: Stored
) -> None:
    rows: list[Any] = [
        model(
            connection=session.connection,
            odoo_id=item.odoo_id,
            is_demo=session.connection.is_demo,
            **_columns(item, None, now),
        )
        for item in found
    ]
    model.objects.bulk_create(rows, batch_size=BATCH)
    stored.created += len(rows)
    for row, item in zip(rows, found, strict=True):
        stored.lines.append(_line(row, "create", {"price": [None, _told(row)]}, item.note))


def _columns(item: Item, row: Any, now: datetime) -> dict[str, Any]:
    since = None if item.values["is_available"] else getattr(row, "unavailable_since", None) or now
    return {
        **item.values,
        "unavailable_since": since,
        "content_hash": item.digest,
        "odoo_write_date": item.write_date,
        "synced_at": now,
        "updated_at": now,
    }


def _change(model: ItemClass, pairs: list[tuple[Any, Item]], now: datetime, stored: Stored) -> None:
    moved: list[prices.Change] = []
    for row, item in pairs:
        old = (row.price, row.currency)
        before = {name: getattr(row, name) for name in OWNED}
        for name, value in _columns(item, row, now).items():
            setattr(row, name, value)
        changes = {
            name: [_short(before[name]), _short(getattr(row, name))]
            for name in OWNED
            if before[name] != getattr(row, name)
        }
        # Without a difference only the stamp of an earlier withdrawal was gone.
        if changes:
            stored.lines.append(_line(row, "update", changes, item.note))
        if old != (row.price, row.currency):
            moved.append(prices.Change(row, old))
    model.objects.bulk_update([row for row, _item in pairs], [*OWNED, *STAMPS], batch_size=BATCH)
    stored.updated += len(pairs)
    prices.changed(moved)


def _skip(model: ItemClass, pairs: list[tuple[Any, Item]], now: datetime, stored: Stored) -> None:
    """Same content: Odoo also moves write_date when nothing was changed."""
    touched = []
    for row, item in pairs:
        if row.odoo_write_date != item.write_date:
            row.odoo_write_date = item.write_date
            touched.append(row)
    model.objects.bulk_update(touched, ["odoo_write_date"], batch_size=BATCH)
    model.objects.filter(pk__in=[row.pk for row, _item in pairs]).update(synced_at=now)
    stored.skipped += len(pairs)


def _withdraw(
    model: ItemClass, rows: Sequence[Any], why: str, now: datetime, stored: Stored
) -> None:
    if not rows:
        return
    # Without its hash it is taken anew as soon as Odoo shows it again.
    model.objects.filter(pk__in=[row.pk for row in rows]).update(
        is_available=False, unavailable_since=now, content_hash="", updated_at=now
    )
    stored.updated += len(rows)
    changes = {"is_available": ["True", "False"]}
    stored.lines += [_line(row, "withdraw", changes, why) for row in rows]


def _line(row: Any, operation: str, changes: dict[str, Any], message: str = "") -> OdooSyncLog:
    return OdooSyncLog(
        direction=Direction.IN,
        object_type=row.kind,
        object_id=row.pk,
        odoo_model=MODEL,
        odoo_id=row.odoo_id,
        operation=operation,
        outcome=LogOutcome.OK,
        changes=changes,
        message=message[:500],
    )


def _told(row: Any) -> str:
    return "" if row.price is None else f"{row.price} {row.currency}"


def _short(value: Any) -> str | None:
    return None if value is None else str(value)[:300]
