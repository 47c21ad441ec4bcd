"""What a split has counted: visitors per variant, and what they did."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from analytics.models import Conversion, ConversionKind
from experiments.models import ABTest, ABTestExposure, Metric, SplitBy
from socialhub.models import LinkVisit, LinkVisitDay, Organisation


def counts(test: ABTest, until: datetime | None = None) -> list[tuple[int, int]]:
    """(clicks, leads or orders; visitors) of each variant, in their order, as of a time.

    People only, each once. Numbers before the start do not count, nor do leads of people who
    were leads before.
    """
    until = until or timezone.now()
    keys = _keys(test)
    if test.started_at is None:
        return [(0, 0) for _key in keys]
    visitors = _visitors(test, until)
    if test.metric == Metric.CLICKS:
        done = _clicked(test, until)
    else:
        kind = ConversionKind.LEAD if test.metric == Metric.LEADS else ConversionKind.ORDER
        rows = _conversions(test, kind, until).values_list("variant_key")
        done = dict(rows.annotate(n=Count("pk")))
    return [(done.get(key, 0), visitors.get(key, 0)) for key in keys]


def values(test: ABTest, until: datetime | None = None) -> list[list[float]]:
    """Revenue per visitor of each variant, in the organisation's currency; 0 for most.

    An order does not say who of the visitors made it: two orders count as two visitors', which
    leaves the mean as it is.
    """
    until = until or timezone.now()
    keys = _keys(test)
    if test.started_at is None:
        return [[] for _key in keys]
    amounts: dict[str, list[float]] = {key: [] for key in keys}
    rows = _orders(test, until).filter(currency=Organisation.get().currency)
    for key, amount in rows.order_by("pk").values_list("variant_key", "amount"):
        amounts[key].append(float(amount))
    visitors = _visitors(test, until)
    return [amounts[key] + [0.0] * max(0, visitors.get(key, 0) - len(amounts[key])) for key in keys]


def other_currencies(test: ABTest, until: datetime | None = None) -> dict[str, tuple[int, Decimal]]:
    """Orders in other currencies, which no figure holds: {"USD": (how many, their sum)}."""
    if test.started_at is None:
        return {}
    rows = _orders(test, until or timezone.now()).exclude(currency=Organisation.get().currency)
    found = rows.values_list("currency").annotate(n=Count("pk"), total=Sum("amount"))
    return {currency: (n, total) for currency, n, total in found.order_by("currency")}


def _keys(test: ABTest) -> list[str]:
    return [one.key for one in sorted(test.variants.all(), key=lambda one: one.position)]


def _visitors(test: ABTest, until: datetime) -> dict[str, int]:
    if test.split_by == SplitBy.PAGE:
        return _exposed(test, Q(at__lte=until))
    return _arrived(test, until)


def _clicked(test: ABTest, until: datetime) -> dict[str, int]:
    return _exposed(test, Q(at__lte=until, clicked_at__lte=until))


def _exposed(test: ABTest, when: Q) -> dict[str, int]:
    rows = ABTestExposure.objects.filter(when, test=test, is_bot=False)
    return dict(rows.order_by().values_list("variant__key").annotate(n=Count("pk")))


def _arrived(test: ABTest, until: datetime) -> dict[str, int]:
    """Visitors of a link. Visits are kept one by one while a test runs; what was folded into
    days all the same counts each visitor once a day."""
    since, keys = test.started_at, _keys(test)
    assert since is not None
    visits = LinkVisit.objects.filter(
        link_id=test.link_id, is_bot=False, at__gte=since, at__lte=until, destination_key__in=keys
    )
    found: Counter[str] = Counter(
        dict(visits.values_list("destination_key").annotate(n=Count("visitor", distinct=True)))
    )
    days = LinkVisitDay.objects.filter(
        link_id=test.link_id,
        destination_key__in=keys,
        day__gte=since.astimezone(UTC).date(),
        day__lte=until.astimezone(UTC).date(),
    )
    found.update(dict(days.values_list("destination_key").annotate(n=Sum("visitors"))))
    return dict(found)


def _conversions(test: ABTest, kind: str, until: datetime) -> QuerySet[Any]:
    since = test.started_at
    return Conversion.objects.filter(
        kind=kind, variant_key__in=_keys(test), happened_at__gte=since, happened_at__lte=until
    ).order_by()


def _orders(test: ABTest, until: datetime) -> QuerySet[Any]:
    return _conversions(test, ConversionKind.ORDER, until).filter(amount__isnull=False)
