"""How many follow each account, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from analytics import sql
from socialhub import prepared
from socialhub.models import AccountStatus

DAY = timedelta(days=1)
# Id, handle, network, last known number before the period and its day.
Account = tuple[Any, ...]
# Number and when it was measured.
Reading = tuple[int | None, datetime | None]


@dataclass(frozen=True, slots=True)
class AccountAudience:
    """Followers of one account in a period; None = not reported, or not read that day."""

    account: int
    handle: str
    platform: str
    # One entry per local day of the period.
    series: list[tuple[date, int | None]]
    # The last known number of the period, and when it was measured.
    latest: int | None
    measured_at: datetime | None
    # The last known number before the period, and its day.
    before: int | None
    before_day: date | None

    @property
    def change(self) -> int | None:
        """How much `latest` differs from `before`; None when either is unknown."""
        if self.latest is None or self.before is None:
            return None
        return self.latest - self.before


def followers(
    account_ids: Iterable[int] | None, first: date, last: date, *, every: bool = False
) -> list[AccountAudience]:
    """Followers of these accounts on the local days `first` to `last`, both included.

    None means those that are connected or have a number in the period, `every` all there are.
    Accounts are in their usual order. One query, however many.
    """
    own = "m.account_id = a.id AND m.followers IS NOT NULL"
    read = f"FROM analytics_accountmetrics m WHERE {own}"
    earlier = f"{read} AND m.local_day < %s ORDER BY m.local_day DESC LIMIT 1"
    start, end = sql.stored_day(first), sql.stored_day(last)
    params: list[Any] = [start, start, start, end]
    if every:
        chosen = "1 = 1"
    elif account_ids is not None:
        # No account has the id 0.
        wanted = list(account_ids) or [0]
        chosen = f"a.id IN ({', '.join(['%s'] * len(wanted))})"
        params += wanted
    else:
        chosen = (
            f"a.status IN (%s, %s) OR EXISTS (SELECT 1 {read} AND m.local_day BETWEEN %s AND %s)"
        )
        connected = (AccountStatus.ACTIVE.value, AccountStatus.NEEDS_RECONNECT.value)
        params += [*connected, start, end]
    rows = prepared.fetch(
        "SELECT a.id, a.handle, a.platform,"
        f" (SELECT m.followers {earlier}), (SELECT m.local_day {earlier}),"
        " m.local_day, m.followers, m.collected_at FROM socialhub_account a"
        f" LEFT JOIN analytics_accountmetrics m ON {own} AND m.local_day BETWEEN %s AND %s"
        f" WHERE {chosen} ORDER BY a.platform, a.handle, a.id, m.local_day",
        params,
    )
    readings: dict[Account, dict[date, Reading]] = defaultdict(dict)
    for *account, day, count, at in rows:
        days = readings[tuple(account)]
        if day is not None:
            days[sql.loaded_day(day)] = (count, sql.loaded(at))
    return [_audience(account, days, first, last) for account, days in readings.items()]


def _audience(
    account: Account, readings: dict[date, Reading], first: date, last: date
) -> AccountAudience:
    pk, handle, platform, before, before_day = account
    unknown: Reading = (None, None)
    days = [first + n * DAY for n in range((last - first).days + 1)]
    latest, measured_at = readings[max(readings)] if readings else unknown
    return AccountAudience(
        account=pk,
        handle=handle,
        platform=platform,
        series=[(day, readings.get(day, unknown)[0]) for day in days],
        latest=latest,
        measured_at=measured_at,
        before=before,
        before_day=sql.loaded_day(before_day) if before_day else None,
    )
