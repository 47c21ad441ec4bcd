"""What accounts earned so far, as a plan needs it: rates, the luck of posts, how reach comes in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)

from analytics import definitions
from analytics.models import Conversion, ConversionKind, PostMetrics, PublicationStats
from experiments.models import Metric, MetricKind
from socialhub.models import Account, Organisation

# Posts this young still earn; what is older than a year is another audience.
YOUNGEST, OLDEST = timedelta(hours=72), timedelta(days=365)
MOST_POSTS = 500
# With fewer posts nothing is said.
FEWEST_POSTS = 8
# How much of its reach a post has after so many days, where it was not measured: half in 12 hours.
AGES = (1, 2, 3, 7, 14)
USUAL_COURSE = tuple(1 - 2 ** (-2 * days) for days in AGES)
# Posts that the course and the clustering are measured from.
MEASURED_POSTS, FEWEST_MEASURED = 40, 5
CLUSTERED_POSTS, CLUSTERED_HOURS = 10, 72


@dataclass(frozen=True, slots=True)
class Post:
    """One measured publication; `done` is what the metric counts."""

    pk: int
    account: int
    at: datetime
    impressions: int | None
    done: float


@dataclass(frozen=True, slots=True)
class Past:
    """`baseline`: per impression, or per post where none are reported. Medians are per post.

    `value`, `value_sd`: of the single posts. `course`: the share of its reach that a post has at
    AGES. `phi`: dispersion between hours.
    """

    posts: int
    baseline: float
    luck_sd: float
    impressions_per_post: float | None
    done_per_post: float
    earned_at_once: float
    value: float
    value_sd: float
    course: tuple[float, ...]
    phi: float


def past(accounts: Sequence[Account], metric: str, kind: str, now: datetime) -> Past | None:
    """None with too few posts, or none that ever brought what is counted."""
    posts = _posts(accounts, metric, kind, now)
    if len(posts) < FEWEST_POSTS or not any(post.done for post in posts):
        return None
    shown = [post.impressions for post in posts if post.impressions]
    done = sum(post.done for post in posts)
    per_impression = kind in (MetricKind.RATE, MetricKind.PROPORTION)
    values = [post.done for post in posts]
    mean = done / len(posts)
    return Past(
        posts=len(posts),
        baseline=done / sum(shown) if per_impression else mean,
        luck_sd=_luck(posts, kind, now),
        impressions_per_post=median(shown) if shown else None,
        done_per_post=median(values) or mean,
        earned_at_once=_at_once(posts, per_impression),
        value=mean,
        value_sd=(sum((one - mean) ** 2 for one in values) / (len(values) - 1)) ** 0.5,
        course=_course(posts),
        phi=_clustering(posts, metric, kind),
    )


def _posts(accounts: Sequence[Account], metric: str, kind: str, now: datetime) -> list[Post]:
    """Newest first, as far as they report what is needed."""
    rows = PublicationStats.objects.filter(
        account__in=accounts,
        is_reply=False,
        gone_at__isnull=True,
        published_at__gt=now - OLDEST,
        published_at__lte=now - YOUNGEST,
    ).order_by("-published_at", "-pk")
    if kind in (MetricKind.RATE, MetricKind.PROPORTION):
        rows = rows.filter(impressions__gt=0)
    counted = _counted(rows, metric)
    columns = ("pk", "account_id", "published_at", "impressions", "done")
    return [
        Post(pk, account, at, impressions, float(done or 0))
        for pk, account, at, impressions, done in counted.values_list(*columns)[:MOST_POSTS]
    ]


def _counted(rows: QuerySet[PublicationStats], metric: str) -> QuerySet[Any]:
    """Each row with `done`."""
    owed = Conversion.objects.filter(publication=OuterRef("pk")).order_by()
    if metric == Metric.LEADS:
        leads = owed.filter(kind=ConversionKind.LEAD).values("publication")
        return rows.annotate(done=Subquery(leads.annotate(n=Count("pk")).values("n")))
    if metric == Metric.REVENUE:
        currency = Organisation.get().currency
        orders = owed.filter(kind=ConversionKind.ORDER, currency=currency).values("publication")
        return rows.annotate(done=Subquery(orders.annotate(n=Sum("amount")).values("n")))
    if metric == Metric.CLICKS:
        visits = Count(
            "publication__links__visits__visitor",
            filter=Q(publication__links__visits__is_bot=False),
            distinct=True,
        )
        return (
            rows.annotate(visits=visits)
            .filter(Q(clicks__isnull=False) | Q(visits__gt=0))
            .annotate(done=_larger("clicks", "visits"))
        )
    return rows.filter(engagements__isnull=False).annotate(done=F("engagements"))


def _larger(first: str, second: str) -> Any:
    """A tracked link counts its own visitors, and then the network's number is of no use."""
    larger = When(**{f"{second}__gt": 0}, then=F(second))
    return Case(larger, default=F(first), output_field=BigIntegerField())


def _luck(posts: Iterable[Post], kind: str, now: datetime) -> float:
    """Spread of the log between posts of one slot beyond counting, over the accounts."""
    # numpy and scipy take 60 MB: only in processes that are asked.
    from analytics.best_times.hierarchical import luck_variance
    from analytics.best_times.observations import observe

    zone = Organisation.get().timezone
    per_impression = kind in (MetricKind.RATE, MetricKind.PROPORTION)
    by_account: dict[int, list[Any]] = defaultdict(list)
    for post in posts:
        shown = post.impressions if per_impression else None
        by_account[post.account].append((post.at, shown, round(post.done)))
    total, weight = 0.0, 0
    for own in by_account.values():
        seen = observe(own, zone, now)
        if len(seen) and seen.counted:
            total += len(seen) * luck_variance(seen)
            weight += len(seen)
    return float((total / weight) ** 0.5) if weight else 0.55


def _at_once(posts: Iterable[Post], per_impression: bool) -> float:
    """What one post on each of the accounts earns together: impressions, else what is counted."""
    by_account: dict[int, list[float]] = defaultdict(list)
    for post in posts:
        by_account[post.account].append((post.impressions or 0) if per_impression else post.done)
    return float(sum(median(own) for own in by_account.values()))


def _course(posts: Sequence[Post]) -> tuple[float, ...]:
    """Median share of the latest impressions (or engagements) at each of AGES."""
    old = [post.pk for post in posts if post.at <= posts[0].at - timedelta(days=AGES[-1])]
    rows = PublicationStats.objects.filter(pk__in=old[:MEASURED_POSTS]).annotate(
        **{f"at_{days}": Subquery(_snapshot(days)) for days in AGES},
        **{f"engaged_{days}": Subquery(_snapshot(days, "engaged")) for days in AGES},
    )
    shares: list[list[float]] = [[] for _days in AGES]
    for row in rows:
        total = row.impressions or row.engagements
        if not total:
            continue
        name = "at" if row.impressions else "engaged"
        for place, days in enumerate(AGES):
            then = getattr(row, f"{name}_{days}")
            if then is not None:
                shares[place].append(min(1.0, then / total))
    if min(map(len, shares)) < FEWEST_MEASURED:
        return USUAL_COURSE
    return tuple(median(one) for one in shares)


def _snapshot(days: int, what: str = "impressions") -> Any:
    rows = PostMetrics.objects.annotate(engaged=definitions.engagements_expression()).filter(
        publication=OuterRef("pk"),
        collected_at__lte=OuterRef("published_at") + timedelta(days=days),
    )
    return rows.order_by("-collected_at").values(what)[:1]


def _clustering(posts: Sequence[Post], metric: str, kind: str) -> float:
    """φ of the newest posts, each with a rate of its own, from their first three days by the hour.

    Of engagements only: of clicks and leads the hours are not kept, or too few to tell.
    """
    if metric != Metric.ENGAGEMENTS or kind != MetricKind.RATE:
        return 1.0
    import numpy as np

    from experiments.statistics import dispersion

    newest = {post.pk: post.at for post in posts[:CLUSTERED_POSTS]}
    hours: dict[int, list[list[int]]] = {pk: [[0, 0]] * CLUSTERED_HOURS for pk in newest}
    rows = PostMetrics.objects.filter(publication__in=newest).order_by("collected_at")
    for row in rows:
        hour = int((row.collected_at - newest[row.publication_id]) / timedelta(hours=1))
        engaged = definitions.engagements(row.counters())
        if hour < CLUSTERED_HOURS and engaged is not None and row.impressions is not None:
            own = hours[row.publication_id]
            own[max(hour, 0) :] = [[engaged, row.impressions]] * (CLUSTERED_HOURS - max(hour, 0))
    table = np.array(list(hours.values()), dtype=np.float64)
    if not table.size:
        return 1.0
    phi, number = dispersion.running(table[..., 0].T, table[..., 1].T, "rate")
    return float(phi[-1]) if number[-1] >= dispersion.FEWEST_INCREMENTS else 1.0
