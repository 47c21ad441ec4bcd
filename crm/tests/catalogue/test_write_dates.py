"""Nothing is lost although `write_date` is the start of a transaction and hides a fraction."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crm.models import OdooCursor, Product
from crm.odoo import Target, open_client
from crm.services.odoo import settling
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
from crm.tests.support import DATABASE, StandIn
from socialhub.tests.support.workers import wait_for

every_version = pytest.mark.parametrize("odoo", VERSIONS, indirect=True)
pytestmark = pytest.mark.django_db(transaction=True)


def admin(odoo: StandIn):
    """Somebody who may create products, over the wire."""
    return open_client(Target(odoo.url, DATABASE, "admin", "admin-key"), transport=odoo.transport)


@every_version
def test_a_transaction_that_commits_late_is_not_lost(odoo, connection):
    odoo.fault("product.template.create", "commit_delay", seconds=4)
    client = admin(odoo)
    values = {"name": "Slow import", "list_price": 7.0, type_field(odoo): "consu"}
    thread = threading.Thread(
        target=client.call, args=(TEMPLATE, "create"), kwargs={"vals_list": [values]}
    )
    thread.start()
    wait_for(lambda: not odoo.faults(), "the import to begin")
    wait_for(lambda: datetime.now(UTC).microsecond > 900_000, "the end of this second")
    wait_for(lambda: datetime.now(UTC).microsecond < 500_000, "the next second")
    make(odoo, "Quick")
    finished(connection, "products")
    seen_before = ours()
    thread.join()

    finished(connection, "products")

    assert seen_before == {"Quick": Decimal("10.00")}
    late, quick = (Product.objects.get(name=name) for name in ("Slow import", "Quick"))
    assert late.odoo_write_date < quick.odoo_write_date


@every_version
def test_a_second_change_in_the_same_second_is_not_lost(odoo, connection):
    lamp = make(odoo, "Lamp")
    for price in range(1, 6):
        odoo.change(TEMPLATE, lamp, list_price=price)
        finished(connection, "products")

        assert ours() == {"Lamp": Decimal(price)}


@every_version
def test_what_changes_while_pages_are_read_comes_with_the_next_reading(odoo, connection):
    first = fill(odoo, 120)[0]
    small_pages(connection, "products")
    odoo.fault("product.template.search_read", "503", skip=2)
    interrupted = carry_out(connection, "products")
    assert (interrupted.state, interrupted.created) == ("interrupted", 50)

    # A page that was read changes; much later, by Odoo's clock, one that was not.
    odoo.change(TEMPLATE, first, list_price=999)
    odoo.settings(clock_offset_seconds=3600)
    make(odoo, "Much later")
    finished(connection, "products")
    finished(connection, "products")

    assert ours() == theirs(odoo)


@pytest.mark.parametrize("offset", [-3600, 3600])
def test_clocks_an_hour_apart_lose_nothing(odoo, connection, offset):
    odoo.settings(clock_offset_seconds=offset)
    lamp = make(odoo, "Lamp")
    finished(connection, "products")
    for price in (11, 12, 13):
        odoo.change(TEMPLATE, lamp, list_price=price)
        make(odoo, f"Chair {price}", list_price=price)
        finished(connection, "products")
        an_hour_passes(odoo)

        assert ours() == theirs(odoo)


def test_cursor_is_settled_only_after_the_overlap():
    newest = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    began = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
    first = settling.completed({"began": began.isoformat()}, newest)

    assert not settling.is_quiet(first, newest)
    assert settling.lower_bound(first, newest) == newest - timedelta(minutes=15)

    soon = began + timedelta(minutes=14)
    second = settling.completed({**first, "began": soon.isoformat()}, newest)
    assert not settling.is_quiet(second, newest)

    late = began + timedelta(minutes=16)
    third = settling.completed({**second, "began": late.isoformat()}, newest)
    assert settling.is_quiet(third, newest)
    assert not settling.is_quiet(third, newest + timedelta(seconds=1))
    assert settling.lower_bound(third, newest) == newest + timedelta(seconds=1)


def test_a_clock_that_was_set_back_settles_nothing():
    newest = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    began = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    first = settling.completed({"began": began.isoformat()}, newest)
    back = began - timedelta(hours=1)
    second = settling.completed({**first, "began": back.isoformat()}, newest)
    third = settling.completed(
        {**second, "began": (back + timedelta(minutes=10)).isoformat()}, newest
    )

    assert not settling.is_quiet(third, newest)


def test_a_reading_of_nothing_keeps_the_cursor(odoo, connection):
    lamp = make(odoo, "Lamp")
    finished(connection, "products")
    since = OdooCursor.objects.get(kind="products").since

    odoo.delete(TEMPLATE, lamp)
    finished(connection, "products")

    assert OdooCursor.objects.get(kind="products").since == since
