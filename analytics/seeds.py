"""Demo numbers: what the sandbox's audience did in the past weeks, read twice a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from analytics.models import PublicationStats, ReportType
from analytics.services import audience, rebuilding, tracking, writing
from socialhub import http
from socialhub.models import Account, Organisation, Publication, PublicationStatus
from socialhub.platforms.base import Audience, Metrics
from socialhub.seeds import network

JSON = dict[str, Any]

# Local times of the readings; the last one of a day tells its followers too.
TIMES = (time(13), time(23, 30))
# A publication is read at the first of these moments after each of these ages.
AGES = (
    timedelta(hours=1),
    timedelta(hours=6),
    *(timedelta(days=days) for days in (1, 2, 4, 7, 30)),
)
# Moments asked for in one request.
BATCH = 60


@dataclass(slots=True)
class _Row:
    """A demo publication and how many of AGES it had at its last reading."""

    pk: int
    remote_id: str
    published_at: datetime
    read: int = 0

    def is_due(self, at: datetime) -> bool:
        """Has it come of a new age? Then it counts as read."""
        reached = sum(self.published_at + age <= at for age in AGES)
        before, self.read = self.read, max(self.read, reached)
        return reached > before


def seed(users: Mapping[str, User]) -> None:
    """Write the readings of the past weeks, once. Calls the sandbox network."""
    published = Publication.objects.filter(
        account__is_demo=True, account__platform="sandbox", status=PublicationStatus.PUBLISHED
    )
    first = published.order_by("published_at").values_list("published_at", flat=True).first()
    if first is None or published.filter(stats__metrics_at__isnull=False).exists():
        return
    now = timezone.now()
    moments = list(_moments(first, now))
    with network.running() as server:
        told = list(_told(server, moments))
    with transaction.atomic():
        tracking.sweep()
        rebuilding.rebuild(now)
        accounts = list(Account.objects.filter(is_demo=True, platform="sandbox"))
        _write_posts(accounts, moments, told)
        _write_audiences(accounts, moments, told)


def _moments(first: datetime, now: datetime) -> Iterator[datetime]:
    """Twice a day since the first post, and now."""
    zone = Organisation.get().zone
    day, today = first.astimezone(zone).date(), now.astimezone(zone).date()
    while day <= today:
        for at in TIMES:
            moment = datetime.combine(day, at, zone)
            if first < moment < now:
                yield moment
        day += timedelta(days=1)
    yield now


def _told(server: str, moments: Sequence[datetime]) -> Iterator[JSON]:
    """What the network says of each moment: {"posts": {id: counters}, "accounts": {handle: …}}."""
    for start in range(0, len(moments), BATCH):
        asked = ",".join(moment.isoformat() for moment in moments[start : start + BATCH])
        answer = http.request("GET", f"{server}/control/history", params={"at": asked})
        if answer.status != 200:
            raise RuntimeError(f"the sandbox network does not tell its past: {answer.status}")
        yield from answer.json()


def _write_posts(
    accounts: Iterable[Account], moments: Iterable[datetime], told: Iterable[JSON]
) -> None:
    rows: dict[int, list[_Row]] = defaultdict(list)
    columns = ("account_id", "pk", "publication__remote_id", "published_at")
    for account_id, *row in PublicationStats.objects.filter(account__in=accounts).values_list(
        *columns
    ):
        rows[account_id].append(_Row(*row))
    for at, then in zip(moments, told, strict=True):
        for account in accounts:
            readings = {
                row.pk: Metrics(**then["posts"][row.remote_id])
                for row in rows[account.pk]
                if row.remote_id in then["posts"] and row.is_due(at)
            }
            if readings:
                writing.write(account, readings, at)


def _write_audiences(
    accounts: Iterable[Account], moments: Sequence[datetime], told: Sequence[JSON]
) -> None:
    for at, then in zip(moments, told, strict=True):
        if at.timetz().replace(tzinfo=None) != TIMES[-1] and at != moments[-1]:
            continue
        for account in accounts:
            audience.store(account, Audience(**then["accounts"][account.handle]), at)


def finish() -> None:
    """Reports of the last complete week and month, without sending them.

    In this process, which ends soon: the estimator of best times takes a worker 100 MB for good.
    """
    from analytics.services.reports import making, periods

    now, zone = timezone.now(), Organisation.get().zone
    for kind in (ReportType.WEEKLY, ReportType.MONTHLY):
        period = periods.due(kind, now, zone)
        # On a Monday before seven it is the schedule's turn.
        if period is not None:
            making.make(kind, period.first, now=now)
