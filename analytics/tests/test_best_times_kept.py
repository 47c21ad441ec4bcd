"""Best times are fitted once per state of the figures, for pages and reports alike."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.queries import best_times
from analytics.queries.filters import Filters
from analytics.services.reports import figures as reports
from analytics.tests.reporting import MONDAY, NOW, SUNDAY, Shop, local
from socialhub.models import Account, Campaign, Post

pytestmark = pytest.mark.django_db
WEEK = Filters(MONDAY, SUNDAY)


@pytest.fixture
def shop():
    shop = Shop()
    shop.mine = shop.account()
    shop.rows = [
        shop.publish(shop.mine, MONDAY - timedelta(days=back), hour=9 + back % 3, likes=back + 1)
        for back in range(6)
    ]
    # A process that knows nothing yet.
    caches["local"].clear()
    caches["default"].clear()
    return shop


def asked(now: datetime = NOW, **options):
    """(best times, was a publication read?)"""
    with CaptureQueriesContext(connection) as captured:
        found = best_times.for_accounts(None, now, **options)
    return found, any("analytics_publicationstats" in one["sql"] for one in captured)


def test_what_did_not_change_is_not_read_again(shop):
    first, was_read = asked()

    again, was_read_again = asked()

    assert (was_read, was_read_again) == (True, False)
    assert again == first


def test_another_process_has_the_same(shop):
    first, _read = asked()

    caches["local"].clear()

    assert asked() == (first, False)


def test_a_number_that_moved_counts_at_once(shop):
    first, _read = asked()

    shop.read(shop.rows[5], NOW, likes=900)

    again, was_read = asked()
    assert was_read
    assert again.slots != first.slots


def test_posts_grow_older_without_any_change(shop):
    young = shop.publish(shop.mine, NOW.date() - timedelta(days=2), hour=9, likes=50)
    before, _read = asked()

    later, was_read = asked(young.published_at + timedelta(hours=49))

    assert was_read
    assert sum(slot.n for slot in later.slots) == sum(slot.n for slot in before.slots) + 1


def test_every_question_has_its_own_answer(shop):
    other = shop.account()
    shop.publish(other, MONDAY, hour=20, likes=7)
    week = Filters(MONDAY - timedelta(days=2), SUNDAY)

    numbers = [
        best_times.for_accounts(accounts, NOW, within=within).posts
        for accounts, within in [(None, None), ([shop.mine.pk], None), ([other.pk], None)] * 2
        + [(None, week), (None, None), ([], None)]
    ]

    assert numbers == [7, 6, 1, 7, 6, 1, 4, 7, 0]


def test_a_zone_moves_the_hours(shop):
    madrid, _read = asked()

    Account.objects.update(audience_timezone="Asia/Tokyo")

    tokyo, _read = asked()
    given, _read = asked(timezone="UTC")
    assert [one.timezone for one in (madrid, tokyo, given)] == [
        "Europe/Madrid",
        "Asia/Tokyo",
        "UTC",
    ]
    assert {slot.hour for slot in tokyo.slots if slot.n} == {17, 18, 19}


def test_accounts_of_different_zones_follow_the_organisation(shop):
    shop.account(audience_timezone="Asia/Tokyo")

    assert asked()[0].timezone == "Europe/Madrid"


def test_a_post_that_joins_a_campaign_counts_in_it(shop):
    campaign = Campaign.objects.create(name="Autumn")
    within = Filters(MONDAY - timedelta(days=9), SUNDAY, campaign=campaign.pk)
    before, _read = asked(within=within)

    Post.objects.filter(pk=shop.rows[0].post_id).update(campaign=campaign)

    after, _read = asked(within=within)
    assert (before.posts, after.posts) == (0, 1)


def test_the_report_shows_what_the_page_shows(shop):
    page, _read = asked()

    report = reports.figures(WEEK, NOW)["best_times"]

    assert (report["posts"], report["unit"], report["timezone"]) == (
        page.posts,
        page.unit,
        page.timezone,
    )
    assert [(row["day"], row["hour"], row["p_top5"], row["badge"]) for row in report["slots"]] == [
        (slot.weekday, slot.hour, slot.p_top5, slot.badge) for slot in page.slots[:5]
    ]


def test_a_report_takes_eight_queries_however_much_there_is(shop):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            reports.figures(WEEK, NOW)
        return sum("analytics_" in one["sql"] for one in captured)

    asked()
    few = queries()
    for n in range(4):
        shop.publish(shop.account(), MONDAY + timedelta(days=n), likes=n)
    asked()

    assert (few, queries()) == (8, 8)


def test_a_campaign_in_the_report(shop):
    campaign = Campaign.objects.create(name="Autumn")
    Campaign.objects.create(name="Nothing came of it")
    Post.objects.filter(pk=shop.rows[0].post_id).update(campaign=campaign)

    [row] = reports.figures(WEEK, NOW)["campaigns"]

    assert (row["campaign"], row["name"], row["posts"], row["likes"]) == (
        campaign.pk,
        "Autumn",
        1,
        1,
    )


def test_the_first_and_the_last_of_few_are_not_the_same(shop):
    for n in range(7):
        row = shop.publish(shop.mine, MONDAY, f"Number {n}", hour=11 + n, likes=10 * n + 20)
        assert row.published_at == local(MONDAY, 11 + n)

    found = reports.figures(WEEK, NOW)

    likes = [[row["likes"] for row in found[name]] for name in ("top", "bottom")]
    assert likes == [[80, 70, 60, 50, 40], [1, 20, 30]]
