"""Erasing a person: no table holds a word of theirs afterwards, the figures stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection as database
from django.utils import timezone

from analytics.models import Conversion
from crm.models import (
    CrmSettings,
    Lead,
    LeadConflict,
    LeadNote,
    LeadRevenue,
    OdooConnection,
    OdooSyncLog,
)
from crm.services import capture, erasing, following, retention
from crm.tests.capture.rows import again, api_origin, comment, told
from crm.tests.support import make_lead
from socialhub.models import IdempotencyKey, Interaction
from socialhub.services.errors import Conflict, Forbidden
from socialhub.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
# Each stands for one kind of personal data and occurs nowhere else.
WORDS = ("zoraida", "quintanilla", "zq-mail", "987654321", "zq-company", "zq-secret")


@pytest.fixture
def admin(db):
    return UserFactory(role="Administrator")


def everything() -> str:
    """Every value of every row of every table."""
    found = []
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found).lower()


def left(words: tuple[str, ...] = WORDS) -> list[str]:
    stored = everything()
    return [word for word in words if word in stored]


@pytest.fixture
def known(admin) -> Lead:
    """A lead in Odoo with everything that can be known about somebody."""
    odoo = OdooConnection.objects.create(
        url="https://odoo.example", database="shop", login="bot", version="18.0"
    )
    asked = comment(
        "zoraida",
        "It is Zoraida, zq-secret one",
        author_name="Zoraida Quintanilla",
        permalink="https://social.example/@zoraida/1",
        remote_data={"acct": "zoraida"},
    )
    lead, _created = capture.convert(asked, admin)
    told_more = told(
        contact_name="Zoraida",
        email="zq-mail@shop.example",
        phone="987654321",
        company="zq-company",
    )
    Lead.objects.filter(pk=lead.pk).update(
        state="linked",
        odoo_id=7,
        connection=odoo,
        agreed={"email": "zq-mail@shop.example"},
        email=told_more.email,
        email_key=told_more.email,
        phone=told_more.phone,
        phone_key=told_more.phone,
        company=told_more.company,
        consent_text="You may write to me.",
        consent_at=timezone.now(),
    )
    following.follow(again(asked, "Zoraida again, zq-secret two"))
    LeadConflict.objects.create(lead=lead, field="email", ours="zq-mail@a", theirs="zq-mail@b")
    OdooSyncLog.objects.create(
        connection=odoo,
        direction="out",
        object_type="lead",
        object_id=lead.pk,
        operation="load",
        outcome="failed",
        message="zq-mail@shop.example is no address",
        changes={"x": ["zq-secret", "y"]},
    )
    IdempotencyKey.objects.create(
        user=admin,
        key="k",
        path="/api/leads/",
        body_hash="x",
        status=201,
        answer={"id": lead.pk, "uuid": str(lead.uuid), "email": "zq-mail@shop.example"},
    )
    for row in (lead, asked):
        LogEntry.objects.create(
            user=admin,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row),
            action_flag=CHANGE,
        )
    LeadRevenue.objects.create(
        lead=lead, won=Decimal("1200.00"), currency="EUR", read_at=timezone.now()
    )
    lead.refresh_from_db()
    return lead


def test_nothing_of_the_person_is_left_in_the_database(known, admin):
    # Never linked with the lead, but theirs.
    other = again(known.first_touch.interaction, "Older zq-secret three")
    Interaction.objects.filter(pk=other.pk).update(created_at=timezone.now() - timedelta(days=90))
    assert left() == list(WORDS)

    found = erasing.erase_person(known, admin)

    assert left() == []
    assert (found.leads, found.interactions) == ([known.pk], 3)
    assert found.odoo == ["https://odoo.example/odoo/crm.lead/7"]
    assert "https://odoo.example/odoo/crm.lead/7" in found.sentence


def test_the_figures_stay(known, admin):
    before = list(Conversion.objects.values("key", "publication", "happened_at"))
    touches = list(known.touches.values("kind", "at", "publication", "interaction"))

    erasing.erase_person(known, admin)

    known.refresh_from_db()
    assert known.erased_at is not None
    assert (known.name, known.state, known.odoo_id) == ("Erased person", "linked", 7)
    assert known.revenue.won == Decimal("1200.00")
    assert known.consent_text == "You may write to me."
    assert list(Conversion.objects.values("key", "publication", "happened_at")) == before
    assert list(known.touches.values("kind", "at", "publication", "interaction")) == touches
    assert LeadConflict.objects.get().settled_at is not None
    assert LeadNote.objects.get().state == "parked"
    replayed = IdempotencyKey.objects.get().answer
    assert replayed == {"id": known.pk, "uuid": str(known.uuid), "erased": True}


def test_erasing_again_changes_nothing(known, admin):
    erasing.erase_person(known, admin)
    before = everything()

    erasing.erase_person(Lead.objects.get(pk=known.pk), admin)

    assert everything() == before


def test_all_leads_of_the_person_are_erased_and_nobody_elses(known, admin):
    closed = make_lead(email="zq-mail@shop.example", outcome="won")
    stranger = make_lead(email="bo@shop.example")

    found = erasing.erase_person(known, admin)

    assert found.leads == sorted([known.pk, closed.pk])
    stranger.refresh_from_db()
    assert stranger.erased_at is None


@pytest.mark.parametrize(
    ("state", "was_sent", "says"),
    [
        ("new", False, "never went"),
        ("queued", False, "never went"),
        ("queued", True, "external id"),
    ],
)
def test_a_lead_that_waits_is_never_sent_any_more(admin, state, was_sent, says):
    lead = make_lead(state=state, was_sent=was_sent, next_try_at=timezone.now())

    found = erasing.erase_person(lead, admin)

    lead.refresh_from_db()
    assert (lead.state, lead.park_code, lead.next_try_at) == ("parked", "erased", None)
    assert says in found.sentence


def test_a_lead_that_is_being_sent_is_not_torn_away(admin):
    import uuid

    lead = make_lead(queued=True, claim=uuid.uuid4(), claimed_at=timezone.now())

    with pytest.raises(Conflict) as refused:
        erasing.erase_person(lead, admin)

    assert refused.value.code == "being_sent"
    lead.refresh_from_db()
    assert lead.erased_at is None


def test_what_was_erased_is_not_collected_again(known, admin):
    from socialhub.platforms.base import RemoteInteraction
    from socialhub.services import interactions

    asked = known.first_touch.interaction
    erasing.erase_person(known, admin)
    item = RemoteInteraction(
        remote_id=asked.remote_id,
        kind="comment",
        author_handle="zoraida",
        author_name="Zoraida",
        text="zq-secret",
        created_at=asked.created_at,
        permalink="",
        parent_id=asked.parent_remote_id,
    )

    interactions.store(asked.account, [item])

    assert left() == []


def test_what_is_left_of_a_comment_becomes_no_lead(known, admin):
    linked = known.first_touch.interaction
    other = again(linked)
    erasing.erase_person(known, admin)
    linked.refresh_from_db()
    other.refresh_from_db()

    with pytest.raises(Conflict) as refused:
        capture.convert(other, admin)

    assert refused.value.code == "erased"
    assert capture.convert(linked, admin) == (known, False)


def test_an_erased_person_is_a_new_one_when_they_come_again(admin):
    first, _created = capture.capture(told(email="ana@shop.example"), api_origin())
    erasing.erase_person(first, admin)

    second, created = capture.capture(told(email="ana@shop.example"), api_origin())

    assert created
    assert second != first


def test_only_administrators_erase(known):
    with pytest.raises(Forbidden):
        erasing.erase_person(known, UserFactory(role="Marketer"))


# -- retention ----------------------------------------------------------------------

NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("months", "limit"),
    [
        (1, datetime(2026, 7, 31, 12, tzinfo=UTC)),
        (6, datetime(2026, 2, 28, 12, tzinfo=UTC)),
        (8, datetime(2025, 12, 31, 12, tzinfo=UTC)),
        (24, datetime(2024, 8, 31, 12, tzinfo=UTC)),
    ],
)
def test_months_are_calendar_months(months, limit):
    assert retention.months_before(NOW, months) == limit


def aged(days: float, **fields) -> Lead:
    return make_lead(created_at=NOW - timedelta(days=days), **fields)


def test_leads_are_erased_when_their_time_is_over():
    CrmSettings.objects.create(pk=1, retention_months=1)
    old, young = aged(32), aged(30)
    ended = aged(400, outcome="won", closed_at=NOW - timedelta(days=32))
    lately = aged(400, outcome="won", closed_at=NOW - timedelta(days=30))

    first, second = retention.tend(NOW), retention.tend(NOW)

    assert (first["erased"], second["erased"]) == (2, 0)
    erased = Lead.objects.filter(erased_at__isnull=False)
    assert set(erased) == {old, ended}
    assert {young, lately} == set(Lead.objects.filter(erased_at__isnull=True))


def test_a_touch_keeps_a_lead_and_another_lead_of_the_person_stays():
    CrmSettings.objects.create(pk=1, retention_months=1)
    kept, created = capture.capture(told(email="ana@shop.example"), api_origin(at=NOW))
    assert created
    Lead.objects.filter(pk=kept.pk).update(created_at=NOW - timedelta(days=400))
    closed = aged(90, email="ana@shop.example", outcome="lost", closed_at=NOW - timedelta(days=60))

    retention.tend(NOW)

    kept.refresh_from_db()
    closed.refresh_from_db()
    assert (kept.erased_at, kept.email) == (None, "ana@shop.example")
    assert closed.erased_at is not None


def test_nothing_is_erased_without_a_setting():
    aged(5_000)

    assert retention.tend(NOW)["erased"] == 0


def test_a_key_that_ends_soon_is_told_once():
    from socialhub.models import Notice

    for days, active in ((13, True), (15, False)):
        OdooConnection.objects.create(
            url="https://odoo.example",
            database="shop",
            login="bot",
            is_active=active,
            key_expires_at=NOW + timedelta(days=days),
        )

    assert [retention.tend(NOW)["keys"] for _n in range(2)] == [1, 1]
    assert Notice.objects.count() == 1
