"""Orders and invoices of leads, read from Odoo completely and brought into company currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crm.models import OrderKind
from crm.odoo import Record, errors
from crm.services.odoo.chunks import chunks
from crm.services.odoo.pulling import PAGE
from crm.services.odoo.session import Session

ORDER, MOVE = "sale.order", "account.move"
KINDS = {"out_invoice": OrderKind.INVOICE, "out_refund": OrderKind.REFUND}
STATES = {
    "draft": OrderKind.QUOTATION,
    "sent": OrderKind.QUOTATION,
    "sale": OrderKind.ORDER,
    "done": OrderKind.ORDER,
}
CENT = Decimal("0.01")
ALSO_ARCHIVED = {"active_test": False}


@dataclass(frozen=True, slots=True)
class Entry:
    """One quotation, order, invoice or refund as we keep it."""

    model: str
    odoo_id: int
    kind: str
    number: str
    amount: Decimal
    currency: str
    happened_at: datetime


@dataclass(slots=True)
class Found:
    """Lead's id in Odoo → entries. `invoices_told` False = Odoo does not show invoices."""

    entries: dict[int, list[Entry]] = field(default_factory=dict)
    invoices_told: bool = True


def of_leads(session: Session, lead_ids: Sequence[int]) -> Found:
    """Everything of these leads that counts."""
    found = Found({lead_id: [] for lead_id in lead_ids})
    rows = list(_orders(session, lead_ids))
    currencies = _companies(session, {row["company_id"] for row in rows if row["company_id"]})
    owners: dict[int, int] = {}
    for row in rows:
        lead_id = int(row["opportunity_id"])
        kind = STATES.get(row["state"] or "")
        currency = currencies.get(row["company_id"] or 0, "")
        if kind is not None and currency:
            found.entries[lead_id].append(_order(row, kind, currency))
        owners |= dict.fromkeys(row.get("invoice_ids") or (), lead_id)
    try:
        for lead_id, entry in _invoices(session, owners):
            found.entries[lead_id].append(entry)
    except (errors.AccessRefused, errors.Unsupported):
        found.invoices_told = False
    return found


def _orders(session: Session, lead_ids: Sequence[int]) -> Iterable[Record]:
    known = session.client.fields(ORDER)
    wanted = ["opportunity_id", "state", "amount_untaxed", "company_id", "date_order", "name"]
    wanted += [name for name in ("currency_rate", "invoice_ids") if name in known]
    pages = session.client.pages(
        ORDER,
        wanted,
        domain=[("opportunity_id", "in", list(lead_ids))],
        page=PAGE,
        context=ALSO_ARCHIVED,
        bare=True,
    )
    for page in pages:
        yield from page


def _companies(session: Session, ids: set[int]) -> dict[int, str]:
    """Company → its currency."""
    if not ids:
        return {}
    found = session.client.search_read(
        "res.company", [("id", "in", sorted(ids))], ["currency_id"], context=ALSO_ARCHIVED
    )
    return {row["id"]: row["currency_id"][1][:3] for row in found if row["currency_id"]}


def _order(row: Record, kind: str, currency: str) -> Entry:
    # What one unit of the company's currency is in the order's.
    rate = row.get("currency_rate") or Decimal(1)
    return Entry(
        ORDER,
        int(row["id"]),
        kind,
        str(row["name"] or "")[:80],
        money((row["amount_untaxed"] or Decimal(0)) / rate),
        currency,
        row["date_order"],
    )


def _invoices(session: Session, owners: dict[int, int]) -> Iterable[tuple[int, Entry]]:
    """Posted invoices and refunds; the signed amount is in company currency, refunds below 0."""
    wanted = ["state", "move_type", "amount_untaxed_signed", "invoice_date", "name"]
    wanted += ["company_currency_id", "create_date"]
    for ids in chunks(sorted(owners), PAGE):
        rows = session.client.search_read(
            MOVE,
            [("id", "in", list(ids)), ("state", "=", "posted")],
            wanted,
            limit=PAGE,
            context=ALSO_ARCHIVED,
        )
        for row in rows:
            if row["move_type"] in KINDS and row["company_currency_id"]:
                yield owners[int(row["id"])], _invoice(row)


def _invoice(row: Record) -> Entry:
    return Entry(
        MOVE,
        int(row["id"]),
        KINDS[row["move_type"]],
        str(row["name"] or "")[:80],
        money(row["amount_untaxed_signed"] or Decimal(0)),
        row["company_currency_id"][1][:3],
        _noon(row["invoice_date"]) or row["create_date"],
    )


def _noon(day: Any) -> datetime | None:
    """An invoice has a day and no time: noon is that day in most zones."""
    return datetime.combine(day, time(12), UTC) if day else None


def money(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
