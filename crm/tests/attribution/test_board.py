"""Leads by stage, for those who may see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from analytics.queries.filters import Filters
from crm.models import CrmSettings, LeadRevenue, OdooConnection, OdooStage
from crm.queries import board
from crm.tests.attribution import rows
from crm.tests.support import make_lead, make_touch
from socialhub.models import AccountGrant, Organisation
from socialhub.tests.factories import PublicationFactory, UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 5, 12, tzinfo=UTC)
PERIOD = Filters(date(2026, 4, 1), date(2026, 4, 30))


@pytest.fixture
def connection():
    return OdooConnection.objects.create(
        url="https://odoo.example",
        database="shop",
        login="bot",
        version="17.0",
        transport="xmlrpc",
        state="ready",
    )


@pytest.fixture
def stages(connection):
    named = [("Qualified", False), ("New", False), ("Won", True)]
    return [
        OdooStage.objects.create(
            connection=connection, odoo_id=number, name=name, sequence=9 - number, is_won=is_won
        )
        for number, (name, is_won) in enumerate(named)
    ]


def linked(connection, number, **fields):
    return make_lead(
        connection=connection,
        odoo_id=number,
        state="linked",
        **{"created_at": AT + timedelta(minutes=number), **fields},
    )


def summary(found):
    return [(column.title, column.count) for column in found]


def test_columns_follow_odoo_with_sums_and_links(connection, stages):
    user = UserFactory(role="Marketer")
    waiting = make_lead(created_at=AT)
    money = {"currency": "EUR", "stage": stages[1]}
    old = linked(connection, 1, expected_revenue=Decimal("10.10"), **money)
    new = linked(connection, 2, expected_revenue=Decimal("20.20"), **money)
    won = linked(
        connection,
        3,
        outcome="won",
        closed_at=AT,
        stage=stages[2],
        expected_revenue=Decimal(99),
        currency="EUR",
    )
    LeadRevenue.objects.create(lead=won, won=Decimal("75.50"), currency="EUR", read_at=AT)
    linked(connection, 4, outcome="lost", closed_at=AT)

    found = board.board(user)

    assert summary(found) == [
        ("Not in Odoo yet", 1),
        ("New", 2),
        ("Qualified", 0),
        ("Won", 1),
        ("Lost", 1),
    ]
    assert [card.lead for card in found[1].cards] == [new, old]
    assert [card.lead for card in found[0].cards] == [waiting]
    assert [column.amounts for column in found[:4]] == [
        {},
        {"EUR": Decimal("30.30")},
        {},
        {"EUR": Decimal("75.50")},
    ]
    (card,) = found[3].cards
    assert (card.amount, card.currency, card.is_estimate) == (Decimal("75.50"), "EUR", False)
    assert card.odoo_url == "https://odoo.example/web#id=3&model=crm.lead&view_type=form"


def test_period_is_about_what_is_closed_only(connection, stages):
    user = UserFactory(role="Marketer")
    long_ago = AT - timedelta(days=400)
    linked(connection, 1, stage=stages[0], created_at=long_ago)
    linked(connection, 2, outcome="won", created_at=long_ago, closed_at=AT)
    linked(connection, 3, outcome="won", created_at=long_ago, closed_at=long_ago)

    found = dict(summary(board.board(user, PERIOD)))

    assert found == {"Not in Odoo yet": 0, "New": 0, "Qualified": 1, "Won": 1, "Lost": 0}


def test_filters_narrow_by_the_contact_a_lead_is_owed_to():
    user = UserFactory(role="Marketer")
    first, last = PublicationFactory(published=True), PublicationFactory(published=True)
    lead = make_lead(created_at=AT, account=first.account)
    make_touch(lead, AT, **rows.origin(first))
    make_touch(lead, AT, **rows.origin(last))

    def waiting():
        narrowed = replace(PERIOD, account=first.account_id)
        return board.board(user, narrowed)[0].count

    by_last = waiting()
    CrmSettings.objects.update(attribution="first")

    assert (by_last, waiting()) == (0, 1)


def test_only_leads_of_granted_accounts_and_own_ones_are_shown():
    user = UserFactory(role="Marketer")
    granted, other = PublicationFactory(published=True), PublicationFactory(published=True)
    AccountGrant.objects.create(user=user, account=granted.account)
    seen = make_lead(created_at=AT, account=granted.account)
    own = make_lead(created_at=AT - timedelta(days=1), created_by=user)
    make_lead(created_at=AT, account=other.account)
    limited = replace(PERIOD, granted=(granted.account_id,))

    for filters in (None, limited):
        column = board.board(user, filters)[0]

        assert [card.lead for card in column.cards] == [seen, own]
        assert column.count == 2


def test_gone_leads_and_foreign_stages_have_columns_of_their_own(connection, stages):
    user = UserFactory(role="Marketer")
    aside = OdooConnection.objects.create(
        url="https://old.example", database="old", login="bot", is_active=False
    )
    stage = OdooStage.objects.create(connection=aside, odoo_id=1, name="Old stage")
    linked(aside, 1, stage=stage)
    linked(connection, 2)
    linked(connection, 3, stage=stages[0], gone_since=AT)

    found = summary(board.board(user))

    assert found == [
        ("Not in Odoo yet", 0),
        ("New", 0),
        ("Qualified", 0),
        ("Without a stage", 1),
        ("Old stage", 1),
        ("Won", 0),
        ("Lost", 0),
        ("Not in Odoo any more", 1),
    ]


def test_column_shows_the_newest_and_says_how_many_more_there_are():
    user = UserFactory(role="Marketer")
    leads = [make_lead(created_at=AT + timedelta(hours=number)) for number in range(4)]

    column = board.board(user, cards=3)[0]

    assert [card.lead for card in column.cards] == leads[:0:-1]
    assert (column.count, column.more) == (4, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_is_constant(django_assert_num_queries, connection, stages, count):
    user = UserFactory(role="Marketer")
    Organisation.get()
    CrmSettings.get()
    for number in range(1, count + 1):
        publication = PublicationFactory(published=True)
        lead = linked(connection, number, stage=stages[0], **rows.origin(publication))
        LeadRevenue.objects.create(lead=lead, won=1, currency="EUR", read_at=AT)
        make_lead(created_at=AT)

    with django_assert_num_queries(8):
        for column in board.board(user, PERIOD):
            for card in column.cards:
                str(card.lead.publication and card.lead.publication.account)
