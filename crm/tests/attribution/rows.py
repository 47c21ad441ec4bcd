"""Random leads with touches, orders and revenue."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crm.models import Lead, LeadOrder, LeadRevenue
from crm.tests.support import make_lead, make_product, make_service, make_touch
from socialhub.models import Account, Campaign, Publication
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    PostFactory,
    PublicationFactory,
)

CURRENCIES = ("EUR", "EUR", "EUR", "USD")


@dataclass(slots=True)
class Shop:
    accounts: list[Account]
    campaigns: list[Campaign]
    publications: list[Publication]
    products: list[Any]


def shop() -> Shop:
    """Accounts on two networks, campaigns with and without a budget, posts of two types."""
    accounts = [AccountFactory(), AccountFactory(), AccountFactory(platform="mastodon")]
    campaigns = [CampaignFactory(budget=Decimal("100.00")), CampaignFactory()]
    publications = []
    for number in range(6):
        post = PostFactory(
            approved=True,
            campaign=(*campaigns, None)[number % 3],
            content_type=("text", "image")[number % 2],
        )
        for account in accounts[: 1 + number % 3]:
            publications.append(PublicationFactory(post=post, account=account, published=True))
    return Shop(accounts, campaigns, publications, [make_product(), make_service()])


def origin(publication: Publication, variant: str = "") -> dict[str, Any]:
    return {
        "publication": publication,
        "post": publication.post,
        "account": publication.account,
        "campaign": publication.post.campaign,
        "variant_key": variant,
    }


def leads(shop: Shop, rng: random.Random, around: datetime, count: int) -> list[Lead]:
    """Leads within two weeks of a moment, to the second, with up to three touches each."""
    return [_lead(shop, rng, around) for _ in range(count)]


def _lead(shop: Shop, rng: random.Random, around: datetime) -> Lead:
    at = around + timedelta(seconds=rng.randrange(-14 * 86_400, 14 * 86_400))
    item = rng.choice([None, None, *shop.products])
    lead = make_lead(
        created_at=at,
        outcome=rng.choice(["open", "open", "won", "lost"]),
        opportunity_at=rng.choice([None, at]),
        **({item.kind: item} if item else {}),
        **(origin(rng.choice(shop.publications)) if rng.random() < 0.5 else {}),
    )
    for _ in range(rng.randrange(4)):
        known = rng.random() < 0.8
        variant = rng.choice(["", "a", "b"])
        make_touch(lead, at, **(origin(rng.choice(shop.publications), variant) if known else {}))
    _revenue(lead, rng, around)
    return lead


def _revenue(lead: Lead, rng: random.Random, around: datetime) -> None:
    """Nothing told, an estimate, or orders and their sums in the newest one's currency."""
    how = rng.random()
    read = {"lead": lead, "read_at": around}
    if how < 0.2:
        won = Decimal(rng.randrange(100_000)) / 100
        LeadRevenue.objects.create(won=won, currency="EUR", is_estimate=True, **read)
    elif how < 0.7:
        rows = [_order(lead, rng, around, number) for number in range(rng.randrange(1, 5))]
        currency = max(rows, key=lambda row: row.happened_at).currency
        mine = [row for row in rows if row.currency == currency]
        told = rng.random() < 0.8

        def total(*kinds: str) -> Decimal:
            return sum((row.amount for row in mine if row.kind in kinds), Decimal(0))

        LeadRevenue.objects.create(
            quoted=total("quotation"),
            won=total("order"),
            invoiced=total("invoice", "refund") if told else None,
            currency=currency,
            **read,
        )


def _order(lead: Lead, rng: random.Random, around: datetime, number: int) -> LeadOrder:
    kind = rng.choice(["quotation", "order", "order", "invoice", "refund"])
    amount = Decimal(rng.randrange(1, 500_000)) / 100
    return LeadOrder.objects.create(
        lead=lead,
        model="sale.order" if kind in ("quotation", "order") else "account.move",
        odoo_id=number + 1,
        kind=kind,
        amount=-amount if kind == "refund" else amount,
        currency=rng.choice(CURRENCIES),
        happened_at=around + timedelta(seconds=rng.randrange(-20 * 86_400, 20 * 86_400)),
    )
