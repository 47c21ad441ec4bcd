"""Many leads at once: few calls, one bad one among them, and answers that get lost."""

from __future__ import annotations

import pytest

from crm.models import Lead, LeadState, OdooSyncLog, RunState, SyncKind
from crm.tests.exchange.support import hurry
from crm.tests.support import make_lead, sync

pytestmark = pytest.mark.django_db


def many(number: int, **fields) -> list[int]:
    return [make_lead(queued=True, **fields).pk for _ in range(number)]


def assert_each_once(odoo, ids) -> None:
    leads = Lead.objects.filter(pk__in=ids, state=LeadState.EXPORTED)
    names = [name for row in odoo.records("crm.lead") for name in row["external_ids"]]
    assert sorted(names) == sorted(f"socialhub.lead_{lead.uuid}" for lead in leads)
    created = [one for entry in odoo.log("load") for one in entry["created"]]
    assert len(created) == len(set(created))
    by_id = {row["id"]: row["name"] for row in odoo.records("crm.lead")}
    assert {lead.odoo_id: lead.name for lead in leads} == by_id


@pytest.mark.parametrize("odoo", ["17", "18", "19"], indirect=True)
def test_backfill_takes_at_most_a_tenth_of_a_call_per_lead(odoo, connection):
    ids = many(300)

    run = sync(connection, SyncKind.EXPORT)

    assert (run.state, run.created, run.failed) == (RunState.DONE, 300, 0)
    assert run.requests <= 30
    assert_each_once(odoo, ids)
    lines = OdooSyncLog.objects.filter(object_type="lead", operation="create", outcome="ok")
    assert set(lines.values_list("object_id", flat=True)) == set(ids)


@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_one_by_one_takes_two_calls_per_lead(odoo, connection):
    ids = many(40)

    run = sync(connection, SyncKind.EXPORT)

    assert run.requests <= 2.2 * len(ids)
    assert_each_once(odoo, ids)


@pytest.mark.parametrize("odoo", ["17", "18", "19"], indirect=True)
def test_bad_lead_in_a_batch_is_found_and_the_others_arrive(odoo, connection):
    ids = many(59)
    bad = make_lead(queued=True, name="Poison").pk
    odoo.fault("crm.lead.load", "413", times=9, contains="Poison")

    run = sync(connection, SyncKind.EXPORT)

    assert (run.created, run.failed) == (59, 1)
    assert_each_once(odoo, ids)
    assert Lead.objects.get(pk=bad).state == LeadState.PARKED


@pytest.mark.parametrize(
    "fault", ["cut_after_commit", "502_before", "unreadable_200", "reset_before"]
)
@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_lost_answer_of_a_batch_makes_no_second_lead(odoo, connection, fault):
    ids = many(60)
    odoo.fault("crm.lead.load", fault)

    sync(connection, SyncKind.EXPORT)
    hurry()
    run = sync(connection, SyncKind.EXPORT)

    assert run.state == RunState.DONE
    assert Lead.objects.filter(pk__in=ids, state=LeadState.EXPORTED).count() == 60
    assert_each_once(odoo, ids)


def test_many_go_without_a_check_and_a_single_one_with_it(odoo, connection):
    many(51)
    sync(connection, SyncKind.EXPORT)
    quiet = len(odoo.log("load"))

    many(1)
    sync(connection, SyncKind.EXPORT)

    # One load for the 51, one after its check for the single one.
    assert quiet == 1
    assert len(odoo.log("check_object_reference")) == 1


def test_selected_leads_only(odoo, connection):
    chosen, other = many(2)

    sync(connection, SyncKind.EXPORT, selected=[chosen])

    states = dict(Lead.objects.values_list("pk", "state"))
    assert states == {chosen: LeadState.EXPORTED, other: LeadState.QUEUED}
