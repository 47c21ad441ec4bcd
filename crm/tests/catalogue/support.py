"""What tests of the catalogue share: one run, small pages, and the two sides to compare."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crm.models import OdooConnection, OdooCursor, OdooSyncRun, Product, Service
from crm.services.odoo import catalogue, images, runs, scanning  # noqa: F401 - fill runs.PARTS
from crm.tests.support import StandIn

TEMPLATE = "product.template"


def carry_out(connection: OdooConnection, kind: str, **fields: Any) -> OdooSyncRun:
    """One run, as a worker that has just started would do it."""
    run = OdooSyncRun.objects.create(connection=connection, kind=kind, direction="in", **fields)
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def finished(connection: OdooConnection, kind: str) -> OdooSyncRun:
    """A run that has to end well."""
    run = carry_out(connection, kind)
    assert (run.state, run.error) == ("done", "")
    return run


def small_pages(connection: OdooConnection, kind: str, page: int = 50) -> None:
    """As after an Odoo that did not manage larger answers."""
    OdooCursor.objects.create(connection=connection, kind=kind, details={"page": page})


def make(odoo: StandIn, name: str, *, service: bool = False, **values: Any) -> int:
    kind = "service" if service else "consu"
    values.setdefault("list_price", 10.0)
    return odoo.create(TEMPLATE, name=name, **{type_field(odoo): kind}, **values)


def type_field(odoo: StandIn) -> str:
    return "detailed_type" if int(odoo.version) < 18 else "type"


def fill(odoo: StandIn, count: int) -> list[int]:
    """Products made by one import: one transaction, one write_date."""
    return [make(odoo, f"Thing {number:03d}", list_price=number) for number in range(1, count + 1)]


def ours(model: type[Product] | type[Service] = Product) -> dict[str, Decimal]:
    """Name → price of what is offered."""
    rows = model.objects.filter(is_available=True)
    return dict(rows.values_list("name", "price"))


def theirs(odoo: StandIn, *, service: bool = False) -> dict[str, Decimal]:
    """The same, as it is in Odoo."""
    return {
        row["name"]: Decimal(str(row["list_price"])).quantize(Decimal("0.01"))
        for row in odoo.records(TEMPLATE)
        if row["active"] and row["sale_ok"] and (row["type"] == "service") is service
    }


def an_hour_passes(odoo: StandIn) -> None:
    """Odoo's clock goes on, and the readings noted so far began an hour earlier by ours."""
    offset = odoo.get("settings")["clock_offset_seconds"]
    odoo.settings(clock_offset_seconds=offset + 3600)
    for cursor in OdooCursor.objects.filter(details__has_key="pending_at"):
        began = datetime.fromisoformat(cursor.details["pending_at"]) - timedelta(hours=1)
        cursor.details["pending_at"] = began.isoformat()
        cursor.save(update_fields=["details"])
