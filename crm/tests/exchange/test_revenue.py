"""Sums of a lead equal a count made in Odoo, whatever happens to its orders there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from analytics.models import Conversion
from crm.models import (
    CrmSettings,
    LeadOrder,
    LeadRevenue,
    OdooCursor,
    OdooSyncLog,
    RunState,
    SyncKind,
)
from crm.services import conversions
from crm.tests.exchange.support import comment_lead, ours
from crm.tests.support import make_lead, make_touch, sync
from socialhub.tests.factories import PublicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def linked(odoo, connection):
    lead = comment_lead()
    for kind in (SyncKind.EXPORT, SyncKind.LEADS, SyncKind.REVENUE):
        sync(connection, kind)
    lead.refresh_from_db()
    return lead


def sums(lead) -> tuple[str, ...]:
    row = LeadRevenue.objects.get(lead=lead)
    return tuple(str(value) for value in (row.quoted, row.won, row.invoiced))


def counted(odoo, lead) -> tuple[str, ...]:
    """The same count over the stand-in's own rows."""
    mine = [row for row in odoo.records("sale.order") if row["opportunity_id"] == lead.odoo_id]
    moves = {one for row in mine for one in row["invoice_ids"]}

    def total(states):
        amounts = [
            Decimal(str(row["amount_untaxed"])) / Decimal(str(row["currency_rate"]))
            for row in mine
            if row["state"] in states
        ]
        return f"{sum(amounts, Decimal(0)):.2f}"

    invoiced = [
        Decimal(str(row["amount_untaxed_signed"]))
        for row in odoo.records("account.move")
        if row["id"] in moves and row["state"] == "posted"
    ]
    total_invoiced = f"{sum(invoiced, Decimal(0)):.2f}"
    return total(("draft", "sent")), total(("sale", "done")), total_invoiced


def order(odoo, lead, amount, state="sale", **fields):
    partner = odoo.create("res.partner", name="Customer")
    return odoo.create(
        "sale.order",
        name=f"S{amount}",
        opportunity_id=lead.odoo_id,
        partner_id=partner,
        amount_untaxed=amount,
        state=state,
        **fields,
    )


@pytest.mark.parametrize("odoo", ["16", "17", "18", "19"], indirect=True)
def test_sums_equal_a_count_in_odoo(odoo, connection, linked):
    order(odoo, linked, 100.0)
    order(odoo, linked, 250.5, "done" if odoo.version < "17" else "sale")
    order(odoo, linked, 40.0, "draft")
    order(odoo, linked, 60.0, "sent")
    order(odoo, linked, 999.0, "cancel")
    # 220 dollars at 1.1 are 200 euros.
    order(odoo, linked, 220.0, currency_rate=1.1)
    odoo.control(f"invoice/{linked.odoo_id}", {"amount": 90.0})
    odoo.control(f"invoice/{linked.odoo_id}", {"amount": -20.0})

    run = sync(connection, SyncKind.REVENUE)

    assert (run.state, run.error) == (RunState.DONE, "")
    assert sums(linked) == counted(odoo, linked) == ("100.00", "550.50", "70.00")
    booked = Conversion.objects.filter(kind="order").values_list("amount", flat=True)
    assert sum(booked) == Decimal("550.50")
    line = OdooSyncLog.objects.get(object_type="revenue", object_id=linked.pk)
    assert line.changes["won"] == ["", "550.50"]


def test_changed_cancelled_and_moved_orders_are_followed(odoo, connection, linked):
    other = make_lead(queued=True)
    sync(connection, SyncKind.EXPORT)
    other.refresh_from_db()
    first, second = order(odoo, linked, 100.0), order(odoo, linked, 50.0)
    sync(connection, SyncKind.REVENUE)
    assert sums(linked)[1] == "150.00"

    odoo.change("sale.order", first, amount_untaxed=120.0)
    sync(connection, SyncKind.REVENUE)
    assert sums(linked)[1] == "170.00"

    odoo.change("sale.order", first, state="cancel")
    odoo.change("sale.order", second, opportunity_id=other.odoo_id)
    sync(connection, SyncKind.REVENUE)

    assert (sums(linked)[1], sums(other)[1]) == ("0.00", "50.00")
    assert sorted(Conversion.objects.filter(kind="order").values_list("key", flat=True)) == [
        f"crm:order:{other.uuid}:{second}"
    ]


def test_deleted_order_is_healed_by_the_daily_reading(odoo, connection, linked):
    first = order(odoo, linked, 100.0)
    sync(connection, SyncKind.REVENUE)
    odoo.delete("sale.order", first)
    cursor = OdooCursor.objects.get(connection=connection, kind="revenue")
    cursor.details["full_read_at"] = (timezone.now() - timedelta(hours=25)).isoformat()
    cursor.save()

    sync(connection, SyncKind.REVENUE)

    assert sums(linked)[1] == "0.00"
    assert not LeadOrder.objects.exists()
    assert not Conversion.objects.filter(kind="order").exists()


def test_invoice_posted_later_counts_though_its_order_was_not_written(odoo, connection, linked):
    odoo.control(f"win/{linked.odoo_id}", {"amount": 100.0})
    made = odoo.control(f"invoice/{linked.odoo_id}", {"amount": 100.0})
    move = made["invoice"]
    odoo.change("account.move", move, state="draft")
    sync(connection, SyncKind.REVENUE)
    assert sums(linked) == ("0.00", "100.00", "0.00")

    odoo.change("account.move", move, state="posted")
    sync(connection, SyncKind.REVENUE)

    assert sums(linked) == ("0.00", "100.00", "100.00")


@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_nothing_changed_takes_three_requests_and_changes_nothing(odoo, connection, linked):
    odoo.control(f"win/{linked.odoo_id}", {"amount": 100.0})
    odoo.control(f"invoice/{linked.odoo_id}", {"amount": 100.0})
    for kind in (SyncKind.LEADS, SyncKind.REVENUE, SyncKind.REVENUE):
        sync(connection, kind)
    before = ours()

    runs = [sync(connection, kind) for kind in (SyncKind.LEADS, SyncKind.REVENUE)]

    assert [(run.state, run.updated) for run in runs] == [(RunState.DONE, 0)] * 2
    assert [run.requests <= 3 for run in runs] == [True, True]
    assert ours() == before


def test_invoices_that_cannot_be_read_are_not_told(odoo, connection, linked):
    odoo.settings(rights={"account.move": {"read": False}})
    order(odoo, linked, 100.0)
    odoo.control(f"invoice/{linked.odoo_id}", {"amount": 100.0})

    run = sync(connection, SyncKind.REVENUE)

    assert run.state == RunState.DONE
    row = LeadRevenue.objects.get(lead=linked)
    assert (row.won, row.invoiced, row.is_estimate) == (Decimal("100.00"), None, False)


@pytest.mark.parametrize("odoo", ["17", "18", "19"], indirect=True)
def test_without_the_sale_app_a_won_lead_is_an_estimate(odoo, connection):
    odoo.settings(apps={"sale": False})
    lead = make_lead(queued=True)
    sync(connection, SyncKind.EXPORT)
    sync(connection, SyncKind.LEADS)
    lead.refresh_from_db()
    odoo.control(f"win/{lead.odoo_id}", {"amount": 800.0})
    for kind in (SyncKind.LEADS, SyncKind.REVENUE):
        sync(connection, kind)

    row = LeadRevenue.objects.get(lead=lead)
    assert (row.won, row.quoted, row.invoiced) == (Decimal("800.00"), None, None)
    assert (row.currency, row.is_estimate) == ("EUR", True)

    odoo.control(f"lose/{lead.odoo_id}")
    for kind in (SyncKind.LEADS, SyncKind.REVENUE):
        sync(connection, kind)
    assert not LeadRevenue.objects.filter(lead=lead).exists()


# -- conversions ---------------------------------------------------------------------


def test_booking_twice_changes_nothing():
    lead = comment_lead()

    first, again = conversions.book(lead), conversions.book(lead)

    assert (first, again, Conversion.objects.count()) == (1, 0, 1)


def test_conversions_belong_to_the_touch_the_settings_say():
    lead = make_lead()
    early, late = PublicationFactory(), PublicationFactory()
    make_touch(lead, publication=early)
    make_touch(lead, publication=late)
    owed = []
    for attribution in ("last", "first"):
        CrmSettings.objects.update_or_create(pk=1, defaults={"attribution": attribution})
        conversions.book(lead)
        owed.append(Conversion.objects.get().publication_id)

    assert owed == [late.pk, early.pk]


def test_conversions_of_other_leads_stay():
    leads = [make_lead() for _ in range(3)]
    for lead in leads:
        conversions.book(lead)
    LeadOrder.objects.create(
        lead=leads[0],
        model="sale.order",
        odoo_id=5,
        kind="order",
        amount=Decimal("9.00"),
        currency="EUR",
        happened_at=timezone.now(),
    )
    conversions.book(leads[0])
    LeadOrder.objects.all().delete()

    changed = conversions.book(leads[0])

    assert changed == 1
    keys = sorted(Conversion.objects.values_list("key", flat=True))
    assert keys == sorted(f"crm:lead:{lead.uuid}" for lead in leads)
