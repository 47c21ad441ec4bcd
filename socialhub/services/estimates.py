"""What it would cost to publish something, and what is left of the month for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from socialhub.models import Account, AccountSpending
from socialhub.platforms.base import Draft
from socialhub.services.spending import NOTHING, Standing, month_of


@dataclass(frozen=True, slots=True)
class Estimate:
    """USD by the network's price list. `link_factor`: how much dearer its link makes a post."""

    amount: Decimal
    link_factor: int | None = None


def estimate(account: Account, draft: Draft) -> Estimate | None:
    """What publishing `draft` costs there; None where the network charges nothing."""
    prices = account.capabilities.prices
    if prices is None:
        return None
    kinds = account.adapter.charges(draft, account.merged_options)
    factor = None
    if kinds.get("post_with_link") and prices.per.get("post"):
        factor = int(prices.per["post_with_link"] / prices.per["post"])
    return Estimate(prices.cost(kinds), factor)


def standings(accounts: Iterable[Account], at: datetime) -> dict[int, Standing]:
    """The month of each account that has prices, by its id; one query, none without such."""
    charged = [one for one in accounts if one.capabilities.prices is not None]
    if not charged:
        return {}
    month = month_of(at)
    rows = AccountSpending.objects.filter(account__in=[one.pk for one in charged], month=month)
    spent = {row.account_id: (row.writing_usd, row.reading_usd) for row in rows}
    return {
        one.pk: Standing(month, *spent.get(one.pk, (NOTHING, NOTHING)), one.monthly_cap_usd)
        for one in charged
    }
