"""Figures equal a count made lead by lead, on random rows."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from analytics.queries.filters import Filters
from crm.models import CrmSettings, Lead, LeadOrder, LeadRevenue
from crm.queries import attribution
from crm.queries.amounts import AMOUNTS, COUNTS
from crm.tests.attribution import reference, rows
from crm.tests.support import make_lead, make_product, make_touch
from socialhub.tests.factories import CampaignFactory, PublicationFactory, organisation

pytestmark = pytest.mark.django_db

# Its clocks went forward on 5 April 2026 at midnight, within the period.
ZONE = ZoneInfo("America/Santiago")
AROUND = datetime(2026, 4, 5, 4, tzinfo=UTC)
PERIOD = Filters(date(2026, 3, 28), date(2026, 4, 12))


def counts_of(found):
    return {
        row["key"]: {name: row[name] for name in COUNTS}
        for row in found
        if row["leads"] is not None
    }


def amounts_of(found):
    return {
        (row["key"], row["currency"]): {name: row[name] for name in (*AMOUNTS, "is_estimate")}
        for row in found
        if row["currency"]
    }


def narrowings(shop):
    first, second, other = (account.pk for account in shop.accounts)
    return [
        PERIOD,
        replace(PERIOD, platform="sandbox"),
        replace(PERIOD, account=second),
        replace(PERIOD, campaign=shop.campaigns[0].pk),
        replace(PERIOD, content_type="image"),
        replace(PERIOD, granted=(first, other)),
        replace(PERIOD, granted=(first,), account=second),
        replace(PERIOD, first=PERIOD.last),
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_grouping_equals_a_count_lead_by_lead(seed):
    organisation(timezone=ZONE.key)
    shop = rows.shop()
    rows.leads(shop, random.Random(seed), AROUND, 60)
    groups = [name for name in attribution.GROUPS if name != "week"]

    for filters in narrowings(shop):
        for touch in ("first", "last"):
            for group_by in groups:
                found = attribution.stats(filters, group_by, touch)
                counts, amounts, _currencies = reference.stats(filters, group_by, touch, ZONE)

                assert counts_of(found) == {
                    key: {name: row[name] for name in COUNTS} for key, row in counts.items()
                }
                assert amounts_of(found) == amounts


@pytest.mark.parametrize("touch", ["first", "last"])
def test_weeks_equal_a_count_lead_by_lead_and_are_all_there(touch):
    organisation(timezone=ZONE.key)
    shop = rows.shop()
    rows.leads(shop, random.Random(4), AROUND, 60)
    nothing = dict.fromkeys(COUNTS, 0)

    for filters in narrowings(shop):
        found = attribution.stats(filters, "week", touch)
        counts, amounts, _currencies = reference.stats(filters, "week", touch, ZONE)

        weeks = list(dict.fromkeys(row["key"] for row in found))
        begin = filters.first - timedelta(days=filters.first.weekday())
        assert weeks == [
            begin + timedelta(days=n) for n in range(0, (filters.last - begin).days + 1, 7)
        ]
        assert counts_of(found) == {
            week: {name: counts[week][name] for name in COUNTS} if week in counts else nothing
            for week in weeks
        }
        told = {place: part for place, part in amounts_of(found).items() if place in amounts}
        assert told == amounts
        assert {
            (row["key"], row["currency"]): row["won_by_order_date"]
            for row in found
            if row["won_by_order_date"] is not None
        } == reference.ordered(filters, touch, ZONE)


@pytest.mark.parametrize("touch", ["first", "last"])
def test_totals_equal_the_sum_of_all_groups(touch):
    organisation(timezone=ZONE.key)
    shop = rows.shop()
    rows.leads(shop, random.Random(5), AROUND, 60)

    for filters in narrowings(shop):
        totals = attribution.totals(filters, touch)
        counts, amounts, currencies = reference.stats(filters, "product", touch, ZONE)

        for name in COUNTS:
            assert totals[name] == sum(row[name] for row in counts.values())
        assert [part["currency"] for part in totals["amounts"]] == currencies
        for part in totals["amounts"]:
            for name in AMOUNTS:
                known = [
                    row[name]
                    for (_key, currency), row in amounts.items()
                    if currency == part["currency"] and row[name] is not None
                ]
                assert part[name] == (sum(known) if known else None)


# -- single rules ----------------------------------------------------------------------


def test_lead_counts_for_the_contact_the_settings_say():
    first, last = PublicationFactory(published=True), PublicationFactory(published=True)
    lead = make_lead(created_at=AROUND)
    make_touch(lead, AROUND, **rows.origin(first))
    make_touch(lead, AROUND + timedelta(hours=1), **rows.origin(last))

    by_default = attribution.stats(PERIOD, "post")
    CrmSettings.objects.update(attribution="first")
    by_setting = attribution.stats(PERIOD, "post")

    assert [row["key"] for row in by_default] == [last.post_id]
    assert [row["key"] for row in by_setting] == [first.post_id]
    assert [row["key"] for row in attribution.stats(PERIOD, "post", "last")] == [last.post_id]


def test_nothing_known_is_none_and_not_zero():
    make_lead(created_at=AROUND)

    (row,) = attribution.stats(PERIOD, "campaign")

    assert row == {
        "key": None,
        "label": "no campaign",
        "leads": 1,
        **dict.fromkeys(("opportunities", "quotations", "orders", "won_leads", "lost_leads"), 0),
        **dict.fromkeys(("quoted", "won", "invoiced", "cost_per_lead", "budget")),
        "currency": "",
        "is_estimate": False,
    }


def test_each_further_currency_has_a_row_without_counts():
    lead = make_lead(created_at=AROUND, product=make_product(name="Tent"))
    LeadRevenue.objects.create(
        lead=lead, quoted=0, won=Decimal("10.10"), currency="EUR", read_at=AROUND
    )
    for number, currency in enumerate(("EUR", "USD")):
        LeadOrder.objects.create(
            lead=lead,
            model="sale.order",
            odoo_id=number,
            kind="order",
            amount=Decimal("10.10"),
            currency=currency,
            happened_at=AROUND,
        )

    found = attribution.stats(PERIOD, "product")

    assert [
        (row["label"], row["leads"], row["orders"], row["currency"], row["won"]) for row in found
    ] == [
        ("Tent", 1, 2, "EUR", Decimal("10.10")),
        ("Tent", None, None, "USD", Decimal("10.10")),
    ]


@pytest.mark.parametrize(("won", "is_estimate"), [(Decimal(5), True), (None, False)])
def test_sum_is_an_estimate_when_a_part_of_it_is_one(won, is_estimate):
    for estimate in (won, None):
        LeadRevenue.objects.create(
            lead=make_lead(created_at=AROUND),
            won=estimate,
            currency="EUR",
            is_estimate=True,
            read_at=AROUND,
        )

    totals = attribution.totals(PERIOD)

    assert (totals["won"], totals["is_estimate"]) == (won, is_estimate)


def test_groups_with_most_won_revenue_come_first_and_limit_counts_groups():
    for won in (None, Decimal(5), Decimal(50)):
        lead = make_lead(created_at=AROUND, product=make_product(name=f"won {won}"))
        LeadRevenue.objects.create(lead=lead, won=won, currency="EUR", read_at=AROUND)
    make_lead(created_at=AROUND)

    found = attribution.stats(PERIOD, "product")

    labels = ["won 50", "won 5", "won None", "no product"]
    assert [row["label"] for row in found] == labels
    assert [row["label"] for row in attribution.stats(PERIOD, "product", limit=2)] == labels[:2]


def test_cost_is_the_budget_over_all_leads_of_the_campaign():
    campaign = CampaignFactory(budget=Decimal("100.00"))
    plain = CampaignFactory()
    publication = PublicationFactory(published=True)
    for number in range(3):
        # One of them lies outside the period.
        lead = make_lead(created_at=AROUND - timedelta(days=15 * number))
        make_touch(lead, account=publication.account, campaign=campaign)
    make_touch(make_lead(created_at=AROUND), account=publication.account, campaign=plain)

    found = {row["key"]: row for row in attribution.stats(PERIOD, "campaign")}
    limited = attribution.stats(replace(PERIOD, granted=(publication.account_id,)), "campaign")

    costs = {key: (row["leads"], row["budget"], row["cost_per_lead"]) for key, row in found.items()}
    assert costs == {
        campaign.pk: (1, Decimal("100.00"), Decimal("33.33")),
        plain.pk: (1, None, None),
    }
    # Who may not see all leads cannot divide by them.
    assert {row["cost_per_lead"] for row in limited} == {None}


@pytest.mark.parametrize(("group_by", "touch"), [("stage", "last"), ("post", "middle")])
def test_unknown_names_are_refused(group_by, touch):
    with pytest.raises(ValueError, match=r"stage|middle"):
        attribution.stats(PERIOD, group_by, touch)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("group_by", "queries"),
    [("post", 6), ("campaign", 8), ("account", 6), ("product", 6), ("variant", 5), ("week", 8)],
)
def test_query_count_is_constant(django_assert_num_queries, group_by, queries, count):
    organisation(timezone=ZONE.key)
    CrmSettings.get()
    for _ in range(count):
        campaign = CampaignFactory(budget=Decimal(10))
        publication = PublicationFactory(published=True, post__campaign=campaign)
        lead = make_lead(created_at=AROUND, product=make_product())
        make_touch(lead, AROUND, **rows.origin(publication, "a"))
    assert Lead.objects.count() == count

    with django_assert_num_queries(queries):
        attribution.stats(PERIOD, group_by)
