"""Products and services from every version, over both transports."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crm.models import OdooCursor, OdooSyncLog, Product, Service
from crm.tests.catalogue.support import (
    TEMPLATE,
    an_hour_passes,
    carry_out,
    fill,
    finished,
    make,
    ours,
    small_pages,
    theirs,
    type_field,
)
from crm.tests.conftest import VERSIONS
from crm.tests.support import make_product

every_version = pytest.mark.parametrize("odoo", VERSIONS, indirect=True)
pytestmark = pytest.mark.django_db(transaction=True)


@every_version
def test_first_reading_takes_everything_in_its_kind(odoo, connection):
    make(odoo, "Lamp", list_price=19.99, description_sale="Warm light.\nMade of oak.")
    make(odoo, "Repair", service=True, list_price=45.0)

    products, services = finished(connection, "products"), finished(connection, "services")

    assert (products.created, services.created) == (1, 1)
    assert (products.total, services.total) == (1, 1)
    lamp = Product.objects.get()
    assert (lamp.name, lamp.price, lamp.currency) == ("Lamp", Decimal("19.99"), "EUR")
    assert lamp.description == "Warm light.\nMade of oak."
    assert (lamp.is_available, lamp.is_active, lamp.tax_included) == (True, True, None)
    assert lamp.synced_at is not None and lamp.odoo_write_date is not None
    assert ours(Service) == {"Repair": Decimal("45.00")}


@every_version
def test_second_reading_finds_nothing_to_change(odoo, connection):
    fill(odoo, 5)
    finished(connection, "products")
    before = list(Product.objects.order_by("pk").values("pk", "content_hash", "updated_at"))
    lines = OdooSyncLog.objects.count()

    run = finished(connection, "products")

    assert (run.created, run.updated, run.failed, run.skipped) == (0, 0, 0, 5)
    assert run.requests <= 3
    assert list(Product.objects.order_by("pk").values("pk", "content_hash", "updated_at")) == before
    assert OdooSyncLog.objects.count() == lines


@every_version
def test_a_change_comes_over_with_a_log_line(odoo, connection):
    lamp = make(odoo, "Lamp", list_price=20.0)
    make(odoo, "Chair")
    finished(connection, "products")

    odoo.change(TEMPLATE, lamp, name="Lamp, oak", list_price=25.5)
    run = finished(connection, "products")

    assert (run.created, run.updated) == (0, 1)
    assert ours() == {"Lamp, oak": Decimal("25.50"), "Chair": Decimal("10.00")}
    line = OdooSyncLog.objects.get(operation="update")
    assert (line.run, line.object_type, line.odoo_id) == (run, "product", lamp)
    assert line.changes == {"name": ["Lamp", "Lamp, oak"], "price": ["20.00", "25.50"]}


@every_version
def test_a_write_without_a_difference_is_skipped(odoo, connection):
    lamp = make(odoo, "Lamp")
    finished(connection, "products")
    before = Product.objects.get()

    odoo.change(TEMPLATE, lamp, purchase_ok=False)
    run = finished(connection, "products")

    after = Product.objects.get()
    assert (run.updated, run.skipped) == (0, 1)
    assert after.updated_at == before.updated_at
    assert after.synced_at > before.synced_at


@every_version
def test_archived_or_not_for_sale_is_unavailable_and_may_come_back(odoo, connection):
    lamp, chair = make(odoo, "Lamp"), make(odoo, "Chair")
    finished(connection, "products")

    odoo.change(TEMPLATE, lamp, active=False)
    odoo.change(TEMPLATE, chair, sale_ok=False)
    finished(connection, "products")

    assert ours() == {}
    assert Product.objects.filter(unavailable_since__isnull=False).count() == 2

    odoo.change(TEMPLATE, lamp, active=True)
    finished(connection, "products")

    assert ours() == {"Lamp": Decimal("10.00")}
    assert Product.objects.get(name="Lamp").unavailable_since is None


@every_version
def test_a_product_that_became_a_service_changes_tables(odoo, connection):
    lamp = make(odoo, "Lamp rental")
    finished(connection, "products")

    odoo.change(TEMPLATE, lamp, **{type_field(odoo): "service"})
    finished(connection, "services")

    assert (ours(Product), ours(Service)) == ({}, {"Lamp rental": Decimal("10.00")})

    odoo.change(TEMPLATE, lamp, **{type_field(odoo): "consu"})
    finished(connection, "products")

    assert (ours(Product), ours(Service)) == ({"Lamp rental": Decimal("10.00")}, {})
    assert (Product.objects.count(), Service.objects.count()) == (1, 1)


@every_version
def test_pages_are_put_together_without_loss(odoo, connection):
    fill(odoo, 120)
    small_pages(connection, "products")

    run = finished(connection, "products")

    assert run.created == 120
    assert ours() == theirs(odoo)


def test_only_selected_rows_are_read(odoo, connection):
    lamp, chair = make(odoo, "Lamp"), make(odoo, "Chair")
    finished(connection, "products")
    cursor = OdooCursor.objects.get(kind="products")
    odoo.change(TEMPLATE, lamp, list_price=11)
    odoo.change(TEMPLATE, chair, list_price=12)

    run = carry_out(connection, "products", selected=[Product.objects.get(odoo_id=lamp).pk])

    assert (run.state, run.updated, run.total) == ("done", 1, 1)
    assert ours() == {"Lamp": Decimal("11.00"), "Chair": Decimal("10.00")}
    after = OdooCursor.objects.get(kind="products")
    assert (after.since, after.after_id) == (cursor.since, cursor.after_id)


def test_local_items_and_those_of_another_connection_stay(odoo, connection):
    local = make_product(name="Lamp")
    make(odoo, "Lamp")

    finished(connection, "products")
    finished(connection, "scan")

    assert Product.objects.filter(name="Lamp").count() == 2
    local.refresh_from_db()
    assert (local.connection, local.odoo_id, local.is_available) == (None, None, True)


def test_what_only_people_write_here_is_kept(odoo, connection):
    lamp = make(odoo, "Lamp")
    finished(connection, "products")
    Product.objects.update(is_active=False)

    odoo.change(TEMPLATE, lamp, list_price=12)
    finished(connection, "products")

    assert Product.objects.values_list("is_active", "price").get() == (False, Decimal("12.00"))


def test_settings_that_change_the_mapping_read_everything_again(odoo, connection):
    make(odoo, "Lamp", website_url="/shop/lamp-1")
    finished(connection, "products")
    assert Product.objects.get().url == f"{odoo.url}/shop/lamp-1"

    connection.prices_include_tax = True
    connection.save()
    finished(connection, "products")

    assert Product.objects.get().tax_included is True


def test_prices_nobody_could_publish_are_left_out_and_said(odoo, connection):
    make(odoo, "Discount", list_price=-5)
    make(odoo, "Giant", list_price=1e15)
    make(odoo, "Fraction", list_price=19.999)

    finished(connection, "products")

    assert ours() == {"Discount": None, "Giant": None, "Fraction": Decimal("20.00")}
    said = OdooSyncLog.objects.exclude(message="").values_list("message", flat=True)
    assert sorted(said) == [
        "The price -5.0 is left out.",
        "The price 1000000000000000.0 is left out.",
    ]


@pytest.mark.parametrize("rows", [20, 60])
def test_statements_per_page_do_not_grow(odoo, connection, rows, django_assert_max_num_queries):
    fill(odoo, rows)

    with django_assert_max_num_queries(45):
        finished(connection, "products")


def test_quiet_hours_cost_one_request(odoo, connection):
    fill(odoo, 3)
    finished(connection, "products")
    an_hour_passes(odoo)
    finished(connection, "products")

    run = finished(connection, "products")

    assert (run.requests, run.skipped) == (1, 0)

    make(odoo, "New")
    assert finished(connection, "products").created == 1
