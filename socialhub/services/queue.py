"""Posting slots in local wall-clock time, and local times that do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from socialhub.models import Account, Organisation, Publication, PublicationStatus
from socialhub.services.errors import Invalid

# How far ahead "add to queue" looks.
HORIZON = timedelta(days=90)


def exists(local: datetime, zone: ZoneInfo) -> bool:
    """Is there such a moment, or does a clock change skip it?"""
    aware = local.replace(tzinfo=zone)
    return aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(fold=0)


def local_datetime(local: datetime, zone: ZoneInfo | None = None) -> datetime:
    """A wall-clock time of the organisation as an aware one. Raises Invalid if it is skipped.

    An hour that happens twice means its first occurrence.
    """
    zone = zone or Organisation.get().zone
    if not exists(local, zone):
        raise Invalid(
            "no_such_local_time",
            _("There is no %(time)s on %(day)s: the clock is put forward. Choose another time.")
            % {"time": f"{local:%H:%M}", "day": f"{local:%Y-%m-%d}"},
            {"due_at": [_("This local time does not exist.")]},
        )
    return local.replace(tzinfo=zone)


def slot_times(
    account: Account, start: datetime, end: datetime, zone: ZoneInfo | None = None
) -> list[datetime]:
    """Every posting slot of the account in [start, end), free or not, in order."""
    zone = zone or Organisation.get().zone
    slots: dict[int, list[time]] = {}
    for slot in account.slots.all():
        slots.setdefault(slot.weekday, []).append(slot.time)
    found = []
    day: date = start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        for at in slots.get(day.weekday(), []):
            local = datetime.combine(day, at)
            # A slot in the skipped hour does not happen that week.
            if exists(local, zone) and start <= local.replace(tzinfo=zone) < end:
                found.append(local.replace(tzinfo=zone))
        day += timedelta(days=1)
    return sorted(found)


def free_slots(account: Account, start: datetime, end: datetime) -> list[datetime]:
    """Posting slots without a publication that is planned or out."""
    taken = set(
        Publication.objects.filter(account=account, due_at__gte=start, due_at__lt=end)
        .exclude(status=PublicationStatus.CANCELLED)
        .values_list("due_at", flat=True)
    )
    return [at for at in slot_times(account, start, end) if at not in taken]


def free_slots_of(
    accounts: Sequence[Account], start: datetime, end: datetime
) -> dict[int, list[datetime]]:
    """`free_slots` by account id, two queries for all; hand in accounts with slots prefetched."""
    zone = Organisation.get().zone
    taken = set(
        Publication.objects.filter(account__in=accounts, due_at__gte=start, due_at__lt=end)
        .exclude(status=PublicationStatus.CANCELLED)
        .values_list("account_id", "due_at")
    )
    return {
        account.pk: [
            at for at in slot_times(account, start, end, zone) if (account.pk, at) not in taken
        ]
        for account in accounts
    }


def next_free_slot(account: Account, after: datetime) -> datetime | None:
    """The next free slot, or None when the account has no slots."""
    found = free_slots(account, after + timedelta(minutes=1), after + HORIZON)
    return found[0] if found else None
