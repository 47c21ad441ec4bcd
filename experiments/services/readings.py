"""What one publication had earned at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from analytics import definitions
from analytics.models import Conversion, ConversionKind, PostMetrics
from experiments.models import ABTest, Metric
from socialhub.models import LinkVisit, Organisation, Publication


@dataclass(frozen=True, slots=True)
class Numbers:
    """None where it is not reported, or was not read by then."""

    engagements: int | None
    impressions: int | None
    value: Decimal | None = None


def read_at(publication: Publication | None) -> datetime | None:
    """When the network last answered about it."""
    stats = getattr(publication, "stats", None)
    return stats.metrics_at if stats is not None else None


def numbers(test: ABTest, publication: Publication, until: datetime) -> Numbers:
    """The metric of the test and the impressions, as known at `until`."""
    counters = _counters(publication, until)
    impressions = counters.get("impressions")
    if test.metric == Metric.REVENUE:
        value = _revenue(publication, until)
        return Numbers(definitions.engagements(counters), impressions, value)
    if test.metric == Metric.LEADS:
        return Numbers(_leads(publication, until), impressions)
    if test.metric == Metric.CLICKS:
        return Numbers(_clicks(publication, counters, until), impressions)
    return Numbers(definitions.engagements(counters), impressions)


def _counters(publication: Publication, until: datetime) -> dict[str, int | None]:
    """The last reading at or before; {} when there is none."""
    rows = PostMetrics.objects.filter(publication=publication, collected_at__lte=until)
    last = rows.order_by("-collected_at").first()
    return last.counters() if last else {}


def _clicks(
    publication: Publication, counters: dict[str, int | None], until: datetime
) -> int | None:
    """Visitors of its short link where it has one, else what the network counts."""
    visits = LinkVisit.objects.filter(link__publication=publication, is_bot=False, at__lte=until)
    if publication.links.exists():
        return visits.values("visitor").distinct().count()
    return counters.get("clicks")


def _conversions(publication: Publication, kind: str, until: datetime) -> Any:
    return Conversion.objects.filter(publication=publication, kind=kind, happened_at__lte=until)


def _leads(publication: Publication, until: datetime) -> int:
    return int(_conversions(publication, ConversionKind.LEAD, until).count())


def _revenue(publication: Publication, until: datetime) -> Decimal:
    """Orders, in the organisation's currency; an invoice is the same money again."""
    orders = _conversions(publication, ConversionKind.ORDER, until)
    own = orders.filter(currency=Organisation.get().currency)
    return own.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
