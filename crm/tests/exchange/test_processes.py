"""Workers as processes: six at once, killed in the middle, and an Odoo that restarts."""

from __future__ import annotations

import pytest

from crm.models import Lead, LeadState, LogOutcome, OdooSyncLog, RunState, SyncKind
from crm.services.odoo import runs
from crm.tests.exchange.support import hurry, settle, start_worker
from crm.tests.support import make_lead, sync
from socialhub.tests.support.workers import wait_for

pytestmark = [pytest.mark.thorough, pytest.mark.django_db(transaction=True)]

# Six processes, each making runs of its own until the lead is there. "none" = every hold runs out
# at once, as if the workers' clocks were hours apart: only the external id is left to protect.
EXPORTING = """
import os, sys, time, traceback
from datetime import timedelta
from crm.models import Lead, OdooConnection, OdooSyncRun
from crm.services.odoo import parts, runs, sending, session

def work():
    if sys.argv[1] == "none":
        runs.LEASE_SECONDS = session.LEASE_SECONDS = 0.0
        sending.CLAIM = timedelta(0)
    connection = OdooConnection.objects.get()
    end = time.monotonic() + 60
    while time.monotonic() < end and Lead.objects.filter(odoo_id__isnull=True).exists():
        Lead.objects.filter(state="queued").update(next_try_at=None)
        run = OdooSyncRun.objects.create(connection=connection, kind="export", direction="out")
        parts.execute(run.pk)
        time.sleep(0.05)

children = []
for _ in range(6):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    children.append(child)
ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
print("ended", ended, flush=True)
sys.exit(max(ended))
"""
ONE_RUN = """
import sys
from crm.services.odoo import parts
parts.execute(int(sys.argv[1]))
"""


def external_names(odoo) -> list[str]:
    return sorted(name for row in odoo.records("crm.lead") for name in row["external_ids"])


@pytest.mark.parametrize("holds", ["kept", "none"])
@pytest.mark.parametrize("odoo", ["17", "18", "19"], indirect=True)
def test_six_workers_with_lost_answers_make_one_lead(odoo, connection, tmp_path, holds):
    lead = make_lead(queued=True)
    odoo.fault("crm.lead.load", "cut_after_commit", times=3)

    ended = start_worker(EXPORTING, tmp_path, holds).wait(timeout=120)

    lead.refresh_from_db()
    created = [one for entry in odoo.log("load") for one in entry["created"]]
    assert ended == 0, (tmp_path / "workers.log").read_text()[-2000:]
    assert external_names(odoo) == [f"socialhub.lead_{lead.uuid}"]
    assert created == [lead.odoo_id]
    assert lead.state == LeadState.EXPORTED


def start_export(connection, tmp_path):
    run = runs.OdooSyncRun.objects.create(
        connection=connection, kind=SyncKind.EXPORT, direction="out"
    )
    return run, start_worker(ONE_RUN, tmp_path, str(run.pk))


@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_worker_killed_in_mid_export_loses_and_doubles_nothing(odoo, connection, tmp_path):
    leads = [make_lead(queued=True) for _ in range(6)]
    # Odoo has it, and the worker never hears of it.
    odoo.fault("crm.lead.load", "slow", skip=2, seconds=20)

    run, worker = start_export(connection, tmp_path)
    wait_for(lambda: len(odoo.records("crm.lead")) == 3, "the third lead in Odoo")
    worker.kill()
    worker.wait(timeout=10)
    # Its hold runs out, the sweep finds the run dead.
    hurry()
    swept = runs.sweep()
    settle(connection)

    run.refresh_from_db()
    assert swept["ended"] == 1
    assert (run.state, run.error_class) == (RunState.INTERRUPTED, "worker_lost")
    assert external_names(odoo) == sorted(f"socialhub.lead_{lead.uuid}" for lead in leads)
    assert Lead.objects.filter(state=LeadState.LINKED).count() == 6
    # The line it wrote before the request tells of the worker's end.
    assert OdooSyncLog.objects.filter(run=run, outcome=LogOutcome.STARTED).count() == 1


@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_odoo_restarted_in_mid_sync(odoo, connection, tmp_path):
    leads = [make_lead(queued=True) for _ in range(30)]

    _run, worker = start_export(connection, tmp_path)
    wait_for(lambda: len(odoo.records("crm.lead")) >= 8, "eight leads in Odoo")
    odoo.restart()
    worker.wait(timeout=60)
    settle(connection)

    assert external_names(odoo) == sorted(f"socialhub.lead_{lead.uuid}" for lead in leads)
    assert Lead.objects.filter(state=LeadState.LINKED).count() == 30


@pytest.mark.parametrize("offset", [3600, -3600])
@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_clocks_an_hour_apart(odoo, connection, offset):
    odoo.settings(clock_offset_seconds=offset)
    lead = make_lead(queued=True)
    settle(connection)
    lead.refresh_from_db()
    for number in range(3):
        odoo.change("crm.lead", lead.odoo_id, probability=10.0 * number, contact_name=f"A{number}")

        for kind in (SyncKind.EXPORT, SyncKind.LEADS, SyncKind.REVENUE):
            sync(connection, kind)

        lead.refresh_from_db()
        assert (lead.probability, lead.contact_name) == (10.0 * number, f"A{number}")
    odoo.control(f"win/{lead.odoo_id}", {"amount": 77.0})
    settle(connection)
    lead.refresh_from_db()
    assert (lead.outcome, float(lead.revenue.won)) == ("won", 77.0)
    assert len(odoo.records("crm.lead")) == 1


@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_change_that_becomes_visible_late_is_not_lost(odoo, connection):
    """Its write_date is the start of the transaction: older than what was read meanwhile."""
    import threading

    first, second = make_lead(queued=True), make_lead(queued=True)
    settle(connection)
    first.refresh_from_db()
    second.refresh_from_db()
    client = client_of(connection)
    odoo.fault("crm.lead.write", "commit_delay", seconds=4, contains="late")
    slow = threading.Thread(
        target=lambda: client.call(
            "crm.lead", "write", [first.odoo_id], vals={"contact_name": "late"}
        )
    )
    slow.start()
    wait_for(lambda: odoo.log("write"), "the slow write under way")
    odoo.settings(clock_offset_seconds=120)
    odoo.change("crm.lead", second.odoo_id, contact_name="early")

    sync(connection, SyncKind.LEADS)
    second.refresh_from_db()
    slow.join()
    sync(connection, SyncKind.LEADS)

    first.refresh_from_db()
    assert (second.contact_name, first.contact_name) == ("early", "late")


def client_of(connection):
    from crm.services.odoo import opening

    return opening.client_for(connection)
