"""The story of a lead, and what the sync log adds to it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crm.models import (
    Lead,
    LeadConflict,
    LeadNote,
    LeadOrder,
    LeadRevenue,
    OdooConnection,
    OdooSyncLog,
    SyncKind,
)
from crm.queries import story
from crm.tests.attribution import rows
from crm.tests.support import make_lead, make_touch, sync
from socialhub.tests.factories import InteractionFactory, PublicationFactory

pytestmark = pytest.mark.django_db

AT = timezone.now() - timedelta(days=10)
HOUR = timedelta(hours=1)


@pytest.fixture
def publication():
    return PublicationFactory(
        published=True,
        published_at=AT - HOUR,
        permalink="https://net.example/p/1",
        post__text="A tent for two",
    )


def comment_lead(publication, **fields):
    comment = InteractionFactory(
        publication=publication,
        author_name="Ana",
        created_at=AT,
        permalink="https://net.example/c/1",
    )
    lead = make_lead(created_at=AT + HOUR, source="interaction", **fields)
    make_touch(lead, AT, interaction=comment, **rows.origin(publication))
    return lead


def told(lead):
    return story.story(Lead.objects.for_list().get(pk=lead.pk))


def kinds(entries):
    return [(entry.kind, entry.title) for entry in entries]


def test_from_the_post_over_odoo_to_the_refund(odoo, connection, publication):
    lead = comment_lead(publication, queued=True)
    sync(connection)
    lead.refresh_from_db()
    # Odoo's times have no fractions: what took hours may not lie within one second here.
    Lead.objects.update(exported_at=AT + 2 * HOUR)
    OdooSyncLog.objects.update(at=AT + 3 * HOUR)
    odoo.control(f"next/{lead.odoo_id}")
    sync(connection, SyncKind.LEADS)
    OdooSyncLog.objects.filter(at__gt=AT + 3 * HOUR).update(at=AT + 4 * HOUR)
    odoo.control(f"win/{lead.odoo_id}", {"amount": 120.5})
    odoo.control(f"invoice/{lead.odoo_id}", {"amount": 120.5})
    odoo.control(f"invoice/{lead.odoo_id}", {"amount": -20.5})
    sync(connection)

    found = told(lead)

    account = publication.account
    assert kinds(found)[:6] == [
        ("published", f"Our post went out on {account}"),
        ("touch", f"Ana wrote on {account}"),
        ("lead", "Became a lead"),
        ("sent", "Sent to Odoo"),
        ("stage", "Stage: New"),
        ("stage", "Stage: New → Qualified"),
    ]
    assert (found[0].detail, found[0].url) == ("A tent for two", "https://net.example/p/1")
    assert (found[1].detail, found[1].url) == ("How much is it?", "https://net.example/c/1")
    assert found[3].url == f"{odoo.url}/odoo/crm.lead/{lead.odoo_id}"
    stages = [entry.title for entry in found if entry.kind == "stage"]
    assert stages == ["Stage: New", "Stage: New → Qualified", "Stage: Qualified → Won"]
    # Told once, though the log tells it too.
    assert [entry.kind for entry in found].count("won") == 1
    amounts = {
        entry.kind: (entry.amount, entry.currency) for entry in found if entry.amount is not None
    }
    assert amounts == {
        "order": (Decimal("120.50"), "EUR"),
        "invoice": (Decimal("120.50"), "EUR"),
        "refund": (Decimal("-20.50"), "EUR"),
    }
    (order,) = (entry for entry in found if entry.kind == "order")
    row = LeadOrder.objects.get(kind="order")
    assert (order.title, order.url) == (
        f"Order {row.number}",
        f"{odoo.url}/odoo/sale.order/{row.odoo_id}",
    )
    # Of an invoice only its day is known: it comes after what happened on that day.
    assert [(entry.kind, entry.is_day) for entry in found[-2:]] == [
        ("invoice", True),
        ("refund", True),
    ]
    times = [entry.at for entry in found if not entry.is_day]
    assert times == sorted(times)


def test_lost_opened_again_and_lost_once_more_are_all_told(odoo, connection):
    lead = make_lead(queued=True)
    sync(connection)
    lead.refresh_from_db()
    odoo.control(f"lose/{lead.odoo_id}")
    sync(connection, SyncKind.LEADS)
    odoo.change("crm.lead", lead.odoo_id, active=True, probability=20.0, lost_reason_id=False)
    sync(connection, SyncKind.LEADS)
    odoo.control(f"lose/{lead.odoo_id}")
    sync(connection, SyncKind.LEADS)

    found = told(lead)

    ends = [entry.kind for entry in found if entry.kind in ("won", "lost", "open")]
    assert sorted(ends) == ["lost", "lost", "open"]
    assert [entry.detail for entry in found if entry.kind == "lost"].count("Too expensive") == 1


def test_failed_tries_in_a_row_are_one_entry(odoo, connection):
    lead = make_lead()
    for number in range(4):
        OdooSyncLog.objects.create(
            connection=connection,
            direction="out",
            object_type="lead",
            object_id=lead.pk,
            operation="create",
            outcome="retry" if number < 3 else "failed",
            error_class="Unavailable" if number < 3 else "Invalid",
            message="Odoo did not answer." if number < 3 else "",
        )

    found = told(lead)

    troubles = [(entry.title, entry.detail) for entry in found if entry.kind == "trouble"]
    assert troubles == [
        ("3 tries to reach Odoo failed", "Odoo did not answer."),
        ("A try to reach Odoo failed", "Invalid"),
    ]


def test_estimate_is_told_with_the_win(publication):
    lead = comment_lead(publication, outcome="won", closed_at=AT + 2 * HOUR)
    LeadRevenue.objects.create(
        lead=lead, won=Decimal("80.00"), currency="EUR", is_estimate=True, read_at=AT
    )

    found = told(lead)[-1]

    assert (found.kind, found.amount, found.currency, found.is_estimate) == (
        *("won", Decimal("80.00"), "EUR"),
        True,
    )


def test_consent_notes_conflicts_and_ends_are_told():
    lead = make_lead(
        created_at=AT,
        consent_at=AT + HOUR,
        consent_text="You may call me.",
        gone_since=AT + 5 * HOUR,
        erased_at=AT + 6 * HOUR,
    )
    LeadNote.objects.create(lead=lead, text="And in red?", written_at=AT + 2 * HOUR)
    conflict = LeadConflict.objects.create(lead=lead, field="phone", ours="1", theirs="2")
    LeadConflict.objects.filter(pk=conflict.pk).update(
        raised_at=AT + 3 * HOUR, settled_at=AT + 4 * HOUR, choice="theirs"
    )

    found = told(lead)

    assert [(entry.kind, entry.title, entry.detail) for entry in found] == [
        ("lead", "Became a lead", "by hand"),
        ("consent", "Agreed to", "You may call me."),
        ("note", "Wrote again (note for Odoo: waiting)", "And in red?"),
        ("conflict", "Changed here and in Odoo: phone", ""),
        ("conflict", "Decided: Odoo's value of phone stays", ""),
        ("gone", "Odoo does not show it any more", ""),
        ("erased", "Personal data was erased", ""),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_is_constant(django_assert_num_queries, count):
    connection = OdooConnection.objects.create(url="https://o.example", database="o", login="o")
    lead = make_lead(created_at=AT, connection=connection, odoo_id=1, state="linked")
    for number in range(count):
        comment = InteractionFactory()
        make_touch(lead, AT, interaction=comment, **rows.origin(comment.publication))
        LeadConflict.objects.create(
            lead=lead, field="phone", settled_at=AT, choice=f"{'ours' if number else 'theirs'}"
        )
        LeadOrder.objects.create(
            lead=lead,
            model="sale.order",
            odoo_id=number,
            kind="order",
            amount=1,
            currency="EUR",
            happened_at=AT,
        )
    row = Lead.objects.for_list().get(pk=lead.pk)

    with django_assert_num_queries(5):
        found = story.story(row)

    assert len([entry for entry in found if entry.kind == "touch"]) == count
