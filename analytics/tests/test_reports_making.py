"""Reports: which days, which figures, and that each is made once."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.utils import timezone

from analytics import report_sections
from analytics.models import AnalyticsReport, DataVersion
from analytics.queries.filters import Filters
from analytics.report_sections import Section
from analytics.services import rebuilding
from analytics.services.reports import making, periods
from analytics.services.reports.figures import figures
from analytics.tests.reporting import MONDAY, NOW, SUNDAY, ZONE, Shop, local, two_weeks
from socialhub.models import AccountGrant
from socialhub.services.errors import Conflict, Forbidden, Invalid
from socialhub.tests.factories import AccountFactory, CampaignFactory, UserFactory, organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return Shop()


def weekly(**options):
    return making.make("weekly", MONDAY, now=NOW, **options)


# -- days ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "start", "end", "field", "code"),
    [
        ("weekly", date(2026, 3, 3), None, "period_start", "invalid"),
        ("weekly", MONDAY, date(2026, 3, 9), "period_end", "invalid"),
        ("weekly", date(2026, 3, 9), None, "period_start", "period_not_over"),
        ("monthly", date(2026, 2, 2), None, "period_start", "invalid"),
        ("monthly", date(2026, 3, 1), None, "period_start", "period_not_over"),
        ("custom", MONDAY, None, "period_end", "invalid"),
        ("custom", MONDAY, date(2026, 3, 1), "period_end", "invalid"),
        ("custom", date(2025, 3, 1), date(2026, 3, 2), "period_start", "invalid"),
        ("custom", MONDAY, date(2026, 3, 9), "period_end", "period_not_over"),
        ("custom", date(9999, 12, 31), date(9999, 12, 31), "period_start", "invalid"),
        ("daily", MONDAY, None, "report_type", "invalid"),
    ],
)
def test_days_that_make_no_report_are_named(kind, start, end, field, code):
    with pytest.raises(Invalid) as refused:
        periods.checked(kind, start, end, NOW, ZONE)

    assert (list(refused.value.fields), refused.value.code) == ([field], code)


def test_a_period_that_is_not_over_says_from_when():
    with pytest.raises(Invalid, match="from March 16, 2026 on"):
        periods.checked("weekly", date(2026, 3, 9), None, NOW, ZONE)


@pytest.mark.parametrize(
    ("kind", "start", "end", "last"),
    [
        ("weekly", MONDAY, None, SUNDAY),
        ("weekly", MONDAY, SUNDAY, SUNDAY),
        ("monthly", date(2026, 2, 1), None, date(2026, 2, 28)),
        ("monthly", date(2025, 12, 1), None, date(2025, 12, 31)),
        ("custom", SUNDAY, SUNDAY, SUNDAY),
        ("custom", date(2025, 3, 8), SUNDAY, SUNDAY),
    ],
)
def test_periods_end_where_they_should(kind, start, end, last):
    assert periods.checked(kind, start, end, NOW, ZONE).last == last


def test_a_week_is_over_by_the_local_clock():
    just_after_midnight = datetime(2026, 3, 9, 0, 1, tzinfo=ZONE)
    assert periods.checked("weekly", MONDAY, None, just_after_midnight, ZONE).last == SUNDAY
    with pytest.raises(Invalid):
        periods.checked("weekly", MONDAY, None, just_after_midnight, ZoneInfo("America/Lima"))


def test_what_is_due_waits_for_seven_in_the_morning():
    def due(kind, *moment):
        found = periods.due(kind, datetime(*moment, tzinfo=ZONE), ZONE)
        return found and (found.first, found.last)

    assert due("weekly", 2026, 3, 9, 6, 59) is None
    assert due("weekly", 2026, 3, 9, 7, 0) == (MONDAY, SUNDAY)
    # The machine slept until Thursday.
    assert due("weekly", 2026, 3, 12, 3, 0) == (MONDAY, SUNDAY)
    assert due("monthly", 2026, 3, 1, 6, 59) is None
    assert due("monthly", 2026, 3, 1, 7, 0) == (date(2026, 2, 1), date(2026, 2, 28))
    assert due("monthly", 2026, 1, 20, 0, 0) == (date(2025, 12, 1), date(2025, 12, 31))


# -- figures ---------------------------------------------------------------------------------


@pytest.mark.parametrize("built", [False, True])
def test_figures_are_the_sums_by_hand(shop, built):
    two_weeks(shop)
    if built:
        rebuilding.rebuild(timezone.now())

    report, created = weekly()

    assert created
    assert {name: getattr(report, name) for name in (*making.TOTALS, *making.AVERAGES)} == {
        "total_posts": 2,
        "total_publications": 3,
        "total_impressions": 1_500,
        "total_engagements": 41,
        "total_likes": 28,
        "total_comments": 6,
        "total_shares": 7,
        # Mastodon reports no impressions: 36 engagements on 1,500.
        "avg_engagement_rate": pytest.approx(2.4),
        "avg_impressions_per_post": 750.0,
        "avg_engagements_per_post": pytest.approx(41 / 3),
    }
    assert (report.posts_change_pct, report.engagement_change_pct) == (100.0, pytest.approx(310.0))
    assert report.platform_breakdown["sandbox"]["posts"] == 2
    assert report.platform_breakdown["mastodon"]["impressions"] is None
    assert report.content_performance["text"]["engagements"] == 41
    assert (report.period_start, report.period_end, report.timezone) == (
        MONDAY,
        SUNDAY,
        "Europe/Madrid",
    )


def test_top_posts_are_those_of_the_period_and_rated(shop):
    rows = two_weeks(shop)
    shop.publish(rows["sandals"].account, MONDAY - timedelta(days=3), likes=900, impressions=1_000)

    report, _created = weekly()

    assert [(p["publication"], p["engagement_rate"]) for p in report.top_posts] == [
        (rows["sandals"].pk, 3.0),
        (rows["again"].pk, 1.2),
    ]
    assert report.top_posts[0]["content"] == "Sandals are here"
    assert report.top_posts[0]["platforms"] == ["sandbox"]
    assert report.details["bottom"] == []


def test_where_few_report_impressions_posts_are_ranked_by_engagements(shop):
    account = shop.account("mastodon")
    for place in range(9):
        shop.publish(account, MONDAY, f"Post {place}", likes=place)

    report, _created = weekly()

    assert report.details["ranking"] == {"by": "engagements", "minimum": 0}
    assert [p["engagements"] for p in report.top_posts] == [8, 7, 6, 5, 4]
    assert [p["engagements"] for p in report.details["bottom"]] == [0, 1, 2]


def test_what_nobody_reports_stays_unknown(shop):
    shop.publish(shop.account("mastodon"), MONDAY)

    report, _created = weekly()

    unknown = (*making.TOTALS[2:], *making.AVERAGES, "engagement_change_pct", "posts_change_pct")
    assert {name: getattr(report, name) for name in unknown} == dict.fromkeys(unknown)
    assert report.total_posts == 1
    assert "is not known" in report.summary
    assert " 0 " not in report.summary


def test_a_period_without_posts_says_so(shop):
    two_weeks(shop)

    report, created = making.make("custom", date(2026, 2, 1), date(2026, 2, 3), now=NOW)

    assert created
    assert report.summary == (
        "Nothing was published from Feb. 1, 2026 to Feb. 3, 2026. "
        "How much people engaged in these days is not known."
    )
    assert (report.total_posts, report.total_impressions, report.top_posts) == (0, None, [])


def test_an_empty_installation_gets_a_report_too(shop):
    report, created = weekly()

    assert created
    assert (report.total_posts, report.measured_at) == (0, None)


def test_daily_series_keep_the_two_kinds_apart(shop):
    rows = two_weeks(shop)
    # On Sunday somebody likes the post of Monday.
    shop.read(rows["sandals"], local(SUNDAY, 15), likes=21, comments=4, shares=6, impressions=1_010)

    daily = {row["day"]: row for row in weekly()[0].details["daily"]}

    assert list(daily) == [(MONDAY + timedelta(days=n)).isoformat() for n in range(7)]
    first, last = daily[MONDAY.isoformat()], daily[SUNDAY.isoformat()]
    assert (first["published"]["engagements"], first["happened"]["engagements"]) == (31, 30)
    assert (last["published"]["engagements"], last["happened"]["engagements"]) == (11, 12)


def test_days_of_the_week_the_clock_changes_are_whole(shop):
    """In Madrid the clock goes back on Sunday, October 25th, 2026: the week has 169 hours."""
    account = shop.account("mastodon")
    shop.publish(account, date(2026, 10, 19), hour=0, likes=1)
    late = shop.publish(account, date(2026, 10, 25), hour=23, likes=10)
    shop.publish(account, date(2026, 10, 26), hour=0, likes=100)
    now = datetime(2026, 10, 26, 7, 30, tzinfo=ZONE)

    report, _created = making.make("weekly", date(2026, 10, 19), now=now)

    assert late.published_at.utcoffset() == timedelta(hours=1)
    assert (report.total_posts, report.total_likes) == (2, 11)


def test_a_zone_of_half_hours(shop):
    organisation(timezone="Asia/Kolkata")
    account = shop.account("mastodon")
    # 22:30 in Kolkata, and 00:30 of the day after the week.
    shop.publish(account, SUNDAY, hour=18, likes=1)
    shop.publish(account, SUNDAY, hour=20, likes=10)
    rebuilding.rebuild(timezone.now())
    now = datetime(2026, 3, 9, 8, tzinfo=ZoneInfo("Asia/Kolkata"))

    report, _created = making.make("weekly", MONDAY, now=now)

    assert (report.total_likes, report.timezone) == (1, "Asia/Kolkata")


@pytest.mark.parametrize(("scope", "posts"), [("platform:sandbox", 2), ("platform:mastodon", 1)])
def test_a_scope_narrows_a_report(shop, scope, posts):
    rows = two_weeks(shop)

    report, _created = weekly(scope=scope)
    one, _created = weekly(scope=f"account:{rows['sandals'].account_id}")

    assert (report.total_posts, report.scope_key) == (posts, scope)
    assert (one.total_posts, one.scope_account_id) == (2, rows["sandals"].account_id)


def test_a_campaign_is_a_scope_whose_days_are_unknown(shop):
    rows = two_weeks(shop)
    campaign = CampaignFactory()
    rows["sandals"].post.campaign = campaign
    rows["sandals"].post.save()

    report, _created = weekly(scope=f"campaign:{campaign.pk}")

    assert (report.total_posts, report.total_engagements) == (1, 30)
    assert report.engagement_change_pct is None
    assert "not known" in report.summary


@pytest.mark.parametrize("scope", ["account:999", "account:x", "platform:orkut", "x", "campaign:9"])
def test_an_unknown_scope_is_refused(shop, scope):
    with pytest.raises(Invalid) as refused:
        weekly(scope=scope)

    assert list(refused.value.fields) == ["scope"]


def test_who_is_limited_to_accounts_makes_reports_of_those(shop):
    rows = two_weeks(shop)
    user = UserFactory(role="Marketer")
    AccountGrant.objects.create(user=user, account=rows["sandals"].account)

    report, _created = weekly(scope=f"account:{rows['sandals'].account_id}", user=user)

    assert report.made_by == user
    for scope in ("", "platform:sandbox", f"account:{rows['boots'].account_id}"):
        with pytest.raises(Invalid):
            weekly(scope=scope, user=user)


def test_a_role_without_the_verb_makes_none(shop):
    with pytest.raises(Forbidden):
        weekly(user=UserFactory(role="Approver"))


def test_while_days_are_rebuilt_none_is_made(shop):
    rebuilding.rebuild(timezone.now())
    DataVersion.objects.update(timezone="America/Lima")

    with pytest.raises(Conflict, match="time zone"):
        weekly()


# -- once ------------------------------------------------------------------------------------


def test_again_is_the_same_report_untouched(shop):
    rows = two_weeks(shop)
    first, _created = weekly()
    shop.read(rows["boots"], NOW, likes=1_000)
    kept = AnalyticsReport.objects.values().get()

    again, created = making.make("weekly", MONDAY, now=NOW + timedelta(hours=5))

    assert (again.pk, created) == (first.pk, False)
    assert AnalyticsReport.objects.values().get() == kept


def test_by_force_it_is_a_new_revision_that_says_so(shop):
    rows = two_weeks(shop)
    first, _created = weekly()
    shop.read(rows["boots"], NOW, likes=1_003, comments=2)

    second, created = weekly(force=True)

    assert (created, second.revision, second.total_likes) == (True, 2, first.total_likes + 1_000)
    assert "This is revision 2" in second.summary
    assert "revision" not in first.summary
    assert weekly()[0] == second
    assert list(AnalyticsReport.objects.latest_revisions()) == [second]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_report():
    Shop()
    found, start = [], threading.Barrier(2)

    def work():
        start.wait()
        try:
            found.append(weekly())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(created for _report, created in found) == [False, True]
    assert len({report.pk for report, _created in found}) == 1


@pytest.mark.django_db(transaction=True)
def test_two_forced_at_once_make_two_revisions():
    Shop()
    weekly()
    found, start = [], threading.Barrier(2)

    def work():
        start.wait()
        try:
            found.append(weekly(force=True)[0].revision)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [2, 3]


# -- sections --------------------------------------------------------------------------------


@pytest.fixture
def offered():
    """offered(key, provider) registers a section for this test."""
    keys = []

    def offer(key, provider):
        report_sections.register(key, provider)
        keys.append(key)

    yield offer
    for key in keys:
        report_sections.unregister(key)


def test_other_apps_add_sections_in_each_language(shop, offered):
    asked = []

    def leads(filters: Filters, language: str) -> Section:
        asked.append((filters.first, filters.last, language))
        return Section("Leads", "Two leads.", [("Stage", "text"), ("EUR", "amount")], [["New", 5]])

    offered("crm", leads)
    offered("nothing", lambda filters, language: None)

    report, _created = weekly()

    assert asked == [(MONDAY, SUNDAY, "en"), (MONDAY, SUNDAY, "es")]
    assert report.sections == [
        {
            "key": "crm",
            "title": "Leads",
            "text": "Two leads.",
            "columns": [{"label": "Stage", "kind": "text"}, {"label": "EUR", "kind": "amount"}],
            "rows": [["New", 5]],
            "failed": False,
        }
    ]


def test_a_broken_section_is_noted_and_logged_and_the_report_is_made(shop, offered, caplog):
    def broken(filters, language):
        AnalyticsReport.objects.extra(where=["no_such_column = 1"]).exists()

    offered("crm", broken)

    report, created = weekly()

    assert created
    assert [(s["key"], s["failed"]) for s in report.sections] == [("crm", True)]
    assert "could not be made" in report.sections[0]["text"]
    assert "the report section crm broke" in caplog.text


def test_two_sections_of_one_name_are_a_mistake(offered):
    offered("crm", lambda filters, language: None)

    with pytest.raises(ValueError, match="twice"):
        report_sections.register("crm", lambda filters, language: None)


# -- words -----------------------------------------------------------------------------------


def test_the_summary_tells_the_week(shop):
    two_weeks(shop)

    assert weekly()[0].summary == (
        "From March 2, 2026 to March 8, 2026, 2 posts went out on 2 networks, as 3 publications. "
        "That is 100 % more than in the period before (1). "
        "People engaged 41 times with posts, older ones included, "
        "310 % more than in the period before. "
        "What was published was seen 1,500 times so far, with an engagement rate of 2.40 %. "
        "Best of them: “Sandals are here” on Sandbox, engagement rate 3.00 %."
    )


def test_without_a_period_before_no_percentage_is_claimed(shop):
    shop.publish(shop.account(), MONDAY, likes=3)

    report, _created = weekly()

    assert (report.posts_change_pct, report.engagement_change_pct) == (None, None)
    assert "Nothing had been published in the equally long period before." in report.summary
    assert "not enough data to compare" in report.summary
    assert "%" not in report.summary


def test_numbers_follow_the_organisation_s_language(shop):
    organisation(language="es")
    two_weeks(shop)

    report, _created = weekly()

    assert report.language == "es"
    assert "2,40" in report.summary
    assert "2 de marzo de 2026" in report.summary


def test_figures_are_json_and_take_a_fixed_number_of_queries(shop, django_assert_max_num_queries):
    two_weeks(shop)
    AccountFactory(platform="mastodon")

    with django_assert_max_num_queries(29):
        found = figures(Filters(MONDAY, SUNDAY), NOW)

    assert found["totals"]["posts"] == 2
