"""Leads and revenue in a report."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from analytics import report_sections
from analytics.queries.filters import Filters
from crm import report_section
from crm.models import LeadRevenue
from crm.tests.attribution import rows
from crm.tests.support import make_lead, make_touch
from socialhub.tests.factories import CampaignFactory, PublicationFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 5, 12, tzinfo=UTC)
PERIOD = Filters(date(2026, 4, 1), date(2026, 4, 30))


def owed(publication, won, **fields):
    lead = make_lead(created_at=AT, outcome="won")
    make_touch(lead, AT, **rows.origin(publication))
    values = {"currency": "EUR", "read_at": AT, **fields}
    LeadRevenue.objects.create(lead=lead, won=won, **values)


def ours(filters=PERIOD, language="en"):
    """As a report has it."""
    (found,) = (
        one
        for one in report_sections.sections(filters, language)
        if one["key"] == report_section.KEY
    )
    return found


def test_sentence_and_the_best_campaigns_and_posts():
    campaign = CampaignFactory(name="Spring")
    publication = PublicationFactory(
        published=True, post__campaign=campaign, post__text="A tent for two"
    )
    owed(publication, Decimal("1200.00"))
    owed(publication, Decimal("34.50"))
    make_lead(created_at=AT)

    found = ours()

    assert (found["failed"], found["title"]) == (False, "Leads and revenue")
    assert found["text"] == "3 leads came in; 2 of them are won; revenue until now: 1,234.50 EUR."
    assert found["rows"] == [
        ["Spring", "campaign", 2, 2, "1234.50", "EUR", ""],
        ["A tent for two", "post", 2, 2, "1234.50", "EUR", ""],
    ]


def test_estimates_are_labelled():
    owed(PublicationFactory(published=True), Decimal("10.00"), is_estimate=True)

    found = ours()

    assert found["text"].endswith("revenue until now: 10.00 EUR (estimate).")
    assert [row[-1] for row in found["rows"]] == ["yes"]


def test_only_the_five_best_are_listed():
    for won in range(1, 8):
        owed(PublicationFactory(published=True, post__text=f"Post {won}"), Decimal(won))
    # Owed to no post: not among them.
    LeadRevenue.objects.create(
        lead=make_lead(created_at=AT), won=Decimal(99), currency="EUR", read_at=AT
    )

    labels = [row[0] for row in ours()["rows"]]

    assert labels == [f"Post {won}" for won in (7, 6, 5, 4, 3)]


def test_period_without_leads_says_so():
    make_lead(created_at=datetime(2026, 3, 1, tzinfo=UTC))

    found = ours()

    assert (found["text"], found["rows"]) == ("No leads came in.", [])


def test_where_nobody_has_leads_the_section_is_left_out():
    assert report_section.section(PERIOD, "en") is None


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_is_constant(django_assert_num_queries, count):
    for number in range(count):
        campaign = CampaignFactory(name=f"Campaign number {number}")
        owed(PublicationFactory(published=True, post__campaign=campaign), Decimal(1))
    report_section.section(PERIOD, "en")

    with django_assert_num_queries(19):
        report_section.section(PERIOD, "en")
