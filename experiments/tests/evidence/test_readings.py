"""What one publication had earned at a moment, by metric."""

from __future__ import annotations

from decimal import Decimal

import pytest

from analytics.models import Conversion
from analytics.services import tracking
from experiments.models import ABTest, Metric
from experiments.services import readings
from experiments.services.readings import Numbers
from experiments.tests.evidence.driving import HOUR, START, read
from socialhub.models import LinkVisit, Organisation, Publication, TrackedLink
from socialhub.platforms.base import Metrics
from socialhub.tests.factories import PublicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def out() -> Publication:
    """Read an hour and three hours after it went out."""
    publication = PublicationFactory(published=True, published_at=START)
    tracking.ensure_stats([publication.pk])
    for hours, likes in ((1, 5), (3, 9)):
        said = Metrics(likes=likes, comments=1, impressions=100 * hours, clicks=2 * hours)
        read(START + hours * HOUR, {publication: said})
    return publication


def _at(metric: str, publication: Publication, hours: int) -> Numbers:
    return readings.numbers(ABTest(metric=metric), publication, START + hours * HOUR)


def test_the_last_reading_before_counts(out):
    assert _at(Metric.ENGAGEMENTS, out, 0) == Numbers(None, None)
    assert _at(Metric.ENGAGEMENTS, out, 2) == Numbers(6, 100)
    assert _at(Metric.ENGAGEMENTS, out, 3) == Numbers(10, 300)


def test_clicks_are_the_networks_or_the_visitors_of_a_short_link(out):
    assert _at(Metric.CLICKS, out, 2) == Numbers(2, 100)

    link = TrackedLink.objects.create(slug="chairs", publication=out)
    for hours, is_bot in ((1, False), (1, True), (4, False)):
        LinkVisit.objects.create(
            link=link, at=START + hours * HOUR, destination_key="default", is_bot=is_bot
        )
    again = LinkVisit.objects.filter(is_bot=False).first()
    LinkVisit.objects.create(
        link=link, at=START + HOUR, destination_key="default", visitor=again.visitor
    )

    assert _at(Metric.CLICKS, out, 3) == Numbers(1, 300)


def test_leads_and_orders_are_those_owed_to_the_publication(out):
    own = Organisation.get().currency
    rows = [
        ("lead", 1, None, ""),
        ("lead", 5, None, ""),
        ("order", 2, "40.50", own),
        ("order", 2, "9.00", "XTS"),
        ("invoice", 2, "40.50", own),
    ]
    for n, (kind, hours, amount, currency) in enumerate(rows):
        Conversion.objects.create(
            key=f"test:{n}",
            kind=kind,
            happened_at=START + hours * HOUR,
            publication=out,
            amount=amount,
            currency=currency,
        )

    assert _at(Metric.LEADS, out, 3) == Numbers(1, 300)
    assert _at(Metric.REVENUE, out, 3) == Numbers(10, 300, Decimal("40.50"))
