"""The figures once more, lead by lead in plain Python, from the rows of orders."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm.models import Lead

KINDS = {"quoted": ("quotation",), "won": ("order",), "invoiced": ("invoice", "refund")}


def owner(lead: Lead, touch: str) -> Any:
    """What holds account, post, campaign and variant: the touch, else the lead."""
    return getattr(lead, f"{touch}_touch") or lead


def counts_for(lead: Lead, filters: Any, touch: str) -> bool:
    """Do the narrowings mean this lead?"""
    source = owner(lead, touch)
    account, post = source.account, source.post
    return (
        (filters.account is None or source.account_id == filters.account)
        and (filters.granted is None or source.account_id in filters.granted)
        and (not filters.platform or (account is not None and account.platform == filters.platform))
        and (filters.campaign is None or source.campaign_id == filters.campaign)
        and (
            not filters.content_type
            or (post is not None and post.content_type == filters.content_type)
        )
    )


def day(at: Any, zone: ZoneInfo) -> Any:
    return at.astimezone(zone).date()


def monday(at: Any, zone: ZoneInfo) -> Any:
    found = day(at, zone)
    return found - timedelta(days=found.weekday())


def key(lead: Lead, group_by: str, touch: str, zone: ZoneInfo) -> Any:
    source = owner(lead, touch)
    if group_by == "product":
        if lead.product_id:
            return f"product:{lead.product_id}"
        return f"service:{lead.service_id}" if lead.service_id else None
    if group_by == "week":
        return monday(lead.created_at, zone)
    if group_by == "variant":
        return source.variant_key or None
    return getattr(source, f"{group_by}_id")


def money(lead: Lead) -> dict[str, dict[str, Decimal | None]]:
    """Currency → amounts. What Odoo told of is known, so 0 in the currency of its sums."""
    revenue = getattr(lead, "revenue", None)
    found: dict[str, dict[str, Decimal | None]] = {}
    if revenue is not None and revenue.is_estimate:
        return {revenue.currency: {"quoted": None, "won": revenue.won, "invoiced": None}}
    if revenue is not None:
        told = dict.fromkeys(KINDS, Decimal(0)) | (
            {} if revenue.invoiced is not None else {"invoiced": None}
        )
        found[revenue.currency] = told
    for order in lead.orders.all():
        part = found.setdefault(order.currency, dict.fromkeys(KINDS))
        name = next(name for name, kinds in KINDS.items() if order.kind in kinds)
        is_untold = name == "invoiced" and revenue.invoiced is None
        if not (is_untold and order.currency == revenue.currency):
            part[name] = (part[name] or Decimal(0)) + order.amount
    return found


def chosen(filters: Any, touch: str, zone: ZoneInfo, *, period: bool = True) -> list[Lead]:
    relations = [
        f"{name}{field}"
        for name in ("", "first_touch__", "last_touch__")
        for field in ("account", "post")
    ]
    rows = Lead.objects.select_related("revenue", *relations).prefetch_related("orders")
    return [
        lead
        for lead in rows
        if counts_for(lead, filters, touch)
        and (not period or filters.first <= day(lead.created_at, zone) <= filters.last)
    ]


def stats(filters: Any, group_by: str, touch: str, zone: ZoneInfo) -> tuple[dict, dict, list[str]]:
    """(group → counts, (group, currency) → amounts, currencies by how many leads have them)."""
    counts: dict[Any, Counter] = defaultdict(Counter)
    amounts: dict[Any, dict[str, Any]] = {}
    used: Counter = Counter()
    for lead in chosen(filters, touch, zone):
        group = key(lead, group_by, touch, zone)
        kinds = Counter(order.kind for order in lead.orders.all())
        counts[group] += Counter(
            leads=1,
            opportunities=int(lead.opportunity_at is not None),
            quotations=kinds["quotation"],
            orders=kinds["order"],
            won_leads=int(lead.outcome == "won"),
            lost_leads=int(lead.outcome == "lost"),
        )
        for currency, part in money(lead).items():
            used[currency] += 1
            there = amounts.setdefault(
                (group, currency), {**dict.fromkeys(KINDS), "is_estimate": False}
            )
            for name, value in part.items():
                if value is not None:
                    there[name] = (there[name] or Decimal(0)) + value
            estimated = lead.revenue.is_estimate and part["won"] is not None
            there["is_estimate"] = there["is_estimate"] or estimated
    return counts, amounts, sorted(used, key=lambda name: (-used[name], name))


def ordered(filters: Any, touch: str, zone: ZoneInfo) -> dict[tuple[Any, str], Decimal]:
    """(week, currency) → orders dated in it."""
    found: dict[tuple[Any, str], Decimal] = defaultdict(Decimal)
    for lead in chosen(filters, touch, zone, period=False):
        for order in lead.orders.all():
            if (
                order.kind == "order"
                and filters.first <= day(order.happened_at, zone) <= filters.last
            ):
                found[monday(order.happened_at, zone), order.currency] += order.amount
    return found
