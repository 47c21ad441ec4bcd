"""What writing with AI took in a month of the organisation's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, DateField, F, QuerySet, Sum, When
from django.db.models.functions import TruncMonth
from django.utils import timezone

from socialhub.models import AICall, Organisation

# What a call counts against the month: what was reported, else what it may have taken.
COUNTED = Case(
    When(
        input_tokens__isnull=False,
        output_tokens__isnull=False,
        then=F("input_tokens") + F("output_tokens"),
    ),
    default=F("reserved_tokens"),
)


@dataclass(frozen=True, slots=True)
class Spent:
    """`tokens` counts what may have been taken where nothing was reported.

    `cost` is of the calls whose cost is known, `unpriced_tokens` of the others.
    """

    tokens: int
    cost: Decimal
    unpriced_tokens: int


def month_of(organisation: Organisation, now: datetime | None = None) -> date:
    """First day of the month it is now for the organisation."""
    return (now or timezone.now()).astimezone(organisation.zone).date().replace(day=1)


def calls_in(organisation: Organisation, month: date) -> QuerySet[AICall]:
    """Calls of the month that begins with this day."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    starts = [datetime.combine(day, time.min, organisation.zone) for day in (month, following)]
    return AICall.objects.filter(at__gte=starts[0], at__lt=starts[1])


def spent(organisation: Organisation, month: date) -> Spent:
    """What counts against the limits."""
    calls = calls_in(organisation, month)
    sums = calls.aggregate(tokens=Sum(COUNTED), cost=Sum("cost"))
    unpriced = calls.filter(cost=None).aggregate(tokens=Sum(COUNTED))["tokens"]
    return Spent(sums["tokens"] or 0, sums["cost"] or Decimal(0), unpriced or 0)


def report(month: date | None = None) -> dict[str, Any]:
    """`usage` of this month or another one, with the limits and what is left of them."""
    organisation = Organisation.get()
    now = month_of(organisation)
    found = usage(organisation, month or now)
    limit, limit_cost = organisation.ai_monthly_tokens, organisation.ai_monthly_cost
    return {
        **found,
        "currency": settings.AI_PRICE_CURRENCY,
        "limit_tokens": limit,
        "limit_cost": limit_cost,
        "left_tokens": None if limit is None else max(limit - found["counted_tokens"], 0),
        "configured": bool(settings.AI_API_KEY),
        "model": settings.AI_MODEL,
    }


def months(organisation: Organisation, limit: int = 6) -> list[dict[str, Any]]:
    """The latest months with calls, newest first: {"month": first day, ...sums}. One query."""
    month = TruncMonth("at", output_field=DateField(), tzinfo=organisation.zone)
    rows = AICall.objects.annotate(month=month).values("month").annotate(**_AGGREGATES)
    return [{"month": row.pop("month"), **_sums(row)} for row in rows.order_by("-month")[:limit]]


def usage(organisation: Organisation, month: date) -> dict[str, Any]:
    """Counts and sums of a month, in all and by purpose.

    Sums are over what was reported; None where calls were made and none reported.
    """
    calls = calls_in(organisation, month)
    return {
        "month": f"{month:%Y-%m}",
        **_sums(calls.aggregate(**_AGGREGATES)),
        "by_purpose": [
            {"purpose": row.pop("purpose"), **_sums(row)}
            for row in calls.values("purpose").annotate(**_AGGREGATES).order_by("purpose")
        ],
    }


_AGGREGATES = {
    "calls": Count("pk"),
    "unreported": Count(Case(When(input_tokens=None, reserved_tokens__gt=0, then=1))),
    # Other names than the fields': an aggregate must not hide the one it sums.
    "tokens_in": Sum("input_tokens"),
    "tokens_out": Sum("output_tokens"),
    "total_cost": Sum("cost"),
    "counted_tokens": Sum(COUNTED),
}


def _sums(row: dict[str, Any]) -> dict[str, Any]:
    nothing = None if row["calls"] else 0
    known = {name: nothing if row[name] is None else row[name] for name in _AGGREGATES}
    return {
        "calls": known["calls"],
        # Calls that may have taken tokens and whose number nobody told us.
        "unreported_calls": known["unreported"],
        "input_tokens": known["tokens_in"],
        "output_tokens": known["tokens_out"],
        "counted_tokens": known["counted_tokens"],
        "cost": row["total_cost"],
    }
