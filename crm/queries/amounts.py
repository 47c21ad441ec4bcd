"""Counts and amounts of leads by one column, in three queries whatever there is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from crm.models import Lead, OrderKind, Outcome

Row = dict[str, Any]
COUNTS = ("leads", "opportunities", "quotations", "orders", "won_leads", "lost_leads")
AMOUNTS = ("quoted", "won", "invoiced")
NO_AMOUNT: Row = {**dict.fromkeys(AMOUNTS), "currency": "", "is_estimate": False}
# Which orders make which amount.
KINDS = {
    "quoted": (OrderKind.QUOTATION,),
    "won": (OrderKind.ORDER,),
    "invoiced": (OrderKind.INVOICE, OrderKind.REFUND),
}
CENT = Decimal("0.01")


@dataclass(slots=True)
class Parts:
    """Group → counts, and group → currency → amounts. `currencies`: that of most leads first."""

    counts: dict[Any, Row] = field(default_factory=dict)
    amounts: dict[Any, dict[str, Row]] = field(default_factory=dict)
    currencies: list[str] = field(default_factory=list)

    def amounts_of(self, key: Any) -> list[Row]:
        """One per currency; NO_AMOUNT alone when none is known."""
        found = self.amounts.get(key, {})
        return [found[name] for name in self.currencies if name in found] or [dict(NO_AMOUNT)]


def read(rows: QuerySet[Lead], column: str) -> Parts:
    """Counts and amounts of the leads by the column. Three queries."""
    parts = Parts(amounts=defaultdict(dict))
    for row in rows.values(column).annotate(**_counted()):
        parts.counts[row.pop(column)] = {**row, "quotations": 0, "orders": 0}
    leads: Counter[str] = Counter()
    for row in _revenue(rows, column):
        leads[row["money"]] += row.pop("n")
        _add(parts, row.pop(column), row)
    for row in _orders(rows, column):
        counts = parts.counts[row[column]]
        for name in ("quotations", "orders"):
            counts[name] += row.pop(f"n_{name}")
        key, others = row.pop(column), row.pop("others")
        if others:
            leads[row["money"]] += others
            _add(parts, key, row | {"is_estimate": 0})
    parts.currencies = sorted(leads, key=lambda name: (-leads[name], name))
    parts.counts = {key: {name: row[name] for name in COUNTS} for key, row in parts.counts.items()}
    return parts


def _counted() -> dict[str, Count]:
    return {
        "leads": Count("pk"),
        "opportunities": Count("opportunity_at"),
        "won_leads": Count("pk", filter=Q(outcome=Outcome.WON)),
        "lost_leads": Count("pk", filter=Q(outcome=Outcome.LOST)),
    }


def _revenue(rows: QuerySet[Lead], column: str) -> Iterable[Row]:
    """Sums of the leads whose revenue is known, per currency."""
    sums = {name: Sum(f"revenue__{name}") for name in AMOUNTS}
    estimated = Count("pk", filter=Q(revenue__is_estimate=True, revenue__won__isnull=False))
    return (
        rows.filter(revenue__isnull=False)
        .values(column, money=F("revenue__currency"))
        .annotate(n=Count("pk"), is_estimate=estimated, **sums)
    )


def _orders(rows: QuerySet[Lead], column: str) -> Iterable[Row]:
    """Numbers of quotations and orders; and what LeadRevenue leaves out, see there.

    It holds one currency: orders of companies with another one are added here.
    """
    other = ~Q(orders__currency=F("revenue__currency"))
    sums = {
        name: Sum("orders__amount", filter=other & Q(orders__kind__in=kinds))
        for name, kinds in KINDS.items()
    }
    return (
        rows.filter(orders__isnull=False)
        .values(column, money=F("orders__currency"))
        .annotate(
            n_quotations=Count("orders", filter=Q(orders__kind=OrderKind.QUOTATION)),
            n_orders=Count("orders", filter=Q(orders__kind=OrderKind.ORDER)),
            others=Count("pk", distinct=True, filter=other),
            **sums,
        )
    )


def _add(parts: Parts, key: Any, row: Row) -> None:
    there = parts.amounts[key].setdefault(row["money"], {**NO_AMOUNT, "currency": row["money"]})
    for name in AMOUNTS:
        there[name] = added(there[name], row[name])
    there["is_estimate"] |= bool(row["is_estimate"])


def together(parts: Parts, key: Any) -> Row:
    """One row: counts, the amounts in the first currency, and `amounts` in every one."""
    listed = parts.amounts_of(key)
    known = [part for part in listed if part["currency"]]
    return {**parts.counts.get(key, dict.fromkeys(COUNTS, 0)), **listed[0], "amounts": known}


def added(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """None only when both are. SQLite sums floats: cents are made of them again."""
    if other is None:
        return one
    return ((one or Decimal(0)) + other).quantize(CENT)


def ranked(parts: Parts) -> list[Any]:
    """Groups by won revenue in the first currency, then by leads; "owed to nothing" last."""
    first = parts.currencies[0] if parts.currencies else ""

    def order(key: Any) -> tuple[Any, ...]:
        won = parts.amounts.get(key, {}).get(first, NO_AMOUNT)["won"]
        return (key is None, won is None, -(won or 0), -parts.counts[key]["leads"], str(key))

    return sorted(parts.counts, key=order)
