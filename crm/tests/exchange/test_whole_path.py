"""From a lead here to revenue there and back, over every version and both transports."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from analytics.models import Conversion
from crm.models import (
    LeadNote,
    LeadRevenue,
    LeadState,
    NoteState,
    OdooStage,
    OdooSyncLog,
    RunState,
    SyncKind,
)
from crm.tests.conftest import VERSIONS
from crm.tests.exchange.support import comment_lead, ours
from crm.tests.support import make_lead, sync

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("odoo", VERSIONS, indirect=True)
def test_lead_reaches_odoo_with_what_is_known_of_it(odoo, connection):
    lead = comment_lead()

    run = sync(connection, SyncKind.EXPORT)

    lead.refresh_from_db()
    (record,) = odoo.records("crm.lead")
    assert (run.state, run.created, run.failed, run.error) == (RunState.DONE, 1, 0, "")
    assert (lead.state, lead.odoo_id, lead.claim) == (LeadState.EXPORTED, record["id"], None)
    assert record["external_ids"] == [f"socialhub.lead_{lead.uuid}"]
    assert {
        name: record[name]
        for name in ("name", "contact_name", "email_from", "phone", "partner_name", "type")
    } == {
        "name": lead.name,
        "contact_name": lead.contact_name,
        "email_from": lead.email,
        "phone": "+34 600 11 22 33",
        "partner_name": "Panadería Sol",
        "type": "opportunity",
    }
    # Nobody in particular: neither the bot nor somebody else.
    assert not record["user_id"]
    assert "How much is the &lt;blue&gt; one &amp; when?<br>" in record["description"]
    assert "https://sandbox.example/c/1" in record["description"]
    names = {
        model: next(row["name"] for row in odoo.records(model) if row["id"] == record[field])
        for model, field in (
            ("utm.source", "source_id"),
            ("utm.medium", "medium_id"),
            ("utm.campaign", "campaign_id"),
        )
    }
    assert names == {"utm.source": "Sandbox", "utm.medium": "Social", "utm.campaign": "spring"}


@pytest.mark.parametrize("odoo", VERSIONS, indirect=True)
def test_what_a_salesperson_does_comes_back_as_revenue(odoo, connection):
    lead = comment_lead()
    sync(connection)
    lead.refresh_from_db()
    assert (lead.state, lead.stage_name, lead.outcome) == (LeadState.LINKED, "New", "open")
    odoo.control(f"win/{lead.odoo_id}", {"amount": 1200.0})
    odoo.control(f"invoice/{lead.odoo_id}", {"amount": 1000.0})
    odoo.control(f"invoice/{lead.odoo_id}", {"amount": -150.0})
    odoo.control(f"quote/{lead.odoo_id}", {"amount": 300.0})

    run = sync(connection)

    lead.refresh_from_db()
    assert (run.state, run.error) == (RunState.DONE, "")
    assert (lead.stage_name, lead.outcome, lead.currency) == ("Won", "won", "EUR")
    assert lead.closed_at is not None
    revenue = LeadRevenue.objects.get(lead=lead)
    assert (revenue.quoted, revenue.won, revenue.invoiced, revenue.is_estimate) == (
        Decimal("300.00"),
        Decimal("1200.00"),
        Decimal("850.00"),
        False,
    )
    touch = lead.last_touch
    booked = Conversion.objects.order_by("kind", "amount").values_list(
        "kind", "amount", "publication", "campaign", "variant_key"
    )
    owed = (touch.publication_id, touch.campaign_id, "b")
    assert list(booked) == [
        ("invoice", Decimal("-150.00"), *owed),
        ("invoice", Decimal("1000.00"), *owed),
        ("lead", None, *owed),
        ("opportunity", None, *owed),
        ("order", Decimal("1200.00"), *owed),
    ]


@pytest.mark.parametrize("odoo", VERSIONS, indirect=True)
def test_lost_and_found_again(odoo, connection):
    lead = make_lead(queued=True)
    sync(connection)
    lead.refresh_from_db()

    odoo.control(f"lose/{lead.odoo_id}")
    sync(connection, SyncKind.LEADS)
    lead.refresh_from_db()
    lost = (lead.outcome, lead.lost_reason, lead.closed_at is not None)
    odoo.change("crm.lead", lead.odoo_id, active=True, probability=20.0, lost_reason_id=False)
    sync(connection, SyncKind.LEADS)

    lead.refresh_from_db()
    assert lost == ("lost", "Too expensive", True)
    assert (lead.outcome, lead.lost_reason, lead.closed_at) == ("open", "", None)


@pytest.mark.parametrize("odoo", VERSIONS, indirect=True)
def test_a_later_comment_becomes_a_note_once(odoo, connection):
    lead = make_lead(queued=True)
    sync(connection)
    note = LeadNote.objects.create(lead=lead, text="And in red?", written_at=timezone.now())

    for _ in range(2):
        sync(connection, SyncKind.EXPORT)

    note.refresh_from_db()
    bodies = [row["body"] for row in odoo.records("mail.message") if "And in red" in row["body"]]
    assert (note.state, len(bodies)) == (NoteState.SENT, 1)
    assert str(note.marker) in bodies[0]


def test_replay_of_a_finished_run_changes_nothing(odoo, connection):
    leads = [comment_lead(), make_lead(queued=True)]
    sync(connection)
    leads[0].refresh_from_db()
    odoo.control(f"win/{leads[0].odoo_id}", {"amount": 99.0})
    sync(connection)
    models = ("crm.lead", "sale.order", "utm.source", "utm.campaign", "mail.message")
    before = ours(), [odoo.records(model) for model in models]
    lines = OdooSyncLog.objects.count()

    run = sync(connection)

    assert (run.state, run.created, run.updated, run.failed) == (RunState.DONE, 0, 0, 0)
    assert (ours(), [odoo.records(model) for model in models]) == before
    assert OdooSyncLog.objects.count() == lines


def test_stages_follow_odoo(odoo, connection):
    lead = make_lead(queued=True)
    sync(connection)
    lead.refresh_from_db()
    stage = odoo.create("crm.stage", name="Handshake", sequence=5)
    odoo.change("crm.lead", lead.odoo_id, stage_id=stage)

    sync(connection, SyncKind.LEADS)

    lead.refresh_from_db()
    assert lead.stage == OdooStage.objects.get(connection=connection, odoo_id=stage)
    assert lead.stage_name == "Handshake"
