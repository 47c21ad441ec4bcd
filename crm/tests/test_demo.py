"""The demo's leads: told by the stand-in Odoo, and gone without a trace."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import Sum

from analytics.models import Conversion
from crm.models import (
    ConnectionState,
    Lead,
    LeadOrder,
    LeadRevenue,
    OdooConnection,
    OdooSyncLog,
    OdooSyncRun,
    OrderKind,
    Outcome,
    Product,
    RunState,
    Service,
)
from socialhub.services import demo
from socialhub.tests.factories import UserFactory
from socialhub.tests.support.demo import seeded_demo

# The demo refuses PostgreSQL.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(scope="module", autouse=True)
def seeded(tmp_path_factory, django_db_setup, django_db_blocker):
    folder = tmp_path_factory.mktemp("demo")
    with seeded_demo(folder, django_db_blocker, ("analytics", "crm")) as server:
        yield server


def test_the_demo_is_connected_and_read():
    connection = OdooConnection.objects.get()

    assert (connection.state, connection.version) == (ConnectionState.READY, "17.0")
    assert Product.objects.filter(is_demo=True, image__isnull=False).count() == 12
    assert Service.objects.filter(is_demo=True, image__isnull=False).count() == 5
    assert set(OdooSyncRun.objects.values_list("state", flat=True)) == {RunState.DONE}
    assert not OdooSyncLog.objects.exclude(error_class="").exists()


def test_some_demo_leads_are_won_some_lost_and_revenue_is_what_odoo_has():
    outcomes = set(Lead.objects.values_list("outcome", flat=True))
    orders = LeadOrder.objects.filter(kind=OrderKind.ORDER).aggregate(n=Sum("amount"))["n"]
    booked = Conversion.objects.filter(kind="order").aggregate(n=Sum("amount"))["n"]

    assert outcomes == {Outcome.OPEN, Outcome.WON, Outcome.LOST}
    assert LeadRevenue.objects.aggregate(n=Sum("won"))["n"] == orders == booked > 0
    assert not Lead.objects.filter(odoo_id=None).exists()


def test_removing_the_demo_leaves_nothing_of_it():
    demo.remove_demo(UserFactory(role="Administrator"))

    left = {
        model._meta.label: model._default_manager.count()
        for model in apps.get_app_config("crm").get_models()
    }
    # What the first page made for this organisation stays.
    left.pop("crm.CrmSettings")
    assert {label: count for label, count in left.items() if count} == {}
    assert not Conversion.objects.exists()
