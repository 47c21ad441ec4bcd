"""How repetitions did: what was predicted, what came, and where that stands on the account."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import F

from analytics.models import PublicationStats
from experiments.models import RecycledPost
from socialhub.models import PublicationStatus

# As for A/B tests: after so long a post has most of its reactions.
MATURE_AFTER = timedelta(hours=72)
# Posts of the account that a repetition is compared with.
COMPARED = timedelta(days=365)


def measure(now: datetime) -> int:
    """Write what came of repetitions that are old enough and were read since; how many."""
    rows = RecycledPost.objects.filter(
        measured_at__isnull=True,
        publication__status=PublicationStatus.PUBLISHED,
        publication__published_at__lte=now - MATURE_AFTER,
        publication__stats__engagements__isnull=False,
        publication__stats__metrics_at__gte=F("publication__published_at") + MATURE_AFTER,
    ).select_related("publication__stats")
    by_account: dict[int, list[RecycledPost]] = defaultdict(list)
    for row in rows:
        by_account[row.account_id].append(row)
    return sum(_account(account, found, now) for account, found in by_account.items())


def _account(account: int, rows: list[RecycledPost], now: datetime) -> int:
    others = list(
        PublicationStats.objects.filter(
            account=account,
            is_reply=False,
            engagements__isnull=False,
            published_at__range=(now - COMPARED, now - MATURE_AFTER),
        ).values_list("publication_id", "engagements", "impressions")
    )
    seen = sum(bool(impressions) for _pk, _engaged, impressions in others)
    # As the quality counts: per impression where most posts have them.
    as_rate = 2 * seen >= len(others)
    values = {
        pk: engaged / impressions if as_rate else float(engaged)
        for pk, engaged, impressions in others
        if impressions or not as_rate
    }
    done = 0
    for row in rows:
        actual = values.get(row.publication_id)
        if actual is None:
            continue
        rest = [value for pk, value in values.items() if pk != row.publication_id]
        rank = _rank(actual, rest)
        done += RecycledPost.objects.filter(pk=row.pk, measured_at__isnull=True).update(
            actual=actual, actual_rank=rank, measured_at=now
        )
    return done


def _rank(value: float, others: list[float]) -> float | None:
    """0 to 100: how many did worse, equal ones by half; None without others."""
    if not others:
        return None
    below = sum(other < value for other in others) + 0.5 * sum(o == value for o in others)
    return 100 * below / len(others)
