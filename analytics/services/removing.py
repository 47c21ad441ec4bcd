"""Numbers of rows that are about to be deleted: only demo data ever is."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.models import (
    AccountDayRollup,
    AccountHourRollup,
    AccountMetrics,
    ActivityDay,
    AnalyticsReport,
    CollectionDay,
    PostMetrics,
    PublicationStats,
)
from analytics.services import rollups, tracking

BY_ACCOUNT = (ActivityDay, AccountDayRollup, AccountHourRollup, AccountMetrics, CollectionDay)


def forget(publication_ids: Sequence[int], account_ids: Sequence[int]) -> None:
    """Take them out of facts and sums, in the caller's transaction."""
    rows = PublicationStats.objects.filter(pk__in=publication_ids)
    posts = set(rows.values_list("post_id", flat=True))
    siblings = PublicationStats.objects.filter(post__in=posts).values_list("pk", flat=True)
    with rollups.booked([*publication_ids, *siblings]):
        PostMetrics.objects.filter(publication__in=publication_ids).delete()
        rows.delete()
        tracking.set_previous_days(posts)
    for model in BY_ACCOUNT:
        model.objects.filter(account__in=account_ids).delete()
    AnalyticsReport.objects.filter(scope_account__in=account_ids).delete()
