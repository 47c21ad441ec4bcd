"""Two series do not go out on one account at the same time: readers would see them mixed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from socialhub.models import IN_FLIGHT, Account, Organisation, Publication, PublicationStatus
from socialhub.services.errors import Conflict
from threads.models import ThreadSeries
from threads.services.series import access

# After the last part: time for what a network delays.
SLACK = timedelta(minutes=10)
BUSY = (PublicationStatus.SCHEDULED, *IN_FLIGHT)


@dataclass(frozen=True, slots=True)
class Window:
    """When a series goes out on an account."""

    title: str
    start: datetime
    end: datetime


def lock_accounts(ids: Iterable[int]) -> list[Account]:
    """Of two series for one account the second waits here until the first is on the queue."""
    rows = Account.objects.filter(pk__in=list(ids)).order_by("pk")
    # Rows that refer to the account may be written meanwhile.
    return list(rows.select_for_update(no_key=True))


def length(parts: int, pace_seconds: int) -> timedelta:
    return timedelta(seconds=pace_seconds * max(parts - 1, 0)) + SLACK


def require_free(
    series: ThreadSeries, at: datetime, steps: Mapping[int, int], accounts: Sequence[Account]
) -> None:
    """Conflict when another series goes out on one of the accounts meanwhile.

    `steps` is how many parts go out per account id. The accounts are locked.
    """
    for account in accounts:
        if not steps.get(account.pk):
            continue
        needed = length(steps[account.pk], series.pace_seconds)
        others = windows(account, without=series)
        hit = next((one for one in others if one.start < at + needed and at < one.end), None)
        if hit is not None:
            raise _taken(account, hit, next_free(others, at, needed))


def windows(account: Account, *, without: ThreadSeries) -> list[Window]:
    """When other series go out on this account, in order of time."""
    rows = Publication.objects.filter(
        account=account, status__in=BUSY, post__thread_part__isnull=False, due_at__isnull=False
    ).exclude(post__thread_part__series=without)
    found: dict[int, list[Publication]] = {}
    for row in rows.select_related("post__thread_part__series").order_by("due_at", "pk"):
        found.setdefault(access.part_of(row).series_id, []).append(row)
    return sorted((_window(chain) for chain in found.values()), key=lambda one: one.start)


def next_free(others: Sequence[Window], at: datetime, needed: timedelta) -> datetime:
    """The first moment from `at` on with room for it."""
    for one in sorted(others, key=lambda window: window.start):
        if one.start < at + needed and at < one.end:
            at = one.end
    return at


def _window(chain: Sequence[Publication]) -> Window:
    series = access.part_of(chain[0]).series
    times = [max(row.due_at, row.not_before or row.due_at) for row in chain if row.due_at]
    end = max(times[-1], times[0] + length(len(chain), series.pace_seconds) - SLACK) + SLACK
    return Window(series.title, times[0], end)


def _taken(account: Account, other: Window, free: datetime) -> Conflict:
    zone = Organisation.get().zone

    def said(at: datetime) -> str:
        return date_format(localtime(at, zone), "DATETIME_FORMAT")

    message = _(
        "“%(title)s” goes out on %(account)s from %(start)s to %(end)s. "
        "The next free moment is %(free)s."
    ) % {
        "title": other.title,
        "account": account,
        "start": said(other.start),
        "end": said(other.end),
        "free": said(_next_minute(free)),
    }
    return Conflict("overlaps", message, {"due_at": [message]})


def _next_minute(at: datetime) -> datetime:
    """What a person can type: nothing is lost by waiting for the full minute."""
    full = at.replace(second=0, microsecond=0)
    return full if full == at else full + timedelta(minutes=1)
