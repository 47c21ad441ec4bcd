"""Reading counters where a network charges for it: once per post and UTC day, within the cap."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from django.db import connection, transaction

from analytics.models import PublicationStats
from analytics.services import rollups
from analytics.services.due import Due
from socialhub.models import Account
from socialhub.services import spending

# When what the cap stopped is tried again: somebody may have raised it, or the month is over.
AGAIN = timedelta(hours=1)


@dataclass(slots=True)
class Paid:
    """The rows that may be read. `charged` are those that cost money today."""

    rows: list[Due]
    charged: frozenset[int] = frozenset()
    skipped: int = 0
    read: set[int] = field(default_factory=set)

    def answered(self, publication_ids: Collection[int]) -> None:
        """The network spoke of these; the others were not charged for."""
        self.read.update(publication_ids)


def is_charged(account: Account) -> bool:
    return bool(account.capabilities.read_price_usd)


@contextmanager
def for_reading(account: Account, rows: list[Due], at: datetime) -> Iterator[Paid]:
    """Set money aside for reading `rows` inside; what was not read is given back.

    Rows for which there is none left are noted as not measured.
    """
    if not is_charged(account):
        yield Paid(rows)
        return
    known = _read_today(rows, at)
    new = [row for row in rows if row.pk not in known]
    enough = spending.reserve_readings(account, len(new), at)
    if enough < len(new):
        _skip(account, new[enough:], at)
    charged = frozenset(row.pk for row in new[:enough])
    paid = Paid(
        [row for row in rows if row.pk in known or row.pk in charged],
        charged,
        len(new) - enough,
    )
    try:
        yield paid
    finally:
        spending.release_readings(account, len(charged - paid.read), at)


def _read_today(rows: Collection[Due], at: datetime) -> set[int]:
    """Those for which this UTC day is paid."""
    midnight = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    read = PublicationStats.objects.filter(
        pk__in=[row.pk for row in rows], metrics_at__gte=midnight
    )
    return set(read.values_list("pk", flat=True))


def _skip(account: Account, rows: Collection[Due], at: datetime) -> None:
    """Say that these are not measured, and come back to them."""
    skipped = PublicationStats.objects.filter(pk__in=[row.pk for row in rows])
    with transaction.atomic(), connection.cursor() as cursor:
        is_new = skipped.filter(skipped_at__isnull=True).exists()
        skipped.update(skipped_at=at, next_collect_at=at + AGAIN)
        if is_new:
            # Answers that were kept do not say so yet.
            rollups.bump(cursor)
    spending.tell(account, at)


def read_again(publication_ids: Collection[int]) -> None:
    """These were read after all."""
    rows = PublicationStats.objects.filter(pk__in=list(publication_ids), skipped_at__isnull=False)
    with transaction.atomic(), connection.cursor() as cursor:
        if rows.update(skipped_at=None):
            rollups.bump(cursor)
