"""How the exchange with Odoo is doing, in words and numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import OdooConnection, OdooSyncRun
from crm.queries import health
from crm.tests.support import make_lead

pytestmark = pytest.mark.django_db

NOW = timezone.now()
MINUTE = timedelta(minutes=1)


def connected(**fields):
    values = {"version": "18.0", "transport": "xmlrpc", "state": "ready", **fields}
    return OdooConnection.objects.create(
        url="https://odoo.example", database="shop", login="bot", **values
    )


def ran(connection, kind, minutes_ago, state="done"):
    return OdooSyncRun.objects.create(
        connection=connection,
        kind=kind,
        direction="in",
        state=state,
        started_at=NOW - minutes_ago * MINUTE,
        finished_at=NOW - minutes_ago * MINUTE,
    )


def test_last_success_of_each_kind_counts_runs_of_everything():
    connection = connected()
    ran(connection, "leads", 50)
    ran(connection, "all", 30)
    ran(connection, "revenue", 10)
    ran(connection, "products", 5, state="failed")
    ran(connection, "scan", 600)

    found = health.health(connection, NOW)

    ago = {
        one.kind: None if one.succeeded_at is None else (NOW - one.succeeded_at) // MINUTE
        for one in found.kinds
    }
    assert ago == {
        "export": 30,
        "leads": 30,
        "revenue": 10,
        "products": 30,
        "services": 30,
        "images": 30,
        "scan": 600,
    }
    assert (found.is_fine, found.sentences) == (True, ["Everything goes by itself."])


def test_a_scan_is_no_part_of_everything():
    connection = connected()
    ran(connection, "all", 5)

    (scan,) = (one for one in health.health(connection, NOW).kinds if one.kind == "scan")

    assert scan.succeeded_at is None


def test_going_run_tells_the_time_left_by_its_pace():
    connection = connected()
    OdooSyncRun.objects.create(connection=connection, kind="leads", state="queued")
    run = OdooSyncRun.objects.create(
        connection=connection,
        kind="products",
        state="running",
        started_at=NOW - timedelta(seconds=30),
        total=400,
        done=100,
    )

    going = health.health(connection, NOW).going

    assert (going.run, going.done, going.total, going.seconds_left) == (run, 100, 400, 90)


@pytest.mark.parametrize("fields", [{"total": None, "done": 5}, {"total": 5, "done": 0}])
def test_time_left_is_missing_while_it_is_not_known(fields):
    run = OdooSyncRun(state="running", started_at=NOW - MINUTE, **fields)

    assert health.going(run, NOW).seconds_left is None


def test_waiting_and_parked_leads_are_counted():
    connection = connected()
    make_lead(queued=True, queued_at=NOW - 5 * MINUTE)
    make_lead(queued=True, queued_at=NOW - MINUTE)
    make_lead(state="parked", park_code="refused", park_reason="No.")
    # Nobody has to look at these.
    make_lead(state="parked", park_code="erased", park_reason="Erased.", erased_at=NOW)
    make_lead()

    found = health.health(connection, NOW)

    assert (found.waiting, found.waiting_since, found.parked) == (2, NOW - 5 * MINUTE, 1)
    assert found.sentences == ["1 lead could not be sent: somebody has to look at it."]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"state": "paused", "paused_reason": "Wrong key."},
            "The connection is paused: Wrong key.",
        ),
        (
            {"state": "incomplete"},
            "The connection to Odoo is not ready: its checklist has open steps.",
        ),
        (
            {"blocked_until": NOW + MINUTE},
            "Odoo could not be reached. SocialHub tries again by itself.",
        ),
        ({"key_expires_at": NOW + timedelta(days=3, hours=1)}, "The key ends in 3 days."),
        ({"key_expires_at": NOW - MINUTE}, "The key has ended. Make a new one in Odoo."),
    ],
)
def test_what_is_wrong_is_said(fields, sentence):
    found = health.health(connected(**fields), NOW)

    assert (found.is_fine, found.sentences) == (False, [sentence])
    assert (found.resting_until is not None) == ("blocked_until" in fields)


def test_key_that_ends_later_is_no_problem():
    found = health.health(connected(key_expires_at=NOW + timedelta(days=20)), NOW)

    assert (found.is_fine, found.key_days) == (True, 20)


def test_without_a_connection_that_is_said():
    found = health.health(None, NOW)

    assert (found.is_fine, found.kinds, found.going) == (False, [], None)
    assert found.sentences == ["No Odoo is connected. Leads are kept here."]


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_is_constant(django_assert_num_queries, count):
    connection = connected()
    for _ in range(count):
        ran(connection, "leads", 5)
        make_lead(queued=True)

    with django_assert_num_queries(3):
        health.health(connection, NOW)
