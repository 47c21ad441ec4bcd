"""Every published publication gets its row, message or not."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from analytics.models import PostMetrics, PublicationStats
from analytics.services import tracking
from socialhub.models import Publication
from socialhub.services import publishing
from socialhub.tests.factories import PublicationFactory, organisation

pytestmark = pytest.mark.django_db


def run(**options):
    out = StringIO()
    call_command("collect_metrics", stdout=out, **options)
    return json.loads(out.getvalue())


@pytest.mark.django_db(transaction=True)
def test_publishing_starts_the_measuring(desk):
    publication = PublicationFactory(account=desk.account())

    assert publishing.publish(publication.pk) == "published"

    row = PublicationStats.objects.get(pk=publication.pk)
    publication.refresh_from_db()
    assert (row.platform, row.content_type, row.is_reply) == ("sandbox", "text", False)
    assert row.next_collect_at == publication.published_at


def test_without_a_message_the_sweep_finds_it(desk):
    # No signal: the row is published behind everybody's back.
    publication = desk.publication()

    assert (tracking.sweep(), tracking.sweep()) == (1, 0)
    assert PublicationStats.objects.get().pk == publication.pk


def test_what_is_not_published_is_not_measured():
    publication = PublicationFactory()

    assert (tracking.ensure_stats([publication.pk]), tracking.sweep()) == (0, 0)


def test_a_second_message_changes_nothing(desk):
    publication = desk.tracked()
    later = timezone.now() + timedelta(hours=1)
    PublicationStats.objects.update(likes=4, next_collect_at=later)

    tracking.ensure_stats([publication.pk])

    row = PublicationStats.objects.get()
    assert (row.likes, row.next_collect_at) == (4, later)


def test_day_is_local_and_hour_is_utc():
    organisation(timezone="Europe/Madrid")
    # Sunday 29 November in London, Monday the 30th in Madrid.
    at = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
    PublicationFactory(published=True, published_at=at)

    tracking.sweep()

    row = PublicationStats.objects.get()
    assert (row.local_day, row.hour_of_week) == (date(2026, 11, 30), 6 * 24 + 23)


@pytest.mark.parametrize(
    ("given", "engagements", "rate"),
    [
        ({}, None, None),
        ({"impressions": 10}, None, None),
        ({"clicks": 3, "replies": 2, "quotes": 1}, None, None),
        ({"likes": 0}, 0, None),
        ({"likes": 2, "saves": 1}, 3, None),
        ({"likes": 2, "comments": 1, "shares": 1, "saves": 1, "impressions": 200}, 5, 2.5),
        ({"likes": 0, "impressions": 8}, 0, 0.0),
        ({"likes": 2, "impressions": 0}, 2, None),
    ],
)
def test_engagements_skip_what_is_missing_in_sql_and_in_python(desk, given, engagements, rate):
    from analytics import definitions

    desk.tracked()
    PublicationStats.objects.update(**given)

    row = PublicationStats.objects.get()
    assert (row.engagements, row.engagement_rate) == (engagements, rate)
    assert definitions.engagements(row.counters()) == engagements
    assert definitions.engagement_rate(row.counters()) == rate


def test_the_database_refuses_negative_numbers(desk):
    publication = desk.tracked()

    with pytest.raises(IntegrityError, match="not_negative"), transaction.atomic():
        PublicationStats.objects.update(likes=-1)
    with pytest.raises(IntegrityError, match="not_negative"), transaction.atomic():
        PostMetrics.objects.create(publication=publication, collected_at=timezone.now(), reach=-1)


def test_numbers_go_with_their_publication(desk):
    publication = desk.tracked()
    PostMetrics.objects.create(publication=publication, collected_at=timezone.now(), likes=1)

    Publication.objects.filter(pk=publication.pk).delete()

    assert (PublicationStats.objects.count(), PostMetrics.objects.count()) == (0, 0)


def test_the_command_finds_reads_and_prints(desk):
    publication = desk.publication()
    desk.server.set_metrics(publication.remote_id, likes=2)

    assert run() == {
        "new": 1,
        "due": 1,
        "read": 1,
        "changed": 1,
        "gone": 0,
        "absent": 0,
        "skipped": 0,
        "errors": {},
    }
    assert run()["due"] == 0
    assert run(now=(timezone.now() + timedelta(days=1)).isoformat())["due"] == 1


def test_the_command_wants_a_time_with_offset():
    with pytest.raises(CommandError, match="offset"):
        run(now="2026-11-30T09:00:00")


def test_nothing_due_costs_the_command_two_queries(desk, django_assert_num_queries):
    desk.tracked()
    PublicationStats.objects.update(next_collect_at=timezone.now() + timedelta(minutes=1))

    with django_assert_num_queries(2):
        run()
