"""Rows of orders and the sums of a lead, made what Odoo says."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import timezone

from crm.models import (
    Direction,
    Lead,
    LeadOrder,
    LeadRevenue,
    LogOutcome,
    OdooSyncLog,
    OrderKind,
)
from crm.services import conversions
from crm.services.odoo import logs
from crm.services.odoo.orders import MOVE, ORDER, Entry, Found
from crm.services.odoo.session import Session

FIELDS = ("kind", "number", "amount", "currency", "happened_at")
SUMS = ("quoted", "won", "invoiced", "currency", "is_estimate")


def store(session: Session, lead: Lead, found: Found) -> list[OdooSyncLog]:
    """Orders and sums of one lead, locked by the caller; the lines to log when they changed."""
    entries = found.entries[lead.odoo_id or 0]
    changed = _rows(lead, entries, keep_invoices=not found.invoices_told)
    before = LeadRevenue.objects.filter(lead=lead).first()
    if before is None and not entries:
        session.count(skipped=1)
        return []
    after = _sums(entries, before, told=found.invoices_told)
    return settled(session, lead, before, after, changed=changed)


def settled(
    session: Session,
    lead: Lead,
    before: LeadRevenue | None,
    after: dict[str, Any],
    *,
    changed: bool = False,
) -> list[OdooSyncLog]:
    """Store the sums if they are others, book the conversions; the lines to log."""
    changes = {
        name: (getattr(before, name, ""), after[name])
        for name in SUMS
        if before is None or getattr(before, name) != after[name]
    }
    if not changes and not changed:
        session.count(skipped=1)
        return []
    LeadRevenue.objects.update_or_create(lead=lead, defaults={**after, "read_at": timezone.now()})
    conversions.book(lead)
    session.count(updated=1)
    return [line(lead, changes)]


def line(lead: Lead, changes: dict[str, Any]) -> OdooSyncLog:
    return OdooSyncLog(
        direction=Direction.IN,
        object_type="revenue",
        object_id=lead.pk,
        odoo_model=ORDER,
        odoo_id=lead.odoo_id,
        operation="update",
        outcome=LogOutcome.OK,
        changes=logs.hidden(changes),
    )


def log(session: Session, lines: list[OdooSyncLog]) -> None:
    logs.written(session, lines)


def _sums(entries: list[Entry], before: LeadRevenue | None, *, told: bool) -> dict[str, Any]:
    """One currency: that of the newest entry. Others cannot be added without a rate."""
    newest = max(entries, key=lambda entry: entry.happened_at, default=None)
    currency = newest.currency if newest else before.currency if before else ""
    invoiced = _total(entries, currency, OrderKind.INVOICE, OrderKind.REFUND)
    return {
        "quoted": _total(entries, currency, OrderKind.QUOTATION),
        "won": _total(entries, currency, OrderKind.ORDER),
        "invoiced": invoiced if told else None,
        "currency": currency,
        "is_estimate": False,
    }


def _total(entries: Iterable[Entry], currency: str, *kinds: str) -> Decimal:
    amounts = (one.amount for one in entries if one.kind in kinds and one.currency == currency)
    return sum(amounts, Decimal("0.00"))


def _rows(lead: Lead, entries: list[Entry], *, keep_invoices: bool) -> bool:
    """Make the order rows what `entries` say; did anything change?"""
    there = {(row.model, row.odoo_id): row for row in lead.orders.all()}
    changed = False
    for entry in entries:
        row = there.pop((entry.model, entry.odoo_id), None)
        values = {name: getattr(entry, name) for name in FIELDS}
        if row is None:
            LeadOrder.objects.create(lead=lead, model=entry.model, odoo_id=entry.odoo_id, **values)
            changed = True
        elif any(getattr(row, name) != value for name, value in values.items()):
            LeadOrder.objects.filter(pk=row.pk).update(**values)
            changed = True
    over = [row.pk for row in there.values() if not (keep_invoices and row.model == MOVE)]
    if over:
        LeadOrder.objects.filter(pk__in=over).delete()
        changed = True
    return changed
