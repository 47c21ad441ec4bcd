"""Cut, killed, restarted, renamed: the next run goes on, and no product is lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from crm.models import OdooCursor, OdooSyncLog, OdooSyncRun, Product
from crm.services.odoo import runs
from crm.tests.catalogue.support import (
    carry_out,
    fill,
    finished,
    make,
    ours,
    small_pages,
    theirs,
)
from crm.tests.conftest import TRANSPORTS
from socialhub.models import Lease
from socialhub.tests.support.workers import Crew, wait_for

every_transport = pytest.mark.parametrize("odoo", TRANSPORTS, indirect=True)
pytestmark = [pytest.mark.thorough, pytest.mark.django_db(transaction=True)]
WORKER = """
import django, sys
django.setup()
from crm.services.odoo import catalogue, runs
runs.execute(int(sys.argv[1]))
"""


def every_product_once(odoo) -> None:
    """As in Odoo, and one line says that each was made."""
    assert ours() == theirs(odoo)
    made = OdooSyncLog.objects.filter(operation="create").values_list("object_id", flat=True)
    assert sorted(made) == sorted(Product.objects.values_list("pk", flat=True))


@every_transport
@pytest.mark.parametrize("fault", ["cut_after_commit", "reset_before", "502_before", "500_html"])
def test_cut_at_every_request(odoo, connection, fault):
    fill(odoo, 120)
    small_pages(connection, "products")
    cut = 0
    for skip in range(20):
        OdooSyncLog.objects.all().delete()
        Product.objects.all().delete()
        OdooCursor.objects.update(since=None, after_id=0, newest=None, details={"page": 50})
        odoo.fault("*", fault, skip=skip)

        state = carry_out(connection, "products").state
        reached = not odoo.faults()
        odoo.clear_faults()
        run = finished(connection, "products")

        every_product_once(odoo)
        assert run.failed == 0
        if not reached:
            assert state == "done"
            break
        assert state in ("interrupted", "failed")
        cut += 1
    assert cut >= 5


@every_transport
def test_changes_cut_at_every_request(odoo, connection):
    ids = fill(odoo, 60)
    finished(connection, "products")
    OdooCursor.objects.update(details={**OdooCursor.objects.get().details, "page": 50})
    for skip in range(4):
        for number in ids:
            odoo.change("product.template", number, list_price=100 * (skip + 1) + number)
        odoo.fault("*", "cut_after_commit", skip=skip)
        carry_out(connection, "products")
        odoo.clear_faults()

        finished(connection, "products")

        assert ours() == theirs(odoo)
    changes = OdooSyncLog.objects.filter(operation="update").values_list("changes", flat=True)
    assert len(changes) == 4 * len(ids)
    assert all(set(change) == {"price"} for change in changes)


@every_transport
def test_worker_killed_in_the_middle(odoo, connection, tmp_path):
    fill(odoo, 120)
    small_pages(connection, "products")
    odoo.fault("product.template.search_read", "slow", skip=3, seconds=20)
    run = OdooSyncRun.objects.create(connection=connection, kind="products", direction="in")
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(run.pk)], env=Crew(tmp_path).environment()
    )
    try:
        wait_for(lambda: Product.objects.count() == 100, "two pages")
        wait_for(lambda: not odoo.faults(), "the third to be asked for")
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    a_dead_worker_is_noticed()
    run.refresh_from_db()
    assert (run.state, run.error_class) == ("interrupted", "worker_lost")

    again = finished(connection, "products")

    assert again.created == 20
    every_product_once(odoo)


def a_dead_worker_is_noticed() -> None:
    """As it is when its hold has run out."""
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    runs.sweep(timezone.now() + runs.SILENT + timedelta(seconds=1))


@every_transport
def test_odoo_restarted_in_the_middle(odoo, connection):
    fill(odoo, 120)
    small_pages(connection, "products")
    odoo.fault("product.template.search_read", "slow", skip=2, seconds=20)
    ended: list[str] = []

    def work() -> None:
        try:
            ended.append(carry_out(connection, "products").state)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    wait_for(lambda: Product.objects.count() == 50, "the first page")
    wait_for(lambda: not odoo.faults(), "the second to be asked for")
    odoo.restart()
    thread.join()
    assert ended == ["interrupted"]

    assert finished(connection, "products").created == 70
    every_product_once(odoo)


def test_a_worker_that_lost_its_hold_changes_nothing_more(odoo, connection):
    fill(odoo, 120)
    small_pages(connection, "products")
    odoo.fault("product.template.search_read", "slow", skip=2, seconds=2)
    ended: list[str] = []

    def work() -> None:
        try:
            ended.append(carry_out(connection, "products").state)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    wait_for(lambda: Product.objects.count() == 50, "the first page")
    wait_for(lambda: not odoo.faults(), "the second to be asked for")
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    finished(connection, "products")
    thread.join()

    assert ended == ["interrupted"]
    every_product_once(odoo)


@every_transport
@pytest.mark.parametrize("field", ["name", "list_price"])
def test_a_required_field_that_was_renamed_is_named(odoo, connection, field):
    lamp = make(odoo, "Lamp")
    finished(connection, "products")
    odoo.settings(renamed_fields={f"product.template.{field}": "x_other"})
    odoo.change("product.template", lamp, purchase_ok=False)

    run = carry_out(connection, "products")

    assert (run.state, run.error_class) == ("failed", "Invalid")
    assert field in run.error and "x_other" not in run.error
    assert list(ours()) == ["Lamp"]

    odoo.settings(renamed_fields={f"product.template.{field}": field})
    finished(connection, "products")


@every_transport
def test_an_optional_field_that_was_renamed_is_left_out_with_a_note(odoo, connection):
    make(odoo, "Lamp", description_sale="Warm light")
    finished(connection, "products")
    odoo.settings(renamed_fields={"product.template.description_sale": "x_text"})

    make(odoo, "Chair")
    finished(connection, "products")
    finished(connection, "products")

    assert set(ours()) == {"Lamp", "Chair"}
    assert Product.objects.get(name="Lamp").description == "Warm light"
    note = OdooSyncLog.objects.get(operation="fields")
    assert "description_sale" in note.message


def test_too_large_an_answer_is_asked_for_in_smaller_pieces(odoo, connection):
    fill(odoo, 120)
    small_pages(connection, "products", page=120)
    odoo.fault("product.template.search_read", "cut_after_commit", skip=1)
    carry_out(connection, "products")

    assert OdooCursor.objects.get(kind="products").details["page"] == 60

    run = finished(connection, "products")

    assert run.created == 120
    every_product_once(odoo)
