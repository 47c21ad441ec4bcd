"""Numbers of rows that are about to be deleted: only demo data ever is."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Min, Q

from analytics.models import (
    AccountDayRollup,
    AccountMetrics,
    ActivityDay,
    AnalyticsReport,
    CollectionDay,
    DayRollup,
    HourRollup,
    PostMetrics,
    PublicationStats,
)
from analytics.services import rollups, tracking
from socialhub.models import Account, Publication

BY_ACCOUNT = (ActivityDay, AccountDayRollup, AccountMetrics, CollectionDay)


def forget(publication_ids: Sequence[int], account_ids: Sequence[int]) -> None:
    """Take them out of facts and sums, in the caller's transaction."""
    _forget_reports(publication_ids, account_ids)
    rows = PublicationStats.objects.filter(pk__in=publication_ids)
    posts = set(rows.values_list("post_id", flat=True))
    siblings = PublicationStats.objects.filter(post__in=posts).values_list("pk", flat=True)
    with rollups.booked([*publication_ids, *siblings]):
        PostMetrics.objects.filter(publication__in=publication_ids).delete()
        rows.delete()
        tracking.set_previous_days(posts)
    for model in BY_ACCOUNT:
        model.objects.filter(account__in=account_ids).delete()
    for rollup in (DayRollup, HourRollup):
        # Nothing is left in these cells.
        rollup.objects.filter(publications=0).delete()


def _forget_reports(publication_ids: Sequence[int], account_ids: Sequence[int]) -> None:
    """Reports that count demo data among their figures: they would stay wrong for ever."""
    publications = Publication.objects.filter(pk__in=publication_ids)
    campaigns = publications.exclude(post__campaign=None).values_list("post__campaign", flat=True)
    accounts = Account.objects.filter(pk__in=account_ids)
    networks = accounts.values_list("platform", flat=True)
    scopes = ["", *(f"campaign:{pk}" for pk in campaigns), *(f"platform:{one}" for one in networks)]
    rows = PublicationStats.objects.filter(pk__in=publication_ids)
    first = rows.aggregate(first=Min("local_day"))["first"]
    wrong = Q(scope_account__in=account_ids)
    if first is not None:
        wrong |= Q(scope_key__in=scopes, period_end__gte=first)
    AnalyticsReport.objects.filter(wrong).delete()
