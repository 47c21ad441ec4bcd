"""The nightly comparison finds what was deleted and heals what was missed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crm.models import OdooSyncLog, Product, Service
from crm.services.odoo import scanning
from crm.tests.catalogue.support import (
    TEMPLATE,
    carry_out,
    fill,
    finished,
    make,
    ours,
    theirs,
    type_field,
)
from crm.tests.conftest import VERSIONS

every_version = pytest.mark.parametrize("odoo", VERSIONS, indirect=True)
pytestmark = pytest.mark.django_db(transaction=True)


@every_version
def test_deleted_is_unavailable_never_deleted_here(odoo, connection):
    lamp, repair = make(odoo, "Lamp"), make(odoo, "Repair", service=True)
    make(odoo, "Chair")
    finished(connection, "products")
    finished(connection, "services")
    odoo.delete(TEMPLATE, lamp)
    odoo.delete(TEMPLATE, repair)

    run = finished(connection, "scan")

    assert (run.updated, run.skipped) == (2, 1)
    assert (ours(Product), ours(Service)) == ({"Chair": Decimal("10.00")}, {})
    assert (Product.objects.count(), Service.objects.count()) == (2, 1)
    lines = OdooSyncLog.objects.filter(operation="withdraw").values_list("odoo_id", "changes")
    assert dict(lines) == {key: {"is_available": ["True", "False"]} for key in (lamp, repair)}


@every_version
def test_a_second_comparison_changes_nothing(odoo, connection):
    fill(odoo, 5)
    finished(connection, "products")
    finished(connection, "scan")
    lines = OdooSyncLog.objects.count()

    run = finished(connection, "scan")

    assert (run.created, run.updated, run.skipped) == (0, 0, 5)
    assert OdooSyncLog.objects.count() == lines


@every_version
def test_what_readings_missed_is_read(odoo, connection):
    lamp = make(odoo, "Lamp")
    make(odoo, "Forgotten")
    make(odoo, "Forgotten work", service=True)
    finished(connection, "products")
    finished(connection, "services")
    Product.objects.filter(name="Forgotten").delete()
    Service.objects.all().delete()
    odoo.change(TEMPLATE, lamp, list_price=77)
    Product.objects.filter(name="Lamp").update(is_available=False, content_hash="")

    run = finished(connection, "scan")

    assert (run.created, run.updated) == (2, 1)
    assert (ours(Product), ours(Service)) == (theirs(odoo), theirs(odoo, service=True))


@every_version
def test_archived_sold_no_more_and_turned_into_a_service(odoo, connection):
    lamp, chair, help_ = make(odoo, "Lamp"), make(odoo, "Chair"), make(odoo, "Help")
    finished(connection, "products")
    odoo.change(TEMPLATE, lamp, active=False)
    odoo.change(TEMPLATE, chair, sale_ok=False)
    odoo.change(TEMPLATE, help_, **{type_field(odoo): "service"})

    finished(connection, "scan")

    assert (ours(Product), ours(Service)) == ({}, {"Help": Decimal("10.00")})


def test_hidden_and_shown_again(odoo, connection):
    lamp = make(odoo, "Lamp")
    finished(connection, "products")
    odoo.settings(rules={TEMPLATE: {"hidden_ids": [lamp]}})
    finished(connection, "scan")
    assert ours() == {}

    odoo.settings(rules={TEMPLATE: {"hidden_ids": []}})
    finished(connection, "scan")

    assert ours() == {"Lamp": Decimal("10.00")}


def test_pages_of_ids_leave_no_gap(odoo_as, db):
    from crm.tests.support import make_connection

    odoo = odoo_as("18", products=2 * scanning.PAGE)
    connection = make_connection(odoo.url)
    finished(connection, "products")
    finished(connection, "services")
    gone = [1, scanning.PAGE, scanning.PAGE + 1, 2 * scanning.PAGE]
    for number in gone:
        odoo.delete(TEMPLATE, number)
    odoo.clear_log()

    run = finished(connection, "scan")

    assert run.updated == len(gone)
    assert run.requests <= 6
    withdrawn = [
        row
        for model in (Product, Service)
        for row in model.objects.filter(is_available=False).values_list("odoo_id", flat=True)
    ]
    assert sorted(withdrawn) == gone


def test_an_interrupted_comparison_marks_nothing_it_has_not_seen(odoo, connection):
    fill(odoo, 10)
    finished(connection, "products")
    for skip in range(4):
        odoo.fault("*", "503", skip=skip)
        carry_out(connection, "scan")
        odoo.clear_faults()

        assert ours() == theirs(odoo)

    finished(connection, "scan")
    assert ours() == theirs(odoo)
