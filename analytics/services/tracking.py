"""One row of numbers per published publication."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from analytics import sql
from analytics.models import PublicationStats
from analytics.rollup_specs import STATS
from analytics.services import cadence, rollups
from socialhub.models import Publication, PublicationStatus

# Rows made per sweep; more wait for the next one.
MOST = 1_000
# Any number will do, as long as no other lock of this database uses it.
ADVISORY_LOCK = 7_140_112


def ensure_stats(publication_ids: Iterable[int]) -> int:
    """Make the missing rows of these publications, due at once; how many were published."""
    published = Publication.objects.filter(
        pk__in=list(publication_ids), status=PublicationStatus.PUBLISHED
    )
    return _make(list(published.select_related("post", "account")))


def sweep() -> int:
    """Make the rows nobody told us about; how many. One query when none is missing."""
    missing = Publication.objects.filter(status=PublicationStatus.PUBLISHED, stats__isnull=True)
    return _make(list(missing.select_related("post", "account")[:MOST]))


def _make(publications: list[Publication]) -> int:
    if not publications:
        return 0
    posts = {publication.post_id for publication in publications}
    with transaction.atomic():
        _one_at_a_time()
        zone = rollups.built_zone()
        rows = [_row(publication, zone) for publication in publications]
        # Another publication of the same post may become the second one.
        siblings = PublicationStats.objects.filter(post__in=posts).values_list("pk", flat=True)
        with rollups.booked([*siblings, *(row.pk for row in rows)]):
            # Somebody else may have made the same row.
            PublicationStats.objects.bulk_create(rows, ignore_conflicts=True)
            set_previous_days(posts)
    return len(rows)


def _one_at_a_time() -> None:
    """Two new publications of one post must see each other; SQLite has one writer anyway."""
    if sql.is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
            # Waits for a rebuild, which may change the zone of the days.
            cursor.execute(f"LOCK TABLE {STATS} IN ROW EXCLUSIVE MODE")


def set_previous_days(post_ids: Iterable[int] | None = None) -> None:
    """Write when each post was published before, in general and on the same network.

    All posts without an argument. Answers to comments are no publications of a post.
    """
    only = "" if post_ids is None else f"AND {sql.among('post_id')}"
    params = [] if post_ids is None else [sql.ids_param(post_ids)]
    order = "ORDER BY published_at, publication_id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {STATS} SET previous_day = found.day, previous_day_on_network = found.again"
            " FROM (SELECT publication_id,"
            f" LAG(local_day) OVER (PARTITION BY post_id {order}) AS day,"
            f" LAG(local_day) OVER (PARTITION BY post_id, platform {order}) AS again"
            f" FROM {STATS} WHERE NOT is_reply {only}) AS found"
            f" WHERE found.publication_id = {STATS}.publication_id"
            " AND (previous_day IS DISTINCT FROM found.day"
            " OR previous_day_on_network IS DISTINCT FROM found.again)",
            params,
        )


def _row(publication: Publication, zone: ZoneInfo) -> PublicationStats:
    at = publication.published_at
    assert at is not None  # a constraint of Publication
    utc = at.astimezone(UTC)
    is_daily = publication.account.capabilities.read_once_per_day
    return PublicationStats(
        publication=publication,
        post_id=publication.post_id,
        account_id=publication.account_id,
        platform=publication.account.platform,
        content_type=publication.post.content_type,
        is_reply=publication.post.is_reply,
        published_at=at,
        local_day=at.astimezone(zone).date(),
        hour_of_week=utc.weekday() * 24 + utc.hour,
        next_collect_at=at + cadence.FIRST_DAILY if is_daily else at,
    )
