"""The growth curve of a publication beside the account's median at the same age."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analytics.queries.growth import Point, growth
from analytics.services import tracking, writing
from socialhub.platforms.base import Metrics
from socialhub.tests.factories import AccountFactory, PublicationFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOW, tick=False)


def grown(account, age: timedelta, readings: dict[float, dict[str, int]]):
    """A publication of that age, read so many hours after it went out."""
    row = PublicationFactory(account=account, published=True, published_at=NOW - age)
    tracking.sweep()
    for hours, counters in readings.items():
        writing.write(account, {row.pk: Metrics(**counters)}, NOW - age + timedelta(hours=hours))
    return row


def test_the_median_is_that_of_the_others_at_the_same_age():
    account = AccountFactory()
    for first, second in ((10, 40), (20, 50), (60, 90)):
        grown(account, 5 * HOUR, {0.5: {"impressions": first}, 2.5: {"impressions": second}})
    mine = grown(account, 4 * HOUR, {0.9: {"impressions": 30}, 3: {"impressions": 80}})
    grown(AccountFactory(), 5 * HOUR, {0.5: {"impressions": 9_999}})

    found = growth(mine)

    assert (found.metric, found.points) == (
        "impressions",
        [
            Point(HOUR, 30, 20.0, 3),
            Point(2 * HOUR, 30, 20.0, 3),
            Point(3 * HOUR, 80, 50.0, 3),
        ],
    )
    assert found.says == (80, 1.6)


def test_two_others_make_no_median_and_younger_ones_are_not_compared():
    account = AccountFactory()
    for age in (5, 5, 1.5):
        grown(account, age * HOUR, {0.5: {"impressions": 10}})
    mine = grown(account, 4 * HOUR, {1: {"impressions": 30}, 2: {"impressions": 31}})

    found = growth(mine)

    assert [(point.median, point.n) for point in found.points] == [(10.0, 3), (None, 2)]


def test_without_impressions_engagements_are_compared():
    account = AccountFactory()
    mine = grown(account, 4 * HOUR, {1: {"likes": 3, "comments": 2}})

    found = growth(mine)

    assert (found.metric, [point.value for point in found.points]) == ("engagements", [5])
    assert found.says is None


def test_before_the_first_reading_there_is_no_curve():
    row = PublicationFactory(published=True, published_at=NOW - HOUR)
    tracking.sweep()

    assert growth(row) is None


@pytest.mark.parametrize("others", [1, 3])
def test_queries_do_not_grow_with_the_others(others, django_assert_num_queries):
    account = AccountFactory()
    for _ in range(others):
        grown(account, 5 * HOUR, {1: {"impressions": 10}})
    mine = grown(account, 4 * HOUR, {1: {"impressions": 30}})

    with django_assert_num_queries(3):
        growth(mine)
