"""What reading the numbers costs: requests per network, and money where one charges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from analytics.models import CollectionDay
from analytics.queries.filters import Filters
from socialhub.models import Account
from socialhub.platforms.registry import ADAPTERS
from socialhub.services import estimates


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests to one network in a period of UTC days, and what it charges for them.

    `price_usd` is an estimate: posts read × the list price, a post counting once per UTC day.
    None where reading is free.
    """

    platform: str
    calls: int
    failed_calls: int
    readings: int
    first_readings: int
    price_usd: Decimal | None


def costs(filters: Filters) -> list[Cost]:
    """One row per network that was asked, most requests first. One query."""
    rows = CollectionDay.objects.filter(utc_day__range=(filters.first, filters.last))
    if filters.accounts is not None:
        rows = rows.filter(account__in=filters.accounts)
    if filters.platform:
        rows = rows.filter(account__platform=filters.platform)
    counted = rows.values("account__platform").annotate(
        calls=Sum("calls"),
        failed=Sum("failed_calls"),
        readings=Sum("readings"),
        first=Sum("first_readings"),
    )
    found = [
        Cost(
            row["account__platform"],
            row["calls"],
            row["failed"],
            row["readings"],
            row["first"],
            _price(row["account__platform"], row["first"]),
        )
        for row in counted.order_by("-calls", "account__platform")
    ]
    return found


@dataclass(frozen=True, slots=True)
class Month:
    """What an account has spent in the present UTC month, beside its cap (None = no cap)."""

    account: Account
    spent: Decimal
    cap: Decimal | None

    @property
    def is_used_up(self) -> bool:
        return self.cap is not None and self.spent >= self.cap


def months(filters: Filters, at: datetime) -> list[Month]:
    """The month of every account on a network that charges, dearest first. Two queries at most."""
    charged = [slug for slug, one in ADAPTERS.items() if one.capabilities.prices is not None]
    rows = Account.objects.filter(platform__in=charged)
    if filters.accounts is not None:
        rows = rows.filter(pk__in=filters.accounts)
    if filters.platform:
        rows = rows.filter(platform=filters.platform)
    accounts = list(rows.order_by("platform", "handle"))
    standings = estimates.standings(accounts, at)
    found = [Month(one, standings[one.pk].spent, standings[one.pk].cap) for one in accounts]
    return sorted(found, key=lambda month: -month.spent)


def _price(platform: str, posts: int) -> Decimal | None:
    adapter = ADAPTERS.get(platform)
    price = getattr(adapter.capabilities, "read_price_usd", None) if adapter else None
    return None if price is None else posts * price
