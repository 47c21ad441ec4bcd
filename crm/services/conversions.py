"""What a lead brought in, as rows of analytics: the same facts give the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from analytics import sql
from analytics.models import Conversion, ConversionKind
from crm.models import Attribution, CrmSettings, Lead, LeadTouch, OrderKind

PREFIX = "crm:"
KINDS = {
    OrderKind.ORDER: ConversionKind.ORDER,
    OrderKind.INVOICE: ConversionKind.INVOICE,
    OrderKind.REFUND: ConversionKind.INVOICE,
}
# Leads may hold a longer variant key than a conversion.
WIDTH = Conversion._meta.get_field("variant_key").max_length or 0


@dataclass(frozen=True, slots=True)
class Fact:
    """One step that holds. A lead and an opportunity have no amount: revenue is in orders."""

    key: str
    kind: str
    happened_at: datetime
    amount: Decimal | None = None
    currency: str = ""


@transaction.atomic
def book(lead: Lead) -> int:
    """Make the conversion rows of this lead what they should be; how many changed.

    Repeating it changes nothing. Steps that no longer hold (an order cancelled, an invoice
    deleted) lose their row. They belong to the first or last touch, as the settings say.
    """
    wanted = {fact.key: fact for fact in _facts(lead)}
    there = {row.key: row for row in _rows(lead)}
    owed = _owed_to(lead)
    gone = [row.pk for key, row in there.items() if key not in wanted]
    changed = Conversion.objects.filter(pk__in=gone).delete()[0] if gone else 0
    for key, fact in wanted.items():
        values = {
            "kind": fact.kind,
            "happened_at": fact.happened_at,
            "amount": fact.amount,
            "currency": fact.currency,
            **owed,
        }
        changed += _write(there.get(key), key, values)
    return changed


def _write(row: Conversion | None, key: str, values: dict[str, Any]) -> int:
    if row is None:
        Conversion.objects.create(key=key, **values)
        return 1
    if all(getattr(row, name) == value for name, value in values.items()):
        return 0
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return 1


def _facts(lead: Lead) -> list[Fact]:
    facts = [Fact(f"{PREFIX}lead:{lead.uuid}", ConversionKind.LEAD, lead.created_at)]
    if lead.opportunity_at is not None:
        key = f"{PREFIX}opportunity:{lead.uuid}"
        facts.append(Fact(key, ConversionKind.OPPORTUNITY, lead.opportunity_at))
    for order in lead.orders.exclude(kind=OrderKind.QUOTATION):
        kind = KINDS[OrderKind(order.kind)]
        key = f"{PREFIX}{kind}:{lead.uuid}:{order.odoo_id}"
        facts.append(Fact(key, kind, order.happened_at, order.amount, order.currency))
    return facts


def forget(lead: Lead) -> None:
    """Take its rows away, before the lead itself is deleted."""
    Conversion.objects.filter(pk__in=[row.pk for row in _rows(lead)]).delete()


def _rows(lead: Lead) -> list[Conversion]:
    """The rows there are: their keys begin with a kind and this lead's uuid."""
    begins = Q()
    for kind in ConversionKind.values:
        begins |= _starting_with(f"{PREFIX}{kind}:{lead.uuid}")
    return list(Conversion.objects.filter(begins))


def _starting_with(text: str) -> Q:
    """Keys that begin so, by the index: SQLite has none for LIKE, but compares bytes."""
    if sql.is_postgres():
        return Q(key__startswith=text)
    return Q(key__gte=text, key__lt=f"{text};")


def _owed_to(lead: Lead) -> dict[str, Any]:
    """Publication, campaign and variant; those of the lead itself when no touch is known."""
    source: Lead | LeadTouch = lead
    touch = (
        lead.first_touch if CrmSettings.get().attribution == Attribution.FIRST else lead.last_touch
    )
    if touch is not None:
        source = touch
    return {
        "publication_id": source.publication_id,
        "campaign_id": source.campaign_id,
        "variant_key": source.variant_key[:WIDTH],
    }
