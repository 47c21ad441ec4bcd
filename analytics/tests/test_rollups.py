"""Rollups = facts = a loop over every row, whatever happened in between."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections

from analytics.models import (
    AccountDayRollup,
    ActivityDay,
    DataVersion,
    DayRollup,
    HourRollup,
    PostMetrics,
    PublicationStats,
)
from analytics.queries import dashboard, posts
from analytics.queries.filters import Filters
from analytics.services import rebuilding, recording, tracking, writing
from analytics.tests import reference
from socialhub.models import ContentType, Publication
from socialhub.platforms.base import COUNTERS, GONE, Metrics
from socialhub.tests.factories import (
    AccountFactory,
    CampaignFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
    organisation,
)

pytestmark = pytest.mark.django_db

# The clock in Madrid goes back on the 25th.
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
ROLLUPS = (DayRollup, HourRollup, AccountDayRollup, ActivityDay)
NETWORKS = ("sandbox", "mastodon", "bluesky")


def metrics(dice: random.Random) -> Metrics:
    """Counters of which any may be missing."""
    return Metrics(
        **{name: None if dice.random() < 0.3 else dice.randrange(200) for name in COUNTERS}
    )


class Week:
    """A fortnight of posts on several accounts, and readings that come as they come."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.accounts = [
            AccountFactory(platform=name) for name in (*NETWORKS, "sandbox", "mastodon")
        ]
        self.campaigns = [CampaignFactory(), None]
        self.publications: list[Publication] = []

    def publish(self, posts: int) -> None:
        for _ in range(posts):
            post = PostFactory(
                approved=True,
                campaign=self.dice.choice(self.campaigns),
                content_type=self.dice.choice([ContentType.TEXT, ContentType.IMAGE]),
                is_reply=self.dice.random() < 0.1,
            )
            first = NOW - timedelta(minutes=self.dice.randrange(14 * 24 * 60))
            for account in self.dice.sample(self.accounts, self.dice.randint(1, 4)):
                # The same day, around midnight, or days apart.
                later = timedelta(hours=self.dice.choice([0, 0, 0, 1, 30, 100]))
                self.publications.append(
                    PublicationFactory(
                        post=post, account=account, published=True, published_at=first + later
                    )
                )
        self.dice.shuffle(self.publications)
        # In several goes, so that a later row can be an earlier publication.
        for start in range(0, len(self.publications), 7):
            tracking.ensure_stats([one.pk for one in self.publications[start : start + 7]])

    def read(self, rounds: int) -> None:
        for number in range(rounds):
            at = NOW + timedelta(hours=7 * number)
            for account in self.accounts:
                rows = [one.pk for one in self.publications if one.account_id == account.pk]
                asked = self.dice.sample(rows, self.dice.randint(0, len(rows)))
                if asked:
                    readings = {pk: metrics(self.dice) for pk in asked}
                    readings[asked[0]] = GONE
                    writing.write(account, readings, at)

    def record(self, times: int) -> None:
        """By hand, older than what is known or newer."""
        user = UserFactory(role="Marketer")
        for number in range(times):
            row = self.dice.choice(self.publications)
            at = row.published_at + timedelta(seconds=self.dice.randrange(30 * 24 * 3600) + number)
            given = {"likes": self.dice.randrange(300), "reach": self.dice.randrange(300)}
            recording.record(user, row, given, at)


def contents(model) -> set[tuple]:
    """Every row without its empty ones: a day all of whose publications moved away."""
    names = [field.attname for field in model._meta.concrete_fields]
    return {
        row
        for row in model.objects.values_list(*names)
        if any(isinstance(value, int) and value for value in row)
    }


def every_selection(week: Week) -> list[Filters]:
    first, last = (NOW - timedelta(days=10)).date(), (NOW + timedelta(days=1)).date()
    account = week.accounts[0].pk
    narrow = [
        {},
        {"platform": "mastodon"},
        {"content_type": "image"},
        {"account": account},
        {"campaign": week.campaigns[0].pk},
        {"granted": (account, week.accounts[3].pk)},
        {"granted": ()},
        {"granted": (account,), "account": week.accounts[1].pk},
        {"platform": "sandbox", "content_type": "text"},
    ]
    return [
        Filters(start, last, **some)
        for some in narrow
        for start in (first, last - timedelta(days=3))
    ]


def flat(found: dashboard.Sums) -> dict:
    return {
        "publications": found.publications,
        "posts": found.posts,
        **found.metrics,
        "avg_engagement_rate": found.avg_engagement_rate,
    }


@pytest.mark.parametrize("zone", ["Europe/Madrid", "Asia/Kolkata", "America/Mexico_City"])
def test_booked_rollups_equal_rebuilt_ones(zone, time_machine):
    time_machine.move_to(NOW + timedelta(days=60), tick=False)
    organisation(timezone=zone)
    rebuilding.rebuild(NOW)
    week = Week(seed=len(zone))
    week.publish(12)
    week.read(4)
    week.record(6)
    booked = {model: contents(model) for model in ROLLUPS}

    rebuilding.rebuild(NOW)

    assert {model: contents(model) for model in ROLLUPS} == booked
    assert reference.stored_activity() == reference.activity(ZoneInfo(zone))
    assert booked[DayRollup] and booked[ActivityDay]


@pytest.mark.parametrize("built", [True, False])
@pytest.mark.parametrize("zone", ["Europe/Madrid", "Asia/Kolkata"])
def test_a_dashboard_equals_a_loop_over_every_row(zone, built, time_machine):
    time_machine.move_to(NOW + timedelta(days=60), tick=False)
    organisation(timezone=zone)
    week = Week(seed=3)
    week.publish(15)
    week.read(3)
    if built:
        rebuilding.rebuild(NOW)
    home = ZoneInfo(zone)

    for filters in every_selection(week):
        found = dashboard.load(filters)
        rows = reference.chosen(filters, home)

        assert found.state.is_built is built
        assert flat(found.totals) == reference.sums(rows), filters
        assert {key: flat(some) for key, some in found.platforms.items()} == reference.grouped(
            rows, lambda row: row.platform
        )
        assert {key: flat(some) for key, some in found.content_types.items()} == (
            reference.grouped(rows, lambda row: row.content_type)
        )
        assert found.posts_before == reference.sums(reference.chosen(filters.before, home))["posts"]
        days = reference.grouped(rows, lambda row: row.published_at.astimezone(home).date())
        assert {day: some.publications for day, some in found.published if some.publications} == {
            day: some["publications"] for day, some in days.items()
        }
        assert [some.metrics["likes"] for _day, some in found.published] == [
            days[day]["likes"] if day in days else None for day, _some in found.published
        ]
        slots = reference.grouped(rows, lambda row: _slot(row, home))
        assert {
            (cell.weekday, cell.hour): (cell.publications, cell.impressions, cell.rate)
            for cell in found.heatmap
        } == {
            slot: (some["publications"], some["impressions"], some["avg_engagement_rate"])
            for slot, some in slots.items()
        }
        ranked = [row for row in rows if row.engagement_rate is not None and row.impressions >= 100]
        ranked.sort(key=lambda row: (-row.engagement_rate, -row.pk))
        assert [row.publication for row in found.top.rows] == [row.pk for row in ranked[:10]]
        # A plan that is kept and one made anew give the same.
        assert posts.ranking(filters) == found.top
        if found.happened.before is not None:
            past = dashboard.happened(filters.before, found.state)
            assert found.happened.before == past.totals


def _slot(row: PublicationStats, zone: ZoneInfo) -> tuple[int, int]:
    local = row.published_at.astimezone(zone)
    return local.weekday(), local.hour


def test_every_day_of_activity_adds_up_to_the_present_counters():
    week = Week(seed=8)
    week.publish(10)
    week.read(5)

    moved = [row.likes for row in ActivityDay.objects.all() if row.likes is not None]
    present = [row.likes for row in PublicationStats.objects.filter(is_reply=False) if row.likes]

    assert sum(moved) == sum(present)


def test_the_newest_snapshot_is_what_the_row_says(time_machine):
    time_machine.move_to(NOW + timedelta(days=60), tick=False)
    week = Week(seed=5)
    week.publish(10)
    week.read(4)
    week.record(10)

    for row in PublicationStats.objects.exclude(metrics_at=None):
        newest = PostMetrics.objects.filter(publication=row.pk).order_by("-collected_at").first()
        assert (newest.counters() if newest else dict.fromkeys(COUNTERS)) == row.counters()


def test_another_zone_moves_days_and_keeps_sums():
    organisation(timezone="UTC")
    rebuilding.rebuild(NOW)
    at = datetime(2026, 10, 30, 23, 30, tzinfo=UTC)
    row = PublicationFactory(published=True, published_at=at)
    tracking.sweep()
    writing.write(row.account, {row.pk: Metrics(likes=4)}, at + timedelta(minutes=5))
    organisation(timezone="Europe/Madrid")

    rebuilding.rebuild(NOW)

    assert [(str(r.local_day), r.likes) for r in DayRollup.objects.all()] == [("2026-10-31", 4)]
    assert [(str(r.local_day), r.likes) for r in ActivityDay.objects.all()] == [("2026-10-31", 4)]
    assert DataVersion.objects.get().timezone == "Europe/Madrid"


def test_a_dashboard_says_while_its_days_are_of_the_old_zone():
    organisation(timezone="UTC")
    rebuilding.rebuild(NOW)
    organisation(timezone="Europe/Madrid")

    state = dashboard.current_state()

    assert (state.zone.key, state.is_rebuilding) == ("UTC", True)


def test_the_nightly_comparison_finds_and_repairs_what_somebody_changed():
    organisation(timezone="UTC")
    rebuilding.rebuild(NOW)
    week = Week(seed=2)
    week.publish(8)
    week.read(3)
    right = {model: contents(model) for model in ROLLUPS}
    assert rebuilding.repair(NOW)["cells"] == 0
    day, hour = DayRollup.objects.exclude(likes=0).first(), HourRollup.objects.first()
    DayRollup.objects.filter(pk=day.pk).update(likes=day.likes + 5)
    HourRollup.objects.filter(pk=hour.pk).delete()
    ActivityDay.objects.filter(pk=ActivityDay.objects.exclude(likes=None).first().pk).update(
        likes=1
    )
    version = DataVersion.objects.get().version

    found = rebuilding.repair(NOW)

    assert found["cells"] == 3
    assert {table: len(cells) for table, cells in found["repaired"].items()} == {
        "analytics_dayrollup": 1,
        "analytics_hourrollup": 1,
        "analytics_activityday": 1,
    }
    assert {model: contents(model) for model in ROLLUPS} == right
    assert DataVersion.objects.get().version == version + 1


def test_a_reading_that_changes_nothing_leaves_the_version():
    row = PublicationFactory(published=True, published_at=NOW)
    tracking.sweep()
    writing.write(row.account, {row.pk: Metrics(likes=4)}, NOW + timedelta(minutes=5))
    version = DataVersion.objects.get().version

    writing.write(row.account, {row.pk: Metrics(likes=4)}, NOW + timedelta(minutes=9))

    assert DataVersion.objects.get().version == version
    assert PostMetrics.objects.count() == 1
    assert dashboard.current_state().measured_at == NOW + timedelta(minutes=9)


def test_a_dashboard_takes_seven_queries_with_one_post_and_with_many(django_assert_num_queries):
    organisation(timezone="Europe/Madrid")
    rebuilding.rebuild(NOW)
    filters = Filters(NOW.date() - timedelta(days=30), NOW.date())
    week = Week(seed=4)
    for number in (1, 6):
        week.publish(number)
        week.read(1)
        with django_assert_num_queries(7):
            dashboard.load(filters)


@pytest.mark.django_db(transaction=True)
def test_four_collectors_at_once_keep_rollups_equal_to_facts():
    organisation(timezone="Europe/Madrid")
    rebuilding.rebuild(NOW)
    week = Week(seed=6)
    week.publish(25)
    barrier, failures = threading.Barrier(4), []

    def run(number: int) -> None:
        dice = random.Random(number)
        barrier.wait()
        try:
            for turn in range(6):
                for account in week.accounts:
                    rows = [one.pk for one in week.publications if one.account_id == account.pk]
                    asked = dice.sample(rows, len(rows) // 2)
                    at = NOW + timedelta(minutes=10 * turn + number)
                    writing.write(account, {pk: metrics(dice) for pk in asked}, at)
                    if turn == 3:
                        tracking.ensure_stats([one.pk for one in week.publications])
        except Exception as exc:  # the thread's own; shown below
            failures.append(exc)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    booked = {model: contents(model) for model in ROLLUPS}

    rebuilding.rebuild(NOW)

    assert failures == []
    assert {model: contents(model) for model in ROLLUPS} == booked
    assert reference.stored_activity() == reference.activity(ZoneInfo("Europe/Madrid"))
    assert not connection.in_atomic_block
