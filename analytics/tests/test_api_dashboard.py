"""/api/analytics/dashboard/, timeseries/ and top-posts/: exact numbers on a hand-made week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.models import PublicationStats
from analytics.rollup_specs import MEASURED
from analytics.services import rebuilding
from analytics.tests.measured import ROOT, ask, client, measured
from socialhub.models import ContentType
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    InteractionFactory,
    PostFactory,
    organisation,
)

pytestmark = pytest.mark.django_db

# Clocks in Madrid go back on Sunday the 26th at 01:00 UTC.
WEEK = {"from_": "2025-10-20", "to": "2025-10-26"}
NOTHING = dict.fromkeys(MEASURED)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 10, day, hour, minute, tzinfo=UTC)


@pytest.fixture(params=["facts", "rollups"])
def source(request):
    """Figures of both origins: before the rollups were ever built, and after."""
    organisation(timezone="Europe/Madrid")
    if request.param == "rollups":
        rebuilding.rebuild(timezone.now())
    return request.param


@pytest.fixture
def week(source):
    """Three publications of two posts, one of a third, an answer, and what lies just outside."""
    shop, forum, quiet = AccountFactory(), AccountFactory(platform="mastodon"), AccountFactory()
    autumn = CampaignFactory()
    bread = PostFactory(approved=True, campaign=autumn, text="Bread")
    photo = PostFactory(approved=True, content_type=ContentType.IMAGE, text="Photo")
    answer = PostFactory(approved=True, is_reply=True)
    rows = {
        "bread_shop": measured(
            shop, at(20, 8), post=bread, counters={"likes": 10, "comments": 2, "impressions": 400}
        ),
        # This network reports no impressions.
        "bread_forum": measured(
            forum, at(21, 8), post=bread, counters={"likes": 5, "shares": 1, "replies": 0}
        ),
        # 00:30 on Sunday in Madrid, still Saturday in UTC.
        "photo": measured(
            shop, at(25, 22, 30), post=photo, counters={"likes": 6, "saves": 2, "impressions": 100}
        ),
        "unread": measured(forum, at(22, 9)),
        "answer": measured(shop, at(22, 9), post=answer, counters={"likes": 100}),
        # 00:30 on Monday in Madrid.
        "after": measured(shop, at(26, 23, 30), counters={"likes": 1000}),
        "before": measured(shop, at(19, 20, 30), counters={"likes": 4, "impressions": 50}),
    }
    PublicationStats.objects.filter(pk=rows["photo"].pk).update(gone_at=at(26, 12))
    return SimpleNamespace(shop=shop, forum=forum, quiet=quiet, autumn=autumn, bread=bread, **rows)


def sums(posts: int, publications: int, rate: float | None = None, **found: int) -> dict:
    return {
        "posts": posts,
        "publications": publications,
        **NOTHING,
        **found,
        "avg_engagement_rate": rate,
    }


# -- totals ---------------------------------------------------------------------------------


def test_a_week_adds_up_exactly(week):
    InteractionFactory(publication=week.photo)
    InteractionFactory(publication=week.photo, archived_at=timezone.now())

    found = ask("dashboard", **WEEK)

    shop_rate = 100 * 20 / 500
    assert {name: found[name] for name in found if name.startswith("total_")} == {
        "total_posts": 3,
        "total_publications": 4,
        **{f"total_{name}": None for name in MEASURED},
        "total_likes": 21,
        "total_comments": 2,
        "total_shares": 1,
        "total_saves": 2,
        "total_replies": 0,
        "total_impressions": 500,
        "total_engagements": 26,
    }
    assert found["avg_engagement_rate"] == shop_rate
    assert found["platform_breakdown"] == {
        "mastodon": sums(2, 2, likes=5, shares=1, replies=0, engagements=6),
        "sandbox": sums(
            2, 2, shop_rate, likes=16, comments=2, saves=2, impressions=500, engagements=20
        ),
    }
    assert found["content_breakdown"] == {
        "text": sums(
            2, 3, 3.0, likes=15, comments=2, shares=1, replies=0, impressions=400, engagements=18
        ),
        "image": sums(1, 1, 8.0, likes=6, saves=2, impressions=100, engagements=8),
    }
    assert found["pending_interactions"] == 1
    assert (found["period_days"], found["from"], found["to"], found["timezone"]) == (
        7,
        "2025-10-20",
        "2025-10-26",
        "Europe/Madrid",
    )
    # The latest reading of all, with the offset of the winter.
    assert found["measured_at"] == "2025-10-27T01:30:00+01:00"


def test_the_heatmap_has_local_hours_on_both_sides_of_a_clock_change(week):
    measured(week.shop, at(26, 8), counters={"likes": 1, "impressions": 10})

    cells = ask("dashboard", **WEEK, platform="sandbox")["heatmap"]

    assert cells == [
        # 08:00 UTC is 10:00 in summer,
        {
            "weekday": 0,
            "hour": 10,
            "publications": 1,
            "engagements": 12,
            "impressions": 400,
            "rate": 3.0,
        },
        {
            "weekday": 6,
            "hour": 0,
            "publications": 1,
            "engagements": 8,
            "impressions": 100,
            "rate": 8.0,
        },
        # and 09:00 in winter.
        {
            "weekday": 6,
            "hour": 9,
            "publications": 1,
            "engagements": 1,
            "impressions": 10,
            "rate": 10.0,
        },
    ]


def test_a_zone_of_half_hours(source):
    organisation(timezone="Asia/Kolkata")
    if source == "rollups":
        rebuilding.rebuild(timezone.now())
    # Midnight there is 18:30 UTC.
    measured(AccountFactory(), at(20, 18, 29), counters={"likes": 1})
    measured(AccountFactory(), at(20, 18, 30), counters={"likes": 2})

    found = ask("dashboard", from_="2025-10-21", to="2025-10-21")

    assert (found["total_publications"], found["total_likes"]) == (1, 2)
    assert [(cell["weekday"], cell["hour"]) for cell in found["heatmap"]] == [(1, 0)]
    assert found["timezone"] == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("narrowing", "expected"),
    [
        ({"platform": "mastodon"}, (2, 2, 5, None)),
        ({"platform": "sandbox"}, (2, 2, 16, 500)),
        ({"platform": "bluesky"}, (0, 0, None, None)),
        ({"content_type": "image"}, (1, 1, 6, 100)),
        ({"content_type": "video"}, (0, 0, None, None)),
        ({"account": "shop"}, (2, 2, 16, 500)),
        ({"account": "quiet"}, (0, 0, None, None)),
        ({"campaign": "autumn"}, (1, 2, 15, 400)),
        ({"campaign": "autumn", "account": "forum"}, (1, 1, 5, None)),
        ({"platform": "mastodon", "account": "shop"}, (0, 0, None, None)),
    ],
)
def test_every_filter(week, narrowing, expected):
    given = {
        name: getattr(week, value).pk if name in ("account", "campaign") else value
        for name, value in narrowing.items()
    }

    found = ask("dashboard", **WEEK, **given)

    names = ("total_posts", "total_publications", "total_likes", "total_impressions")
    assert tuple(found[name] for name in names) == expected
    series = ask("timeseries", **WEEK, **given)["days"]
    assert sum(day["publications"] for day in series) == expected[1]
    assert sum(day["likes"] or 0 for day in series) == (expected[2] or 0)
    top = ask("top-posts", **WEEK, **given, by="engagements")["results"]
    assert sum(row["likes"] for row in top) == (expected[2] or 0)


def test_nothing_published_is_null_and_not_zero(source):
    AccountFactory()

    found = ask("dashboard", **WEEK)

    assert (found["total_posts"], found["total_publications"]) == (0, 0)
    assert {found[f"total_{name}"] for name in MEASURED} == {None}
    assert (found["avg_engagement_rate"], found["measured_at"]) == (None, None)
    assert (found["platform_breakdown"], found["heatmap"]) == ({}, [])
    assert set(found["changes"].values()) == {None}
    assert set(found["happened"].values()) == {None}


def test_a_measured_zero_is_zero(source):
    measured(AccountFactory(), at(21, 8), counters={"likes": 0, "impressions": 0})

    found = ask("dashboard", **WEEK)

    assert (found["total_likes"], found["total_engagements"]) == (0, 0)
    assert (found["total_impressions"], found["avg_engagement_rate"]) == (0, None)


def test_changes_compare_what_happened_and_what_was_published(source):
    account = AccountFactory()
    measured(account, at(6, 8), counters={"likes": 1})
    measured(account, at(14, 8), counters={"likes": 8})
    measured(account, at(21, 8), counters={"likes": 10})
    measured(account, at(22, 8))

    found = ask("dashboard", **WEEK)

    assert found["compared_with"] == {"from": "2025-10-13", "to": "2025-10-19"}
    assert found["happened"]["likes"] == 10
    assert found["changes"] == {
        **NOTHING,
        "posts": 100.0,
        "publications": 100.0,
        "likes": 25.0,
        "engagements": 25.0,
    }


def test_nothing_is_compared_with_a_time_before_measuring_began(source):
    measured(AccountFactory(), at(21, 8), counters={"likes": 10})

    changes = ask("dashboard", **WEEK)["changes"]

    assert set(changes.values()) == {None}


# -- by day ---------------------------------------------------------------------------------


def test_the_series_of_what_was_published(week):
    found = ask("timeseries", **WEEK)

    assert (found["kind"], found["note"]) == ("published", "")
    nothing = {
        "publications": 0,
        **dict.fromkeys(("impressions", "engagements", "likes", "comments", "shares")),
        "avg_engagement_rate": None,
    }
    sunday = {"publications": 1, "impressions": 100, "engagements": 8, "likes": 6}
    assert found["days"] == [
        {
            "date": "2025-10-20",
            "publications": 1,
            "impressions": 400,
            "engagements": 12,
            "likes": 10,
            "comments": 2,
            "shares": None,
            "avg_engagement_rate": 3.0,
        },
        {
            **nothing,
            "date": "2025-10-21",
            "publications": 1,
            "engagements": 6,
            "likes": 5,
            "shares": 1,
        },
        {**nothing, "date": "2025-10-22", "publications": 1},
        {**nothing, "date": "2025-10-23"},
        {**nothing, "date": "2025-10-24"},
        {**nothing, "date": "2025-10-25"},
        {**nothing, "date": "2025-10-26", **sunday, "avg_engagement_rate": 8.0},
    ]


def test_the_series_of_what_happened(week):
    found = ask("timeseries", **WEEK, kind="happened", platform="mastodon")["days"]

    # Nothing is known of the days before that network was measured.
    assert [(day["date"][-2:], day["likes"], day["impressions"]) for day in found] == [
        ("20", None, None),
        ("21", 5, None),
        ("22", 0, None),
        ("23", 0, None),
        ("24", 0, None),
        ("25", 0, None),
        ("26", 0, None),
    ]


def test_days_to_come_are_unknown(week):
    tomorrow = timezone.now() + timedelta(days=2)
    measured(week.shop, timezone.now() - timedelta(hours=2), counters={"likes": 3})

    found = ask("timeseries", kind="happened", from_="2025-10-20", to=f"{tomorrow:%Y-%m-%d}")

    assert found["days"][-1] == {"date": f"{tomorrow:%Y-%m-%d}", **NOTHING}
    assert sum(day["likes"] or 0 for day in found["days"]) == 10 + 5 + 6 + 1000 + 3


def test_what_happened_is_not_known_by_campaign(week):
    found = ask("timeseries", **WEEK, kind="happened", campaign=week.autumn.pk)

    assert found["days"][0] == {"date": "2025-10-20", **NOTHING}
    assert (len(found["days"]), found["note"] != "") == (7, True)


# -- top posts --------------------------------------------------------------------------------


def test_top_posts_by_rate(week):
    found = ask("top-posts", **WEEK)

    assert (found["count"], found["next"], found["previous"]) == (2, None, None)
    assert (found["by"], found["minimum"], found["worst"]) == ("engagement_rate", 100, False)
    assert [row["publication"] for row in found["results"]] == [week.photo.pk, week.bread_shop.pk]
    assert found["results"][1] == {
        "id": week.bread.pk,
        "publication": week.bread_shop.pk,
        "account": week.shop.pk,
        "handle": week.shop.handle,
        "platform": "sandbox",
        "platforms": ["mastodon", "sandbox"],
        "content": "Bread",
        "content_type": "text",
        "published_at": "2025-10-20T10:00:00+02:00",
        **NOTHING,
        "likes": 10,
        "comments": 2,
        "impressions": 400,
        "engagements": 12,
        "engagement_rate": 3.0,
        "not_measured": None,
        "permalink": "",
        "media": None,
    }


def test_top_posts_have_a_least_number_of_impressions_and_an_order(week):
    def order(**params):
        return [row["publication"] for row in ask("top-posts", **WEEK, **params)["results"]]

    shop, forum, photo = week.bread_shop.pk, week.bread_forum.pk, week.photo.pk
    assert order(minimum=101) == [shop]
    assert order(minimum=0, worst="true") == [shop, photo]
    assert order(limit=1) == [photo]
    assert order(by="engagements") == [shop, photo, forum]
    assert order(by="engagements", worst=1) == [forum, photo, shop]
    assert order(by="engagements", minimum=1) == [shop, photo]


def test_a_limited_person_does_not_learn_where_else_a_post_went(week):
    rows = ask("top-posts", client("Analyst", week.shop), **WEEK)["results"]

    assert [row["platforms"] for row in rows] == [["sandbox"], ["sandbox"]]


# -- who sees what ------------------------------------------------------------------------------


def test_a_limited_person_sees_the_figures_of_their_accounts(week):
    InteractionFactory(publication=week.bread_forum)
    InteractionFactory(publication=week.photo)
    InteractionFactory(publication=week.photo)

    mine = ask("dashboard", client("Analyst", week.forum), **WEEK)
    everything = ask("dashboard", **WEEK)

    assert (mine["total_posts"], mine["total_publications"], mine["total_likes"]) == (2, 2, 5)
    assert (mine["pending_interactions"], everything["pending_interactions"]) == (1, 3)
    assert list(mine["platform_breakdown"]) == ["mastodon"]
    # When their own accounts were measured, not when others were.
    assert mine["measured_at"] == "2025-10-21T11:00:00+02:00"


@pytest.mark.parametrize("address", ["dashboard", "timeseries", "top-posts", "accounts", "export"])
def test_an_account_of_others_is_unknown(week, address):
    answer = client("Analyst", week.forum).get(f"{ROOT}{address}/", {"account": week.shop.pk})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["account"])


# -- what it takes --------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["dashboard", "timeseries", "top-posts"])
@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_the_rows(source, address, rows):
    for n in range(rows):
        measured(AccountFactory(), at(20 + n, 8), counters={"likes": n, "impressions": 200})
    caller = client()
    ask(address, caller, days=1)  # what is known of the person stays with it

    with CaptureQueriesContext(connection) as captured:
        ask(address, caller, **WEEK)

    assert len(captured) == {"dashboard": 7, "timeseries": 2, "top-posts": 3}[address]
