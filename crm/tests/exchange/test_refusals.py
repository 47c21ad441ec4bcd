"""What Odoo refuses: which lead is parked, what pauses the connection, what goes on."""

from __future__ import annotations

import pytest

from crm.models import (
    ConnectionState,
    LeadState,
    OdooCredential,
    OdooReference,
    OdooSyncLog,
    OdooSyncRun,
    RunState,
    SyncKind,
)
from crm.services.odoo import parts
from crm.tests.exchange.support import comment_lead, hurry
from crm.tests.support import make_lead, sync

pytestmark = pytest.mark.django_db

TRANSPORTS = ["17", "18", "19"]


def wrong_key(odoo, connection):
    OdooCredential.objects.filter(connection=connection).update(key="wrong")


def ended_key(odoo, connection):
    odoo.settings(key_expires="2020-01-01T00:00:00")


@pytest.mark.parametrize("spoil", [wrong_key, ended_key])
@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_refused_key_pauses_at_once_and_is_not_tried_again(odoo, connection, spoil):
    leads = [make_lead(queued=True) for _ in range(3)]
    spoil(odoo, connection)
    odoo.clear_log()

    run = sync(connection, SyncKind.EXPORT)
    connection.refresh_from_db()
    asked = len(odoo.log())
    periodic = parts.run_now(SyncKind.EXPORT)
    started = sync(connection, SyncKind.EXPORT)

    assert (run.state, run.error_class, asked) == (RunState.FAILED, "AuthError", 1)
    assert connection.state == ConnectionState.PAUSED
    assert periodic == {"run": None, "state": "no_connection"}
    assert (started.state, len(odoo.log())) == (RunState.FAILED, 1)
    for lead in leads:
        lead.refresh_from_db()
        assert (lead.state, lead.claim) == (LeadState.QUEUED, None)


@pytest.mark.parametrize("odoo", TRANSPORTS, indirect=True)
def test_missing_database_fails_the_run_with_a_sentence(odoo, connection):
    lead = make_lead(queued=True)
    type(connection).objects.filter(pk=connection.pk).update(database="nodb")

    run = sync(connection, SyncKind.EXPORT)

    lead.refresh_from_db()
    assert (run.state, run.error_class) == (RunState.FAILED, "ConfigError")
    assert "database" in run.error
    assert lead.state == LeadState.QUEUED


@pytest.mark.parametrize("odoo", TRANSPORTS, indirect=True)
def test_missing_crm_app_keeps_leads_waiting(odoo, connection):
    lead = make_lead(queued=True)
    odoo.settings(apps={"crm": False})

    runs = [sync(connection, kind) for kind in (SyncKind.EXPORT, SyncKind.LEADS)]
    odoo.settings(apps={"crm": True})
    hurry()
    again = sync(connection, SyncKind.EXPORT)

    lead.refresh_from_db()
    assert [(run.state, run.error_class) for run in runs] == [
        (RunState.FAILED, "Unsupported"),
        (RunState.FAILED, "Unsupported"),
    ]
    assert (again.state, lead.state) == (RunState.DONE, LeadState.EXPORTED)


@pytest.mark.parametrize("odoo", TRANSPORTS, indirect=True)
def test_one_bad_lead_is_parked_and_the_others_go_on(odoo, connection):
    bad, good = make_lead(queued=True, name="Too large"), make_lead(queued=True)
    odoo.fault("crm.lead.load", "413", contains="Too large")

    run = sync(connection, SyncKind.EXPORT)

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (run.state, run.created, run.failed) == (RunState.DONE, 1, 1)
    assert (bad.state, bad.park_code, bad.claim) == (LeadState.PARKED, "invalid", None)
    assert "too large" in bad.park_reason
    assert good.state == LeadState.EXPORTED


@pytest.mark.parametrize("odoo", TRANSPORTS, indirect=True)
def test_no_right_to_create_leads_parks_them_saying_so(odoo, connection):
    lead = make_lead(queued=True)
    odoo.settings(rights={"crm.lead": {"create": False}})

    sync(connection, SyncKind.EXPORT)

    lead.refresh_from_db()
    assert (lead.state, lead.park_code) == (LeadState.PARKED, "access")
    assert "not allowed" in lead.park_reason


@pytest.mark.parametrize("odoo", TRANSPORTS, indirect=True)
def test_hidden_record_is_gone_and_the_others_are_read(odoo, connection):
    from crm.services.odoo.pulling import check_gone

    hidden, seen = make_lead(queued=True), make_lead(queued=True)
    sync(connection, SyncKind.EXPORT)
    sync(connection, SyncKind.LEADS)
    hidden.refresh_from_db()
    seen.refresh_from_db()
    odoo.settings(rules={"crm.lead": {"hidden_ids": [hidden.odoo_id]}})
    odoo.change("crm.lead", seen.odoo_id, probability=42.0)

    run = sync(connection, SyncKind.LEADS)
    in_session(connection, check_gone)
    hidden.refresh_from_db()
    gone = hidden.gone_since
    odoo.settings(rules={"crm.lead": {"hidden_ids": []}})
    in_session(connection, check_gone)

    hidden.refresh_from_db()
    seen.refresh_from_db()
    assert (run.state, seen.probability, seen.gone_since) == (RunState.DONE, 42.0, None)
    assert gone is not None
    assert hidden.gone_since is None


def in_session(connection, work):
    """Carry out a piece of a sync as a run does."""
    from django.utils import timezone

    from crm.services.odoo.session import LEASE_SECONDS, Session, lease_key
    from socialhub.services import leases

    run = OdooSyncRun.objects.create(
        connection=connection,
        kind=SyncKind.SCAN,
        direction="in",
        state=RunState.RUNNING,
        started_at=timezone.now(),
    )
    owner = leases.take(lease_key(connection.pk), LEASE_SECONDS)
    assert owner is not None
    try:
        work(Session(run, connection, owner))
    finally:
        leases.release(lease_key(connection.pk), owner)
        OdooSyncRun.objects.filter(pk=run.pk).update(
            state=RunState.DONE, finished_at=timezone.now()
        )


@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_deleted_in_odoo_is_never_sent_again(odoo, connection):
    from crm.services.odoo.pulling import check_gone

    lead = make_lead(queued=True)
    sync(connection, SyncKind.EXPORT)
    lead.refresh_from_db()
    odoo.delete("crm.lead", lead.odoo_id)

    in_session(connection, check_gone)
    sync(connection, SyncKind.EXPORT)

    lead.refresh_from_db()
    assert lead.gone_since is not None
    assert odoo.records("crm.lead") == []
    lines = OdooSyncLog.objects.filter(object_id=lead.pk, changes__has_key="gone")
    assert [line.changes["gone"] for line in lines] == [["False", "True"]]


@pytest.mark.parametrize("odoo", TRANSPORTS, indirect=True)
def test_throttled_run_waits_as_long_as_odoo_says(odoo, connection):
    from django.utils import timezone

    lead = make_lead(queued=True)
    odoo.fault("load", "429", retry_after=120)

    run = sync(connection, SyncKind.EXPORT)
    connection.refresh_from_db()
    periodic = parts.run_now(SyncKind.EXPORT)

    lead.refresh_from_db()
    wait = connection.blocked_until - timezone.now()
    assert (run.state, run.error_class) == (RunState.INTERRUPTED, "Throttled")
    assert 100 < wait.total_seconds() <= 120
    assert periodic == {"run": None, "state": "resting"}
    assert (lead.state, lead.claim) == (LeadState.QUEUED, None)


@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_redirect_fails_the_run_and_is_not_followed(odoo, connection):
    lead = make_lead(queued=True)
    odoo.fault("*", "redirect", times=9)

    run = sync(connection, SyncKind.EXPORT)

    lead.refresh_from_db()
    assert (run.state, run.error_class) == (RunState.FAILED, "ConfigError")
    assert lead.state == LeadState.QUEUED


@pytest.mark.parametrize("odoo", TRANSPORTS, indirect=True)
def test_renamed_field_is_left_out(odoo, connection):
    lead = make_lead(queued=True, phone="+34 600")
    odoo.settings(renamed_fields={"crm.lead.phone": "x_phone"})

    sync(connection, SyncKind.EXPORT)
    run = sync(connection, SyncKind.LEADS)

    lead.refresh_from_db()
    assert (run.state, lead.state, lead.phone) == (RunState.DONE, LeadState.LINKED, "+34 600")


def test_refused_utm_record_leaves_it_empty_and_is_logged_once(odoo, connection):
    odoo.settings(rights={"utm.source": {"create": False, "read": True}})
    leads = [make_lead(queued=True, source="form") for _ in range(2)]

    for _ in range(2):
        sync(connection, SyncKind.EXPORT)

    rows = odoo.records("crm.lead")
    assert len(rows) == len(leads)
    assert [row["source_id"] for row in rows] == [None, None]
    assert all(row["medium_id"] for row in rows)
    refused = OdooReference.objects.get(model="utm.source")
    assert (refused.odoo_id, refused.refused != "") == (None, True)
    assert OdooSyncLog.objects.filter(odoo_model="utm.source", outcome="failed").count() == 1


@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_deleted_utm_record_does_not_hold_a_lead_back(odoo, connection):
    first = comment_lead()
    sync(connection, SyncKind.EXPORT)
    first.refresh_from_db()
    campaign = odoo.record("crm.lead", first.odoo_id)["campaign_id"]
    odoo.delete("utm.campaign", campaign)
    second = make_lead(queued=True, campaign=first.campaign)

    sync(connection, SyncKind.EXPORT)

    second.refresh_from_db()
    record = odoo.record("crm.lead", second.odoo_id)
    assert second.state == LeadState.EXPORTED
    assert record["campaign_id"] not in (None, campaign)


def test_utm_record_of_the_same_name_is_used(odoo, connection):
    mine = odoo.create("utm.source", name="Web form")
    make_lead(queued=True, source="form")

    sync(connection, SyncKind.EXPORT)

    assert [row["source_id"] for row in odoo.records("crm.lead")] == [mine]
    assert len([r for r in odoo.records("utm.source") if r["name"] == "Web form"]) == 1


def test_conflicts_for_a_day_park_the_lead(odoo, connection):
    from datetime import timedelta

    from django.utils import timezone

    lead = make_lead(
        queued=True, tries=7, was_sent=True, queued_at=timezone.now() - timedelta(hours=25)
    )
    odoo.fault("crm.lead.load", "serialize", times=99)

    run = sync(connection, SyncKind.EXPORT)

    lead.refresh_from_db()
    assert (lead.state, lead.park_code, run.failed) == (LeadState.PARKED, "gave_up", 1)
