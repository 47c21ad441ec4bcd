"""Queue, retry, correct, decide, and why a lead is not in Odoo."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import CrmSettings, Lead, LeadConflict, OdooConnection, OdooSyncRun
from crm.services import capture, leads
from crm.tests.capture.rows import api_origin, told
from crm.tests.support import make_lead
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(db):
    return UserFactory(role="Marketer")


def connected(**fields) -> OdooConnection:
    return OdooConnection.objects.create(
        **{
            "url": "https://odoo.example",
            "database": "shop",
            "login": "bot",
            "state": "ready",
            "version": "18.0",
            "transport": "xmlrpc",
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("connection", "by_itself", "state"),
    [
        (None, True, "new"),
        ({}, True, "queued"),
        ({}, False, "new"),
        ({"state": "paused"}, True, "queued"),
        ({"state": "untested"}, True, "new"),
        ({"state": "incomplete"}, True, "new"),
        ({"is_active": False}, True, "new"),
    ],
)
def test_a_new_lead_goes_on_the_queue_by_itself(connection, by_itself, state):
    CrmSettings.objects.create(pk=1, send_by_itself=by_itself)
    if connection is not None:
        connected(**connection)

    lead, _created = capture.capture(told(email="ana@shop.example"), api_origin())

    assert (lead.state, lead.queued_at is not None) == (state, state == "queued")
    lead.refresh_from_db()
    assert lead.state == state


def test_only_new_leads_are_queued(marketer):
    connected()
    new = make_lead()
    others = [
        make_lead(queued=True),
        make_lead(state="exported", odoo_id=1),
        make_lead(state="parked", park_code="invalid"),
        make_lead(erased_at=timezone.now()),
    ]

    assert leads.queue([new, *others], marketer) == 1

    new.refresh_from_db()
    assert new.state == "queued"


def test_without_an_odoo_nothing_is_queued(marketer):
    lead = make_lead()

    with pytest.raises(Conflict) as refused:
        leads.queue([lead], marketer)

    assert refused.value.code == "no_connection"


def test_exporting_starts_one_run_for_the_chosen(marketer, django_capture_on_commit_callbacks):
    connection, chosen = connected(), [make_lead(), make_lead(state="exported", odoo_id=1)]

    # The callback would send them; here it is only counted.
    with django_capture_on_commit_callbacks() as callbacks:
        run = leads.export(chosen, marketer)

    assert OdooSyncRun.objects.get() == run
    assert (run.connection, run.kind, run.started_by) == (connection, "export", marketer)
    assert run.selected == [lead.pk for lead in chosen]
    assert len(callbacks) == 1
    assert set(Lead.objects.values_list("state", flat=True)) == {"queued", "exported"}


def test_exporting_over_a_paused_connection_changes_nothing(marketer):
    connected(state="paused")
    lead = make_lead()

    with pytest.raises(Conflict):
        leads.export([lead], marketer)

    lead.refresh_from_db()
    assert (lead.state, OdooSyncRun.objects.count()) == ("new", 0)


def test_retrying_never_queues_what_is_in_odoo(marketer):
    parked = {"state": "parked", "park_code": "invalid", "park_reason": "No", "tries": 5}
    there, not_there = make_lead(odoo_id=9, **parked), make_lead(was_sent=True, **parked)
    erased = make_lead(**{**parked, "park_code": "erased"}, erased_at=timezone.now())

    assert leads.retry([there, not_there, erased], marketer) == 2

    for row in (there, not_there, erased):
        row.refresh_from_db()
    assert (there.state, there.park_code, there.tries) == ("exported", "", 0)
    assert (not_there.state, not_there.was_sent, not_there.tries) == ("queued", True, 0)
    assert erased.state == "parked"


def test_correcting_a_lead_moves_its_keys(marketer):
    lead = make_lead(email="old@shop.example")

    leads.update(lead, marketer, email="New@shop.example", phone="+34 600 112 233")

    lead.refresh_from_db()
    assert (lead.email_key, lead.phone_key) == ("new@shop.example", "34600112233")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"email": "nobody"}, "email"),
        ({"name": "  "}, "name"),
        ({"company": "x" * 301}, "company"),
        ({"state": "linked"}, "state"),
    ],
)
def test_a_wrong_correction_names_its_field(marketer, fields, named):
    lead = make_lead()

    with pytest.raises(Invalid) as refused:
        leads.update(lead, marketer, **fields)

    assert list(refused.value.fields) == [named]


def test_an_erased_lead_cannot_be_corrected(marketer):
    with pytest.raises(Conflict):
        leads.update(make_lead(erased_at=timezone.now()), marketer, name="Ana")


@pytest.mark.parametrize(
    ("choice", "email"), [("ours", "ours@shop.example"), ("theirs", "theirs@shop.example")]
)
def test_a_conflict_is_decided_once(marketer, choice, email):
    lead = make_lead(email="ours@shop.example", agreed={"email": "old@shop.example"})
    conflict = LeadConflict.objects.create(
        lead=lead, field="email", ours="ours@shop.example", theirs="theirs@shop.example"
    )

    leads.settle_conflict(conflict, marketer, choice)
    with pytest.raises(Conflict):
        leads.settle_conflict(conflict, marketer, "ours")

    lead.refresh_from_db()
    assert (lead.email, lead.email_key) == (email, email)
    # What Odoo has is the base: ours, when kept, is a change that goes there.
    assert lead.agreed == {"email": "theirs@shop.example"}
    assert (conflict.choice, conflict.settled_by) == (choice, marketer)


def test_verbs_need_their_role():
    lead, analyst = make_lead(), UserFactory(role="Analyst")

    for verb in (
        lambda: leads.queue([lead], analyst),
        lambda: leads.export([lead], analyst),
        lambda: leads.retry([lead], analyst),
        lambda: leads.update(lead, analyst, name="x"),
        lambda: leads.create(analyst, name="x"),
    ):
        with pytest.raises(Forbidden):
            verb()


# -- why ----------------------------------------------------------------------------


SOON = timezone.now() + timedelta(hours=1)


@pytest.mark.parametrize(
    ("lead", "connection", "code", "action"),
    [
        ({}, None, "no_connection", "connect"),
        ({}, {}, "new", "export"),
        ({"queued": True}, {}, "queued", ""),
        ({"queued": True}, {"state": "paused", "paused_reason": "Key"}, "paused", "connect"),
        ({"queued": True}, {"state": "untested"}, "not_ready", "connect"),
        ({"queued": True}, {"blocked_until": SOON}, "resting", ""),
        ({"queued": True, "was_sent": True}, {}, "unknown", ""),
        ({"queued": True, "next_try_at": SOON}, {}, "again_later", ""),
        ({"queued": True, "claim": uuid.uuid4()}, {}, "sending", ""),
        ({"state": "exported", "odoo_id": 1}, {}, "in_odoo", "open"),
        ({"state": "linked", "odoo_id": 1, "gone_since": SOON}, {}, "gone", ""),
        ({"state": "parked", "park_code": "invalid", "park_reason": "No"}, {}, "invalid", "retry"),
        ({"erased_at": SOON}, {}, "erased", ""),
    ],
)
def test_why_a_lead_is_not_in_odoo(lead, connection, code, action):
    if connection is not None:
        connected(**connection)

    found = leads.why(make_lead(**lead))

    assert (found.code, found.action) == (code, action)
    assert found.sentence
