"""Answers cut after the commit, at every call: the end is the same as without."""

from __future__ import annotations

import pytest
from django.utils import timezone

from analytics.models import Conversion
from crm.models import Lead, LeadNote, OdooConnection, OdooSyncLog, OdooSyncRun
from crm.tests.exchange.support import comment_lead, hurry, ours, settle, sync_leads, theirs
from crm.tests.support import make_connection
from socialhub.models import Campaign, Interaction

# One process after the other: what they lock is shown by test_processes.
pytestmark = [pytest.mark.thorough, pytest.mark.django_db, pytest.mark.one_database]


def emptied() -> None:
    for model in (Conversion, LeadNote, OdooSyncLog, OdooSyncRun, Lead, OdooConnection):
        model.objects.all().delete()
    Interaction.objects.all().delete()
    Campaign.objects.all().delete()


def first_sync(odoo, cut: int | None, fault: str):
    """A lead and a note for the first time; the `cut`-th call of it loses its answer."""
    emptied()
    odoo.control("reset", {"version": odoo.version})
    connection = make_connection(odoo.url, transport=odoo.transport)
    lead = comment_lead()
    LeadNote.objects.create(lead=lead, text="And in red?", written_at=timezone.now())
    if cut is not None:
        odoo.fault("*", fault, skip=cut)
    sync_leads(connection)
    return connection, lead


def second_sync(odoo, cut: int | None, fault: str):
    """Won, invoiced and changed on both sides; the `cut`-th call loses its answer."""
    connection, lead = first_sync(odoo, None, fault)
    settle(connection)
    lead.refresh_from_db()
    odoo.control(f"win/{lead.odoo_id}", {"amount": 500.0})
    odoo.control(f"invoice/{lead.odoo_id}", {"amount": 400.0})
    odoo.change("crm.lead", lead.odoo_id, partner_name="Panadería Luna")
    Lead.objects.filter(pk=lead.pk).update(contact_name="Ana María")
    if cut is not None:
        odoo.fault("*", fault, skip=cut)
    sync_leads(connection)
    return connection, lead


@pytest.mark.parametrize(
    ("story", "fault"),
    [
        (first_sync, "cut_after_commit"),
        (second_sync, "cut_after_commit"),
        (first_sync, "502_after_commit"),
    ],
)
@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_answer_lost_at_every_call_ends_as_without(odoo, db, story, fault):
    connection, _lead = story(odoo, None, fault)
    settle(connection)
    expected = ours(comparable=True), theirs(odoo)

    cut, fired = 0, True
    while fired:
        connection, lead = story(odoo, cut, fault)
        fired = not odoo.faults()
        odoo.clear_faults()
        settle(connection)
        assert (ours(comparable=True), theirs(odoo)) == expected, f"cut at call {cut}"
        lines = OdooSyncLog.objects.filter(object_type="lead", object_id=lead.pk)
        assert lines.filter(operation="create", outcome__in=["ok", "skipped"]).exists()
        cut += 1

    # Every call of a sync was cut once.
    assert cut > 5


def test_note_is_not_sent_again_while_nobody_knows(odoo, connection):
    lead = comment_lead()
    settle(connection)
    note = LeadNote.objects.create(lead=lead, text="And in red?", written_at=timezone.now())
    odoo.fault("message_post", "reset_before")

    states = []
    for _ in range(4):
        hurry()
        sync_leads(connection)
        note.refresh_from_db()
        states.append((note.state, len(odoo.log("message_post"))))

    # Cut before Odoo saw it: two looks, minutes apart, then once more.
    assert states[0] == ("unknown", states[0][1])
    assert note.state == "sent"
    assert sum("And in red" in row["body"] for row in odoo.records("mail.message")) == 1


def test_note_waits_for_a_person_when_messages_cannot_be_read(odoo, connection):
    lead = comment_lead()
    settle(connection)
    note = LeadNote.objects.create(lead=lead, text="And in red?", written_at=timezone.now())
    odoo.settings(rights={"mail.message": {"read": False}})
    odoo.fault("message_post", "cut_after_commit")
    sync_leads(connection)

    hurry()
    sync_leads(connection)
    hurry()
    sync_leads(connection)

    note.refresh_from_db()
    assert note.state == "parked"
    assert sum("And in red" in row["body"] for row in odoo.records("mail.message")) == 1
