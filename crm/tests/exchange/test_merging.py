"""Contact fields changed on one side, on both, and what a person decides about them."""

from __future__ import annotations

import pytest

from crm.models import Lead, LeadConflict, OdooSyncLog, RunState, SyncKind
from crm.services import leads
from crm.services.odoo.ownership import OWNERS
from crm.tests.exchange.support import comment_lead, ours
from crm.tests.support import sync
from socialhub.models import Notice
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

FIELDS = [(name, owner.odoo_field) for name, owner in OWNERS.items() if owner.rule == "both"]
NEW = {
    "contact_name": ("Ana María", "Ana Mar"),
    "email": ("ana.maria@example.org", "am@example.org"),
    "phone": ("+34 611 00 00 00", "+34 622 00 00 00"),
    "company": ("Panadería Luna", "Panadería Mar"),
}


@pytest.fixture
def linked(odoo, connection):
    lead = comment_lead()
    sync(connection, SyncKind.EXPORT)
    sync(connection, SyncKind.LEADS)
    lead.refresh_from_db()
    return lead


def pulled(connection, lead):
    run = sync(connection, SyncKind.LEADS)
    lead.refresh_from_db()
    assert (run.state, run.error) == (RunState.DONE, "")
    return run


@pytest.mark.parametrize(("name", "theirs"), FIELDS)
@pytest.mark.parametrize("odoo", ["18", "19"], indirect=True)
def test_changed_here_only_is_written_to_odoo(odoo, connection, linked, name, theirs):
    Lead.objects.filter(pk=linked.pk).update(**{name: NEW[name][0]})

    pulled(connection, linked)
    again = pulled(connection, linked)

    assert odoo.record("crm.lead", linked.odoo_id)[theirs] == NEW[name][0]
    assert linked.agreed[name] == NEW[name][0]
    line = OdooSyncLog.objects.get(object_id=linked.pk, direction="out", operation="update")
    assert (line.outcome, line.changes) == ("ok", {name: "changed"})
    assert again.updated == 0


@pytest.mark.parametrize(("name", "theirs"), FIELDS)
def test_changed_in_odoo_only_is_taken(odoo, connection, linked, name, theirs):
    odoo.change("crm.lead", linked.odoo_id, **{theirs: NEW[name][1]})

    run = pulled(connection, linked)

    assert (getattr(linked, name), linked.agreed[name], run.updated) == (*[NEW[name][1]] * 2, 1)
    if name == "email":
        assert linked.email_key == NEW[name][1]


@pytest.mark.parametrize(("name", "theirs"), FIELDS)
@pytest.mark.parametrize("choice", ["ours", "theirs"])
def test_changed_on_both_sides_a_person_decides(odoo, connection, linked, name, theirs, choice):
    mine, other = NEW[name]
    Lead.objects.filter(pk=linked.pk).update(**{name: mine})
    odoo.change("crm.lead", linked.odoo_id, **{theirs: other})

    pulled(connection, linked)
    pulled(connection, linked)

    conflict = LeadConflict.objects.get(lead=linked)
    assert (conflict.field, conflict.ours, conflict.theirs) == (name, mine, other)
    assert (getattr(linked, name), odoo.record("crm.lead", linked.odoo_id)[theirs]) == (mine, other)
    assert Notice.objects.filter(incident=f"crm:conflict:{conflict.pk}:").count() == 1

    leads.settle_conflict(conflict, UserFactory(role="Marketer"), choice)
    pulled(connection, linked)

    expected = mine if choice == "ours" else other
    assert getattr(linked, name) == expected
    assert odoo.record("crm.lead", linked.odoo_id)[theirs] == expected
    assert not LeadConflict.objects.filter(settled_at__isnull=True).exists()


def test_same_change_on_both_sides_is_no_conflict(odoo, connection, linked):
    Lead.objects.filter(pk=linked.pk).update(phone="+34 611 000 000")
    odoo.change("crm.lead", linked.odoo_id, phone="+34611000000")

    pulled(connection, linked)
    before = ours()
    pulled(connection, linked)

    assert LeadConflict.objects.count() == 0
    assert ours() == before
    assert linked.phone == "+34 611 000 000"


def test_somebody_faster_in_odoo_is_not_overwritten(odoo, connection, linked):
    """Odoo's value moves between our look and our write: the write does not happen."""
    from crm.services.odoo import merging, pushing
    from crm.tests.exchange.test_refusals import in_session

    Lead.objects.filter(pk=linked.pk).update(phone="+34 611 00 00 00")
    linked.refresh_from_db()
    seen = linked.odoo_write_date
    found = merging.merge(linked, {"phone": "+34 600 11 22 33"})
    # A second apart, or Odoo's clock does not show it.
    odoo.settings(clock_offset_seconds=60)
    odoo.change("crm.lead", linked.odoo_id, phone="+34 622 00 00 00")

    push = pushing.Push(linked.pk, linked.odoo_id, seen, found)
    in_session(connection, lambda session: pushing.push(session, push))

    assert odoo.record("crm.lead", linked.odoo_id)["phone"] == "+34 622 00 00 00"
    line = OdooSyncLog.objects.get(object_id=linked.pk, direction="out", operation="update")
    assert (line.outcome, line.error_class) == ("failed", "Moved")


def test_erased_lead_takes_no_contact_fields(odoo, connection, linked):
    from django.utils import timezone

    Lead.objects.filter(pk=linked.pk).update(
        erased_at=timezone.now(), contact_name="", email="", email_key="", phone="", company=""
    )
    odoo.change("crm.lead", linked.odoo_id, phone="+34 622 00 00 00", probability=33.0)

    pulled(connection, linked)

    assert (linked.phone, linked.email, linked.probability) == ("", "", 33.0)
    assert odoo.record("crm.lead", linked.odoo_id)["email_from"] == "ana@example.org"
