"""The figures equal a count made in Odoo itself."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from analytics.models import Conversion
from analytics.queries.filters import Filters
from crm.models import Lead, LeadState, RunState
from crm.queries import attribution
from crm.tests.attribution import rows
from crm.tests.support import make_lead, make_touch, sync
from socialhub.tests.factories import CampaignFactory, PostFactory, PublicationFactory

pytestmark = pytest.mark.django_db

LEADS = 32


@pytest.fixture
def publications():
    """Two posts of each campaign; with a name that Odoo keeps as it is."""
    campaigns = [CampaignFactory(name=name, utm_campaign=name) for name in ("spring", "summer")]
    posts = [PostFactory(approved=True, campaign=campaign) for campaign in campaigns * 2]
    return [PublicationFactory(published=True, post=post) for post in posts]


def period():
    today = timezone.now().date()
    return Filters(today - timedelta(days=2), today + timedelta(days=1))


def play(odoo, leads, dollars):
    """What salespeople do: quotations, wins, invoices, refunds, losses, cancelled orders."""
    rng = random.Random(7)
    for number, lead in enumerate(leads):
        amount = rng.randrange(1_000, 90_000) / 100
        if number % 4 == 0:
            odoo.control(f"quote/{lead.odoo_id}", {"amount": amount})
        elif number % 4 == 1:
            odoo.control(f"win/{lead.odoo_id}", {"amount": amount})
            odoo.control(f"invoice/{lead.odoo_id}", {"amount": amount})
        elif number % 4 == 2:
            odoo.control(f"win/{lead.odoo_id}", {"amount": amount})
            odoo.control(f"invoice/{lead.odoo_id}", {"amount": amount})
            odoo.control(f"invoice/{lead.odoo_id}", {"amount": -amount / 4})
        elif number % 8 == 3:
            odoo.control(f"lose/{lead.odoo_id}")
        if number % 5 == 0:
            order(odoo, lead, 999.99, state="cancel")
        if number % 6 == 0:
            # 1.25 dollars are a euro.
            order(odoo, lead, 125.0 * (1 + number), currency_rate=1.25)
        if number % 7 == 0:
            order(odoo, lead, 77.7 + number, company_id=dollars)


def order(odoo, lead, amount, **fields):
    values = {"name": f"S{amount}", "state": "sale", "amount_untaxed": amount, **fields}
    partner = odoo.create("res.partner", name="Customer")
    odoo.create("sale.order", opportunity_id=lead.odoo_id, partner_id=partner, **values)


def counted(odoo, place):
    """(place, currency) → amounts; `place` is of a row of crm.lead. Over Odoo's own rows."""
    leads = {row["id"]: place(row) for row in odoo.records("crm.lead")}
    money = {row["id"]: row["name"] for row in odoo.records("res.currency")}
    companies = {row["id"]: money[row["currency_id"]] for row in odoo.records("res.company")}
    moves = {row["id"]: row for row in odoo.records("account.move")}
    found = defaultdict(lambda: dict.fromkeys(("quoted", "won", "invoiced"), Decimal(0)))
    for row in odoo.records("sale.order"):
        sums = found[leads[row["opportunity_id"]], companies[row["company_id"]]]
        amount = Decimal(str(row["amount_untaxed"])) / Decimal(str(row["currency_rate"]))
        names = {"draft": "quoted", "sent": "quoted", "sale": "won", "done": "won"}
        if row["state"] in names:
            sums[names[row["state"]]] += amount
        for move in (moves[one] for one in row["invoice_ids"]):
            if move["state"] == "posted":
                sums["invoiced"] += Decimal(str(move["amount_untaxed_signed"]))
    return {
        place: {name: round(value, 2) for name, value in row.items()}
        for place, row in found.items()
    }


def ours(group_by, touch, filters=None):
    """The same of our figures; not known counts as nothing."""
    found = attribution.stats(filters or period(), group_by, touch)
    return {
        (row["label"], row["currency"]): {
            name: row[name] or Decimal(0) for name in ("quoted", "won", "invoiced")
        }
        for row in found
        if row["currency"]
    }


def something(found):
    """Where Odoo counts nothing we may have no row: a cancelled order is not kept."""
    return {place: row for place, row in found.items() if any(row.values())}


@pytest.mark.parametrize("odoo", ["17", "18", "19"], indirect=True)
def test_figures_equal_a_count_made_in_odoo(odoo, connection, publications):
    later = publications[1:] + publications[:1]
    leads = []
    for number in range(LEADS):
        first, last = publications[number % 4], later[number % 4]
        lead = make_lead(queued=True, source="interaction", **rows.origin(first))
        make_touch(lead, timezone.now() - timedelta(hours=2), **rows.origin(first))
        if number % 3 == 0:
            make_touch(lead, timezone.now() - timedelta(hours=1), **rows.origin(last))
        leads.append(lead)
    sync(connection)
    for lead in leads:
        lead.refresh_from_db()
    assert {lead.state for lead in leads} == {LeadState.LINKED}
    currency = odoo.create("res.currency", name="USD", full_name="Dollar", symbol="$")
    play(odoo, leads, odoo.create("res.company", name="Overseas", currency_id=currency))

    run = sync(connection)

    assert (run.state, run.failed, run.error) == (RunState.DONE, 0, "")
    names = {f"socialhub.lead_{lead.uuid}": lead for lead in leads}
    for touch in ("first", "last"):
        for group_by in ("campaign", "post"):

            def place(row, group_by=group_by, touch=touch):
                (name,) = row["external_ids"]
                return str(getattr(getattr(names[name], f"{touch}_touch"), group_by))

            in_odoo = counted(odoo, place)
            assert something(ours(group_by, touch)) == something(in_odoo)
            assert {currency for _place, currency in something(in_odoo)} == {"EUR", "USD"}
    totals = attribution.totals(period())
    states = [row["state"] for row in odoo.records("sale.order")]
    records = {row["id"]: row for row in odoo.records("crm.lead")}
    lost = [lead for lead in leads if not records[lead.odoo_id]["active"]]
    assert (totals["leads"], totals["opportunities"]) == (LEADS, LEADS)
    assert totals["quotations"] == sum(state in ("draft", "sent") for state in states)
    assert totals["orders"] == sum(state in ("sale", "done") for state in states)
    assert (totals["lost_leads"], totals["won_leads"]) == (len(lost), LEADS // 2)


def test_figures_equal_odoos_own_campaigns(odoo, connection, publications):
    """Counted by the campaign that the record in Odoo names, not by what we remember."""
    for publication in publications * 2:
        lead = make_lead(queued=True, source="interaction", **rows.origin(publication))
        make_touch(lead, **rows.origin(publication))
    sync(connection)
    for number, lead in enumerate(Lead.objects.order_by("pk")):
        odoo.control(f"win/{lead.odoo_id}", {"amount": 100.25 * (number + 1)})
    sync(connection)

    names = {row["id"]: row["name"] for row in odoo.records("utm.campaign")}
    in_odoo = counted(odoo, lambda row: names[row["campaign_id"]])

    assert ours("campaign", "last") == in_odoo
    assert len(in_odoo) == 2


def test_conversions_add_up_to_the_same_revenue(odoo, connection, publications):
    for number, publication in enumerate(publications):
        lead = make_lead(queued=True, **rows.origin(publication))
        make_touch(lead, **rows.origin(publication))
        sync(connection)
        lead.refresh_from_db()
        odoo.control(f"win/{lead.odoo_id}", {"amount": 10.5 * (number + 1)})
        odoo.control(f"invoice/{lead.odoo_id}", {"amount": 8.25})
        odoo.control(f"invoice/{lead.odoo_id}", {"amount": -1.25})
    sync(connection)

    for publication in publications:
        filters = replace(period(), account=publication.account_id)
        totals = attribution.totals(filters, "last")
        booked = {
            kind: sum(
                row.amount for row in Conversion.objects.filter(kind=kind, publication=publication)
            )
            for kind in ("order", "invoice")
        }
        assert (booked["order"], booked["invoice"]) == (totals["won"], totals["invoiced"])
        assert totals["invoiced"] == Decimal("7.00")
