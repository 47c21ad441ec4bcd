"""How a publication grows, beside what the account's others had at the same age."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.utils import timezone

from analytics import definitions
from analytics.models import PostMetrics, PublicationStats
from socialhub.models import Publication

# Ages at which publications are compared.
AGES = tuple(
    timedelta(hours=hours) for hours in (1, 2, 3, 6, 12, 24, 48, 72, 120, 168, 336, 720, 1440, 2160)
)
# The account's latest publications compared with, and the fewest that make a median.
OTHERS, FEWEST = 40, 3
RECENT = timedelta(days=180)
# Drawing: width and height of the picture without its edges.
WIDTH, HEIGHT = 600.0, 120.0


@dataclass(frozen=True, slots=True)
class Point:
    """At this age: the publication's counter, the median of `n` others; None = not known."""

    age: timedelta
    value: int | None
    median: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Growth:
    """`metric` is impressions where the network reports them, else engagements."""

    metric: str
    label: Any
    points: list[Point]

    @property
    def says(self) -> tuple[int, float] | None:
        """The newest age at which both are known: (value, times the median)."""
        both = [p for p in self.points if p.value is not None and p.median]
        return (
            (both[-1].value or 0, (both[-1].value or 0) / (both[-1].median or 1)) if both else None
        )

    @property
    def lines(self) -> dict[str, str]:
        """SVG points of both curves: ages evenly spaced, values from 0 to the highest."""
        top = max((max(p.value or 0, p.median or 0) for p in self.points), default=0) or 1
        step = WIDTH / max(1, len(self.points) - 1)

        def line(values: Sequence[float | None]) -> str:
            return " ".join(
                f"{n * step:.1f},{HEIGHT - HEIGHT * value / top:.1f}"
                for n, value in enumerate(values)
                if value is not None
            )

        return {
            "value": line([p.value for p in self.points]),
            "median": line([p.median for p in self.points]),
        }


def growth(publication: Publication, now: datetime | None = None) -> Growth | None:
    """The curve up to the present age; None before the first snapshot. Three queries."""
    at = publication.published_at
    stats = PublicationStats.objects.filter(pk=publication.pk).first()
    if at is None or stats is None or stats.metrics_at is None:
        return None
    metric = "impressions" if stats.impressions is not None else "engagements"
    others = PublicationStats.objects.filter(
        account=stats.account_id,
        is_reply=stats.is_reply,
        published_at__gt=at - RECENT,
        metrics_at__isnull=False,
    ).exclude(pk=publication.pk)
    born = dict(others.order_by("-published_at").values_list("pk", "published_at")[:OTHERS])
    # Known until: a later age of a post that is not read any more is not known.
    curves = _curves({**born, publication.pk: at}, metric)
    if publication.pk not in curves:
        return None
    lived = min(now or timezone.now(), stats.metrics_at) - at
    ages = [age for age in AGES if age <= lived] or [AGES[0]]
    points = []
    for age in ages:
        there = [
            value
            for pk, began in born.items()
            if (now or timezone.now()) - began >= age
            and (value := _at(curves[pk], age)) is not None
        ]
        middle = float(median(there)) if len(there) >= FEWEST else None
        points.append(Point(age, _at(curves[publication.pk], age), middle, len(there)))
    return Growth(metric, definitions.LABELS[metric], points)


Curve = tuple[list[timedelta], list[int | None]]


def _curves(born: dict[int, datetime], metric: str) -> dict[int, Curve]:
    """Ages and values of every snapshot, by publication."""
    columns = ("likes", "comments", "shares", "saves", "impressions")
    rows = PostMetrics.objects.filter(publication__in=list(born)).order_by("collected_at")
    found: dict[int, Curve] = defaultdict(lambda: ([], []))
    for pk, at, *values in rows.values_list("publication_id", "collected_at", *columns):
        counters = dict(zip(columns, values, strict=True))
        ages, numbers = found[pk]
        ages.append(at - born[pk])
        numbers.append(
            counters["impressions"]
            if metric == "impressions"
            else definitions.engagements(counters)
        )
    return found


def _at(curve: Curve, age: timedelta) -> int | None:
    """The last value known at that age; None before the first snapshot."""
    ages, numbers = curve
    place = bisect_right(ages, age)
    return numbers[place - 1] if place else None
