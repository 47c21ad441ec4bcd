"""/api/analytics/accounts/ and optimal-times/."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.models import AccountMetrics, DataVersion
from analytics.rollup_specs import MEASURED
from analytics.services import rebuilding, recording
from analytics.tests.measured import HOUR, ROOT, ask, client, measured
from socialhub.models import AccountStatus, ContentType
from socialhub.tests.factories import AccountFactory, CampaignFactory, PostFactory, organisation

pytestmark = pytest.mark.django_db

WEEK = {"from_": "2025-10-20", "to": "2025-10-26"}
NOTHING = dict.fromkeys(MEASURED)


def at(day: int, hour: int) -> datetime:
    return datetime(2025, 10, day, hour, tzinfo=UTC)


def followed(account, day: int, followers: int | None) -> None:
    AccountMetrics.objects.create(
        account=account,
        local_day=date(2025, 10, day),
        followers=followers,
        collected_at=at(day, 12),
    )


# -- accounts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("built", [False, True])
def test_accounts_side_by_side(built):
    if built:
        rebuilding.rebuild(timezone.now())
    forum = AccountFactory(platform="mastodon", handle="forum")
    shop = AccountFactory(handle="shop", status=AccountStatus.NEEDS_RECONNECT)
    measured(shop, at(20, 8), counters={"likes": 10, "impressions": 400})
    measured(shop, at(21, 8), counters={"likes": 2, "clicks": 0})
    followed(shop, 18, 90)
    followed(shop, 21, 100)
    followed(shop, 22, None)

    found = ask("accounts", **WEEK)

    assert (found["count"], found["next"], found["previous"]) == (2, None, None)
    assert found["results"] == [
        {
            "id": forum.pk,
            "handle": "forum",
            "platform": "mastodon",
            "status": "active",
            "publications": 0,
            **NOTHING,
            "avg_engagement_rate": None,
            "followers": None,
            "followers_before": None,
            "followers_before_day": None,
            "followers_change": None,
            "followers_measured_at": None,
            "measured_at": None,
        },
        {
            "id": shop.pk,
            "handle": "shop",
            "platform": "sandbox",
            "status": "needs_reconnect",
            "publications": 2,
            **NOTHING,
            "likes": 12,
            "clicks": 0,
            "impressions": 400,
            "engagements": 12,
            "avg_engagement_rate": 2.5,
            "followers": 100,
            "followers_before": 90,
            "followers_before_day": "2025-10-18",
            "followers_change": 10,
            "followers_measured_at": "2025-10-21T12:00:00Z",
            "measured_at": "2025-10-21T09:00:00Z",
        },
    ]


def test_a_disconnected_account_is_listed_for_what_it_published():
    gone = AccountFactory(status=AccountStatus.DISABLED)
    AccountFactory(status=AccountStatus.DISABLED)
    measured(gone, at(20, 8))

    found = ask("accounts", **WEEK)["results"]

    assert [(row["id"], row["publications"], row["likes"]) for row in found] == [(gone.pk, 1, None)]


def test_accounts_are_narrowed():
    shop, forum = AccountFactory(), AccountFactory(platform="mastodon")
    campaign = CampaignFactory()
    measured(shop, at(20, 8), post=PostFactory(approved=True, campaign=campaign))
    measured(shop, at(21, 8), post=PostFactory(approved=True, content_type=ContentType.IMAGE))
    measured(shop, at(22, 8))

    def shown(*granted, **params):
        rows = ask("accounts", client("Analyst", *granted), **WEEK, **params)["results"]
        return {row["id"]: row["publications"] for row in rows}

    assert shown() == {forum.pk: 0, shop.pk: 3}
    assert shown(platform="mastodon") == {forum.pk: 0}
    assert shown(account=shop.pk) == {shop.pk: 3}
    assert shown(campaign=campaign.pk) == {forum.pk: 0, shop.pk: 1}
    assert shown(content_type="image") == {forum.pk: 0, shop.pk: 1}
    assert shown(forum) == {forum.pk: 0}


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_the_accounts(rows):
    for n in range(rows):
        account = AccountFactory()
        measured(account, at(20, 8), counters={"likes": n})
        followed(account, 21, n)
    caller = client()
    ask("accounts", caller, days=1)

    with CaptureQueriesContext(connection) as captured:
        assert ask("accounts", caller, **WEEK)["count"] == rows

    assert len(captured) == 5


# -- best times ---------------------------------------------------------------------------------


def habit(account, weekday: int, hour: int, weeks: int, **counters):
    """A post at the same UTC hour of some weeks, old enough to count."""
    today = timezone.now().replace(minute=0, second=0, microsecond=0)
    first = today - timedelta(days=4 + (today - timedelta(days=4) - timedelta(weekday)).weekday())
    for week in range(weeks):
        day = first - timedelta(weeks=week)
        measured(account, day.replace(hour=hour), counters=counters)


@pytest.fixture
def busy():
    """Ten weeks of posts at eight hours of the week; Tuesday 08:00 UTC does best."""
    account = AccountFactory()
    for weekday in (0, 1, 2, 3):
        for hour in (8, 16):
            best = (weekday, hour) == (1, 8)
            habit(account, weekday, hour, 10, likes=200 if best else 20, impressions=1000)
    return account


def test_the_best_hours_come_first(busy):
    found = ask("optimal-times")

    assert (found["count"], len(found["results"])) == (168, 168)
    assert (found["timezone"], found["posts"], found["unit"]) == ("UTC", 80, "rate")
    assert found["explanation"]
    hours = {(slot["day"], slot["hour"]) for slot in found["results"]}
    assert hours == {(day, hour) for day in range(7) for hour in range(24)}
    best = found["results"][0]
    assert {name: best[name] for name in ("day", "day_name", "hour", "hour_formatted")} == {
        "day": 1,
        "day_name": "Tuesday",
        "hour": 8,
        "hour_formatted": "08:00",
    }
    assert (best["sample_size"], best["level"], best["engagements_per_post"]) == (
        10,
        "account",
        None,
    )
    assert best["low"] < best["avg_engagement_rate"] < best["high"]
    assert best["badge"] in ("strong", "likely") and 0 < best["p_top5"] <= 1
    assert sum(slot["sample_size"] for slot in found["results"]) == 80


def test_hours_are_those_of_the_zone_asked_for(busy):
    madrid = ask("optimal-times", timezone="Asia/Kolkata", limit=1)

    # 08:00 UTC is 13:30 there, all the year.
    best = madrid["results"][0]
    assert (best["day"], best["hour"], madrid["timezone"]) == (1, 13, "Asia/Kolkata")
    assert (madrid["count"], len(madrid["results"])) == (168, 1)


def test_hours_are_those_of_the_audience(busy):
    caller = client()
    before = caller.get(f"{ROOT}optimal-times/")
    organisation(timezone="Europe/Madrid")
    assert ask("optimal-times", caller)["timezone"] == "Europe/Madrid"

    busy.audience_timezone = "America/Mexico_City"
    busy.save()

    assert ask("optimal-times", caller)["timezone"] == "America/Mexico_City"
    again = caller.get(f"{ROOT}optimal-times/", headers={"If-None-Match": before["ETag"]})
    assert again.status_code == 200


def test_networks_without_impressions_compare_engagements():
    account = AccountFactory(platform="mastodon")
    for weekday in (0, 1, 2, 3):
        for hour in (8, 16):
            habit(account, weekday, hour, 5, likes=50 if (weekday, hour) == (2, 16) else 5)

    found = ask("optimal-times", limit=1)

    best = found["results"][0]
    assert (found["unit"], best["avg_engagement_rate"]) == ("engagements", None)
    assert (best["day"], best["hour"]) == (2, 16)
    assert best["low"] < best["engagements_per_post"] < best["high"]


def test_an_account_with_no_post_gets_guesses_only():
    AccountFactory()

    found = ask("optimal-times")

    assert (found["count"], found["posts"]) == (168, 0)
    slots = found["results"]
    assert {(slot["sample_size"], slot["badge"], slot["level"]) for slot in slots} == {
        (0, "guess", "none")
    }
    assert {slot["avg_engagement_rate"] for slot in slots} == {None}


def test_best_times_are_narrowed(busy):
    forum = AccountFactory(platform="mastodon")
    campaign = CampaignFactory()
    old = timezone.now() - timedelta(days=30)
    measured(
        forum,
        old,
        post=PostFactory(approved=True, campaign=campaign, content_type=ContentType.IMAGE),
        counters={"likes": 1},
    )

    def posts(*granted, **params):
        return ask("optimal-times", client("Analyst", *granted), **params)["posts"]

    assert posts(platform="mastodon") == 1
    assert posts(platform="sandbox") == 80
    assert posts(platform="bluesky") == 0
    assert posts(account=busy.pk) == 80
    assert posts(campaign=campaign.pk) == 1
    assert posts(content_type="image") == 1
    assert posts(forum) == 1
    assert posts(busy, platform="mastodon") == 0
    assert posts(account=forum.pk, days=29) == 0
    assert posts(account=forum.pk, days=32) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("timezone=Mars/Olympus", "timezone"),
        ("timezone=../etc/passwd", "timezone"),
        ("timezone=America", "timezone"),
        ("limit=0", "limit"),
        ("limit=169", "limit"),
        ("platform=orkut", "platform"),
        ("account=999999", "account"),
        ("days=0", "days"),
        ("weekday=1", "weekday"),
    ],
)
def test_bad_input_of_best_times(query, field):
    answer = client().get(f"{ROOT}optimal-times/?{query}")

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_weekdays_come_in_the_language_asked_for(busy):
    answer = client().get(f"{ROOT}optimal-times/?limit=1", headers={"Accept-Language": "es"})

    assert answer.json()["results"][0]["day_name"] == "Martes"


def test_impressions_alone_move_the_best_times(busy):
    caller = client()
    before = ask("optimal-times", caller)
    row = busy.publications.order_by("published_at").first()

    recording.record(None, row, {"impressions": 90_000}, row.published_at + 2 * HOUR)

    after = ask("optimal-times", caller)
    assert after["results"] != before["results"]


def test_best_times_that_are_known_take_one_query(busy):
    caller = client()
    first = caller.get(f"{ROOT}optimal-times/")

    with CaptureQueriesContext(connection) as captured:
        again = caller.get(f"{ROOT}optimal-times/")
        same = caller.get(f"{ROOT}optimal-times/", headers={"If-None-Match": first["ETag"]})

    assert (again.content, same.status_code, len(captured)) == (first.content, 304, 2)
    DataVersion.objects.update(version=10_000)
    assert caller.get(f"{ROOT}optimal-times/")["ETag"] != first["ETag"]
