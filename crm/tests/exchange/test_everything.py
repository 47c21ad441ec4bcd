"""A run of everything: what Odoo does not offer does not stop the rest."""

from __future__ import annotations

import pytest

from crm.models import Product, RunState, SyncKind
from crm.tests.support import make_lead, sync

pytestmark = pytest.mark.django_db


def test_products_are_read_although_the_crm_app_is_missing(odoo_as, connection, odoo):
    odoo.control("reset", {"version": "18", "products": 3})
    odoo.settings(apps={"crm": False})

    run = sync(connection, SyncKind.ALL)

    assert (run.state, run.error_class) == (RunState.FAILED, "Unsupported")
    assert Product.objects.count() == 3


def test_the_nightly_comparison_notices_a_deleted_lead(connection, odoo):
    lead = make_lead(queued=True)
    sync(connection, SyncKind.EXPORT)
    lead.refresh_from_db()
    odoo.delete("crm.lead", lead.odoo_id)

    run = sync(connection, SyncKind.SCAN)

    lead.refresh_from_db()
    assert run.state == RunState.DONE
    assert lead.gone_since is not None
