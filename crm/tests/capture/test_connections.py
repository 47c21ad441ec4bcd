"""Entering a connection and changing it."""

from __future__ import annotations

import pytest

from crm.models import OdooConnection, OdooCredential
from crm.services import connections
from crm.tests.support import make_lead
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
GIVEN = {
    "url": "shop.odoo.example",
    "database": "shop",
    "login": "bot@shop.example",
    "key": "secret",
}


@pytest.fixture
def admin(db):
    return UserFactory(role="Administrator")


@pytest.fixture
def ready(admin) -> OdooConnection:
    row = connections.create(admin, **GIVEN)
    row.state, row.version, row.transport = "ready", "18.0", "xmlrpc"
    row.client_state, row.checks = {"uid": 2}, [{"code": "reachable"}]
    row.save()
    return row


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("shop.odoo.example", "https://shop.odoo.example"),
        (" https://Shop.odoo.example/web#action=1&model=crm.lead ", "https://shop.odoo.example"),
        ("http://odoo.lan:8069/odoo/crm.lead/3", "http://odoo.lan:8069"),
    ],
)
def test_a_pasted_address_is_cleaned(admin, typed, stored):
    assert connections.create(admin, **{**GIVEN, "url": typed}).url == stored


def test_a_new_connection_is_untested_and_its_key_apart(admin):
    row = connections.create(admin, **GIVEN)

    assert (row.state, row.is_active, row.name) == ("untested", True, "Odoo")
    assert OdooCredential.objects.get(connection=row).key == "secret"


def test_only_one_is_in_use(admin):
    first = connections.create(admin, **GIVEN)
    second = connections.create(admin, **{**GIVEN, "database": "other"})
    assert (first.is_active, second.is_active) == (True, False)

    with pytest.raises(Conflict):
        connections.activate(second, admin)
    connections.set_aside(first, admin)

    assert connections.activate(second, admin).is_active


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "ftp://shop.example"}, "url"),
        ({"url": "https://ana:pw@shop.example"}, "url"),
        ({"database": " "}, "database"),
        ({"login": ""}, "login"),
        ({"key": ""}, "key"),
        ({"key": "x" * 1001}, "key"),
        ({"name": "x" * 81}, "name"),
        ({"state": "ready"}, "state"),
    ],
)
def test_a_wrong_entry_names_its_field(admin, over, field):
    with pytest.raises(Invalid) as refused:
        connections.create(admin, **{**GIVEN, **over})

    assert list(refused.value.fields) == [field]
    assert OdooConnection.objects.count() == 0


@pytest.mark.parametrize(
    ("over", "state"),
    [
        ({"url": "https://other.example"}, "untested"),
        ({"database": "other"}, "untested"),
        ({"login": "other"}, "untested"),
        ({"key": "other"}, "untested"),
        ({"key": "", "name": "Shop", "lead_type": "lead"}, "ready"),
        ({"url": "https://shop.odoo.example/web"}, "ready"),
    ],
)
def test_what_it_connects_to_has_to_be_tested_again(admin, ready, over, state):
    row = connections.change(ready, admin, **over)

    row.refresh_from_db()
    assert row.state == state
    assert (row.client_state == {}, row.checks == []) == ((state == "untested"),) * 2
    assert OdooCredential.objects.get(connection=row).key == (over.get("key") or "secret")


def test_a_database_that_holds_our_leads_cannot_be_swapped(admin, ready):
    make_lead(state="exported", odoo_id=5, connection=ready)

    with pytest.raises(Conflict) as refused:
        connections.change(ready, admin, database="other")

    assert refused.value.code == "has_records"
    ready.refresh_from_db()
    assert (ready.database, ready.state) == ("shop", "ready")


def test_a_pause_is_ended_by_a_person(admin, ready):
    with pytest.raises(Conflict):
        connections.resume(ready, admin)
    OdooConnection.objects.filter(pk=ready.pk).update(
        state="paused", paused_reason="Key", failures=3
    )

    row = connections.resume(ready, admin)

    assert (row.state, row.paused_reason, row.failures) == ("ready", "", 0)


def test_only_administrators_connect(ready):
    marketer = UserFactory(role="Marketer")

    for verb in (
        lambda: connections.create(marketer, **GIVEN),
        lambda: connections.change(ready, marketer, name="x"),
        lambda: connections.test(ready, marketer),
        lambda: connections.activate(ready, marketer),
        lambda: connections.set_aside(ready, marketer),
        lambda: connections.resume(ready, marketer),
    ):
        with pytest.raises(Forbidden):
            verb()
