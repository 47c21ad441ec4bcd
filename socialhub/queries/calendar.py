"""The calendar: publications, free slots and best times by local day and hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from socialhub import registries
from socialhub.models import (
    CHANGEABLE,
    Account,
    AccountStatus,
    Organisation,
    Publication,
    PublicationStatus,
)
from socialhub.services import queue

# Chips in a day of the month before the rest is folded away.
ROOM = 4
VIEWS = ("month", "week", "list")


@dataclass(frozen=True, slots=True)
class Window:
    """What part of the calendar is asked for; nonsense in the address means today, all."""

    view: str
    day: date
    account: int | None = None
    campaign: int | None = None

    @classmethod
    def of(cls, asked: Mapping[str, str], today: date) -> Window:
        try:
            day = date.fromisoformat(asked.get("date", ""))
        except ValueError:
            day = today
        # A year before 1900 or after 9000 has no week around it that Python can name.
        day = day if 1900 < day.year < 9000 else today
        view = asked.get("view", "")
        return cls(
            view if view in VIEWS else "month",
            day,
            _number(asked.get("account", "")),
            _number(asked.get("campaign", "")),
        )

    @property
    def first(self) -> date:
        """The first day shown."""
        if self.view == "week":
            return self.day - timedelta(days=self.day.weekday())
        first = self.day.replace(day=1)
        return first if self.view == "list" else first - timedelta(days=first.weekday())

    @property
    def end(self) -> date:
        """The day after the last one shown."""
        if self.view == "week":
            return self.first + timedelta(days=7)
        end = _next_month(self.day)
        return end if self.view == "list" else end + timedelta(days=-end.weekday() % 7)

    @property
    def before(self) -> date:
        if self.view == "week":
            return self.day - timedelta(days=7)
        return (self.day.replace(day=1) - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date:
        return self.day + timedelta(days=7) if self.view == "week" else _next_month(self.day)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A publication at its local wall-clock time."""

    publication: Publication
    local: datetime
    movable: bool
    marks: Sequence[registries.Mark] = ()

    @property
    def naive(self) -> str:
        return f"{self.local:%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class Slot:
    """A free posting slot."""

    account: Account
    local: datetime

    @property
    def naive(self) -> str:
        return f"{self.local:%Y-%m-%dT%H:%M}"


@dataclass(slots=True)
class Hour:
    """One hour of one day. `exists` is False where the clock skips it."""

    hour: int
    naive: str
    exists: bool
    is_past: bool
    is_now: bool
    entries: list[Entry] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    best: list[registries.BestTime] = field(default_factory=list)


@dataclass(slots=True)
class Day:
    """One day; `new_at` is the time a click on it proposes, "" for days that are over."""

    day: date
    is_today: bool
    is_past: bool
    in_month: bool
    new_at: str
    entries: list[Entry] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    best: list[registries.BestTime] = field(default_factory=list)
    hours: list[Hour] = field(default_factory=list)

    @property
    def shown(self) -> list[Entry]:
        """What a month's cell has room for."""
        return self.entries[:ROOM] if len(self.entries) > ROOM + 1 else self.entries

    @property
    def folded(self) -> list[Entry]:
        return self.entries[len(self.shown) :]

    @property
    def is_empty(self) -> bool:
        return not (self.entries or self.slots)


@dataclass(slots=True)
class Calendar:
    """`days` in order; `weeks` are the same in rows of seven for the month."""

    window: Window
    zone: ZoneInfo
    today: date
    days: list[Day]
    has_slots: bool

    @property
    def last_day(self) -> date:
        return self.days[-1].day

    @property
    def in_one_month(self) -> bool:
        return self.days[0].day.month == self.last_day.month

    @property
    def is_empty(self) -> bool:
        return all(day.is_empty for day in self.days)

    @property
    def weeks(self) -> list[list[Day]]:
        return [self.days[n : n + 7] for n in range(0, len(self.days), 7)]


def calendar(
    user: Any, asked: Mapping[str, str], *, may_move: bool, now: datetime | None = None
) -> Calendar:
    """The calendar for `user`. A constant number of queries."""
    zone = Organisation.get().zone
    local_now = (now or timezone.now()).astimezone(zone)
    window = Window.of(asked, local_now.date())
    start = datetime.combine(window.first, time(), zone)
    end = datetime.combine(window.end, time(), zone)
    days = {
        day: _day(day, window, local_now)
        for n in range((window.end - window.first).days)
        if (day := window.first + timedelta(days=n))
    }
    publications = list(_publications(user, window, start, end))
    marks = registries.publication_marks(user, [each.pk for each in publications])
    for publication in publications:
        at = (publication.due_at or publication.published_at).astimezone(zone)
        movable = may_move and publication.status in CHANGEABLE
        days[at.date()].entries.append(
            Entry(publication, at, movable, marks.get(publication.pk, ()))
        )
    accounts = list(_accounts(user, window))
    has_slots = any(account.slots.all() for account in accounts)
    free = queue.free_slots_of(accounts, max(start, local_now), end) if end > local_now else {}
    for account in accounts:
        for at in free.get(account.pk, []):
            days[at.date()].slots.append(Slot(account, at))
    for best in registries.best_times(accounts, start, end):
        at = best.start.astimezone(zone)
        if at.date() in days:
            days[at.date()].best.append(best)
    for day in days.values():
        day.slots.sort(key=lambda slot: slot.local)
        if window.view == "week":
            day.hours = _hours(day, zone, local_now)
    return Calendar(window, zone, local_now.date(), list(days.values()), has_slots)


def _publications(
    user: Any, window: Window, start: datetime, end: datetime
) -> QuerySet[Publication]:
    rows = Publication.objects.visible_to(user).for_list().filter(post__is_reply=False)
    rows = rows.filter(
        Q(due_at__gte=start, due_at__lt=end)
        | Q(due_at__isnull=True, published_at__gte=start, published_at__lt=end)
    ).exclude(status=PublicationStatus.CANCELLED)
    rows = rows.exclude(post__is_archived=True, status=PublicationStatus.DRAFT)
    if window.account is not None:
        rows = rows.filter(account=window.account)
    if window.campaign is not None:
        rows = rows.filter(post__campaign=window.campaign)
    return rows.order_by("due_at", "pk")


def _accounts(user: Any, window: Window) -> QuerySet[Account]:
    rows = Account.objects.visible_to(user).filter(status=AccountStatus.ACTIVE)
    if window.account is not None:
        rows = rows.filter(pk=window.account)
    return rows.prefetch_related("slots")


def _day(day: date, window: Window, now: datetime) -> Day:
    is_past = day < now.date()
    proposed = f"{day.isoformat()}T09:00"
    if day == now.date():
        # The next full hour; late in the evening there is none left today.
        later = now.replace(tzinfo=None) + timedelta(hours=1)
        proposed = f"{later:%Y-%m-%dT%H:00}"
    return Day(
        day,
        is_today=day == now.date(),
        is_past=is_past,
        in_month=window.view != "month" or day.month == window.day.month,
        new_at="" if is_past else proposed,
    )


def _hours(day: Day, zone: ZoneInfo, now: datetime) -> list[Hour]:
    entries: dict[int, list[Entry]] = defaultdict(list)
    slots: dict[int, list[Slot]] = defaultdict(list)
    best: dict[int, list[registries.BestTime]] = defaultdict(list)
    for entry in day.entries:
        entries[entry.local.hour].append(entry)
    for slot in day.slots:
        slots[slot.local.hour].append(slot)
    for good in day.best:
        best[good.start.astimezone(zone).hour].append(good)
    present = now.replace(tzinfo=None, minute=0, second=0, microsecond=0, fold=0)
    found = []
    for hour in range(24):
        at = datetime.combine(day.day, time(hour))
        found.append(
            Hour(
                hour=hour,
                naive=f"{at:%Y-%m-%dT%H:%M}",
                exists=queue.exists(at, zone),
                is_past=at < present,
                is_now=at == present,
                entries=entries[hour],
                slots=slots[hour],
                best=best[hour],
            )
        )
    return found
