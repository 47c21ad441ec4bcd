"""Snapshots over the years: months ahead, fewer a day, gone; and rollups that get built."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from analytics.models import (
    AccountDayRollup,
    ActivityDay,
    CollectionDay,
    DataVersion,
    DayRollup,
    HourRollup,
    PostMetrics,
    PublicationStats,
)
from analytics.services import compacting, partitions, rebuilding, tracking, writing
from analytics.tasks import sweep_stats
from analytics.tests import reference
from socialhub.models import JobRun, JobState
from socialhub.platforms.base import Metrics
from socialhub.services import demo, jobs
from socialhub.tests.factories import (
    AccountFactory,
    PostFactory,
    PublicationFactory,
    UserFactory,
    organisation,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 2, 40, tzinfo=UTC)
postgres_only = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite keeps snapshots in one plain table"
)


def measured(at: datetime, readings: list[tuple[timedelta, int]]) -> PublicationStats:
    """A publication of `at` whose likes were read so long after it."""
    row = PublicationFactory(published=True, published_at=at)
    tracking.sweep()
    for after, likes in readings:
        writing.write(row.account, {row.pk: Metrics(likes=likes)}, at + after)
    return PublicationStats.objects.get(pk=row.pk)


def hours(*numbers: int) -> list[tuple[timedelta, int]]:
    return [(timedelta(hours=number), number) for number in numbers]


def kept(row: PublicationStats) -> list[int]:
    rows = PostMetrics.objects.filter(publication=row.pk).order_by("collected_at")
    return list(rows.values_list("likes", flat=True))


def test_old_days_keep_their_last_snapshot_and_activity_stays():
    organisation(timezone="Europe/Madrid")
    rebuilding.rebuild(NOW)
    # 21:30 on the 10th in Madrid; two hours later is the 10th, three the 11th.
    row = measured(datetime(2026, 10, 10, 19, 30, tzinfo=UTC), hours(1, 2, 3, 5, 20, 40))
    young = measured(NOW - timedelta(days=5), hours(1, 2))
    before = reference.stored_activity()

    result = compacting.compact(NOW)

    assert kept(row) == [2, 20, 40]
    assert kept(young) == [1, 2]
    assert (result["deleted"], result["dropped"]) == (3, [])
    assert DataVersion.objects.get().compacted_to == date(2026, 10, 21)
    rebuilding.rebuild(NOW)
    assert reference.stored_activity() == before == reference.activity(ZoneInfo("Europe/Madrid"))
    assert compacting.compact(NOW)["deleted"] == 0


def test_snapshots_older_than_thirteen_months_go_and_their_activity_stays():
    rebuilding.rebuild(NOW)
    old = measured(datetime(2025, 9, 28, 12, tzinfo=UTC), hours(1, 2))
    straddling = measured(datetime(2025, 9, 30, 12, tzinfo=UTC), hours(1, 30))
    young = measured(datetime(2026, 6, 1, 12, tzinfo=UTC), hours(1))
    before = reference.stored_activity()

    assert compacting.compact(NOW)["dropped"] != []

    assert (kept(old), kept(straddling), kept(young)) == ([], [30], [1])
    assert DataVersion.objects.get().snapshots_from == date(2025, 10, 1)
    rebuilding.rebuild(NOW)
    # The first snapshot left of a post is not all new engagement.
    assert reference.stored_activity() == before


@postgres_only
def test_months_are_made_ahead_and_take_what_waited_in_the_rest():
    row = measured(datetime(2026, 11, 19, 12, tzinfo=UTC), hours(1, 2))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {partitions.REST}")
        assert cursor.fetchone() == (2,)

    made = partitions.prepare(NOW)

    assert made == [f"analytics_postmetrics_y{month}" for month in MONTHS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM analytics_postmetrics_y2026m11")
        assert cursor.fetchone() == (2,)
        cursor.execute(f"SELECT count(*) FROM {partitions.REST}")
        assert cursor.fetchone() == (0,)
    assert kept(row) == [1, 2]
    assert partitions.prepare(NOW) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        PostMetrics.objects.create(
            publication_id=row.pk, collected_at=NOW + timedelta(days=1), likes=-1
        )


MONTHS = ("2026m11", "2026m12", "2027m01", "2027m02")


@postgres_only
def test_months_that_are_over_long_ago_are_dropped_whole():
    rebuilding.rebuild(NOW)
    measured(datetime(2025, 9, 28, 12, tzinfo=UTC), hours(1, 2))
    partitions.prepare(NOW)

    dropped = partitions.drop_old(NOW)

    assert dropped == ["analytics_postmetrics_y2025m09"]
    assert PostMetrics.objects.count() == 0


def test_the_commands_print_what_they_did():
    measured(NOW - timedelta(days=40), hours(1, 2))
    printed = {}
    for name in ("rebuild_rollups", "repair_rollups", "compact_snapshots"):
        out = StringIO()
        call_command(name, now=NOW.isoformat(), stdout=out)
        printed[name] = out.getvalue()

    assert '"publications": 1' in printed["rebuild_rollups"]
    assert '"cells": 0' in printed["repair_rollups"]
    assert '"deleted": 1' in printed["compact_snapshots"]


def test_missing_rollups_are_built_by_a_job_once(django_capture_on_commit_callbacks):
    measured(NOW, hours(1))
    assert not rebuilding.is_built()

    sweep_stats()
    sweep_stats()

    job = JobRun.objects.get(kind="rebuild_rollups")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["publications"]) == (JobState.DONE, 1)
    sweep_stats()
    assert JobRun.objects.count() == 1


def test_a_new_time_zone_has_the_days_written_anew(django_capture_on_commit_callbacks):
    organisation(timezone="UTC")
    rebuilding.rebuild(NOW)

    with django_capture_on_commit_callbacks(execute=True):
        organisation(timezone="Asia/Tokyo")

    assert [job.kind for job in JobRun.objects.all()] == ["rebuild_rollups"]


def test_a_repair_is_found_among_the_jobs():
    rebuilding.rebuild(NOW)
    measured(NOW - timedelta(days=1), hours(1))
    DayRollup.objects.update(likes=7)

    rebuilding.repair(NOW)

    job = JobRun.objects.get(kind="repair_rollups")
    assert (job.state, job.result["cells"]) == (JobState.DONE, 1)
    assert [row.likes for row in DayRollup.objects.all()] == [1]


def test_removing_demo_data_takes_its_numbers_out_of_every_sum():
    rebuilding.rebuild(NOW)
    shop, demo_shop = AccountFactory(), AccountFactory(is_demo=True)
    post = PostFactory(approved=True)
    # The same real post on both: what stays is the first one then.
    first = NOW - timedelta(days=3)
    gone = PublicationFactory(post=post, account=demo_shop, published=True, published_at=first)
    stays = PublicationFactory(
        post=post, account=shop, published=True, published_at=first + timedelta(hours=1)
    )
    tracking.sweep()
    for row, likes in ((gone, 5), (stays, 2)):
        writing.write(row.account, {row.pk: Metrics(likes=likes)}, NOW)

    demo.remove_demo(UserFactory(role="Administrator"))

    assert [(row.likes, row.publications, row.lead_posts) for row in DayRollup.objects.all()] == [
        (2, 1, 1)
    ]
    assert [row.account_id for row in AccountDayRollup.objects.all()] == [shop.pk]
    assert [row.account_id for row in ActivityDay.objects.all()] == [shop.pk]
    assert [row.account_id for row in CollectionDay.objects.all()] == [shop.pk]
    assert rebuilding.repair(NOW)["cells"] == 0
    assert sum(row.publications for row in HourRollup.objects.all()) == 1
