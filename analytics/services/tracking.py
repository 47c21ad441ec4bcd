"""One row of numbers per published publication."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from zoneinfo import ZoneInfo

from analytics.models import PublicationStats
from socialhub.models import Organisation, Publication, PublicationStatus

# Rows made per sweep; more wait for the next one.
MOST = 1_000


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
    zone = Organisation.get().zone
    rows = [_row(publication, zone) for publication in publications]
    # Somebody else may be making the same row.
    PublicationStats.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _row(publication: Publication, zone: ZoneInfo) -> PublicationStats:
    at = publication.published_at
    assert at is not None  # a constraint of Publication
    utc = at.astimezone(UTC)
    return PublicationStats(
        publication=publication,
        account_id=publication.account_id,
        platform=publication.account.platform,
        content_type=publication.post.content_type,
        is_reply=publication.post.is_reply,
        published_at=at,
        local_day=at.astimezone(zone).date(),
        hour_of_week=utc.weekday() * 24 + utc.hour,
        next_collect_at=at,
    )
