"""The weeks ahead: what the rules would repeat, and what is planned already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from experiments.models import ABTestPublication, RecycledPost, RecyclingRule
from experiments.queries.marks import AB, ICONS, RECYCLED
from experiments.queries.recycling import WAITING
from socialhub.models import Account, Organisation, Publication

WEEKS = 4


@dataclass(frozen=True, slots=True)
class Ahead:
    """Something that goes out; `kind` is "would" for what no one has planned yet."""

    local: datetime
    kind: str
    publication: Publication
    account: Account
    rule: RecyclingRule | None = None
    score: float | None = None

    @property
    def icon(self) -> str:
        return ICONS.get(self.kind, ICONS[RECYCLED])

    def at_home(self, zone: ZoneInfo) -> Ahead:
        return replace(self, local=self.local.astimezone(zone))

    @property
    def url(self) -> str:
        return reverse("admin:socialhub_publication_change", args=[self.publication.pk])


@dataclass(slots=True)
class Day:
    day: date
    is_in: bool
    is_today: bool
    items: list[Ahead] = field(default_factory=list)


@dataclass(slots=True)
class Weeks:
    """Days in rows of seven from a Monday on; `items` are all of them in order."""

    days: list[Day]
    items: list[Ahead]

    @property
    def rows(self) -> list[list[Day]]:
        return [self.days[n : n + 7] for n in range(0, len(self.days), 7)]

    @property
    def planned(self) -> list[Ahead]:
        return [item for item in self.items if item.kind != "would"]

    @property
    def would(self) -> list[Ahead]:
        return [item for item in self.items if item.kind == "would"]


def weeks(user: Any, account: Account | None, rule: RecyclingRule | None, now: datetime) -> Weeks:
    """The four weeks from today."""
    zone = Organisation.get().zone
    today = now.astimezone(zone).date()
    end = today + timedelta(days=7 * WEEKS)
    until = datetime.combine(end, time(), zone)
    found = [*_would(user, account, rule, now), *_planned(user, account, rule, now, until)]
    items = sorted(
        (item.at_home(zone) for item in found if item.local < until),
        key=lambda item: (item.local, item.account.pk),
    )
    return Weeks(_days(items, today, end), items)


def _days(items: Iterable[Ahead], today: date, end: date) -> list[Day]:
    first = today - timedelta(days=today.weekday())
    last = end + timedelta(days=-end.weekday() % 7)
    days = {
        day: Day(day, today <= day < end, day == today)
        for n in range((last - first).days)
        if (day := first + timedelta(days=n))
    }
    for item in items:
        days[item.local.date()].items.append(item)
    return list(days.values())


def _would(
    user: Any, account: Account | None, rule: RecyclingRule | None, now: datetime
) -> list[Ahead]:
    """What the daily job would choose if nothing changed."""
    from experiments.services.recycling.preview import preview

    rules = [rule] if rule else None
    accounts = [account] if account else None
    return [
        Ahead(one.at, "would", one.publication, one.account, one.rule, one.score)
        for one in preview(rules=rules, accounts=accounts, weeks=WEEKS, now=now, user=user)
    ]


def _planned(
    user: Any, account: Account | None, rule: RecyclingRule | None, now: datetime, until: datetime
) -> list[Ahead]:
    """Repetitions and A/B posts with a time already."""
    rows = Publication.objects.visible_to(user).filter(
        status__in=WAITING, due_at__gte=now, due_at__lt=until
    )
    if account is not None:
        rows = rows.filter(account=account)
    repeated = RecycledPost.objects.all()
    if rule is not None:
        repeated = repeated.filter(rule=rule)
    again = set(repeated.filter(publication__in=rows).values_list("publication", flat=True))
    tested = set(
        ABTestPublication.objects.filter(publication__in=rows).values_list("publication", flat=True)
    )
    shown = rows.filter(pk__in=again | tested).select_related("post", "account")
    return [
        Ahead(one.due_at, RECYCLED if one.pk in again else AB, one, one.account)
        for one in shown
        if one.due_at
    ]
