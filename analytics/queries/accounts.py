"""Accounts side by side: what each published in a period, and who follows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from analytics.models import CollectionDay
from analytics.queries import audience, dashboard, sources
from analytics.queries.audience import AccountAudience
from analytics.queries.dashboard import State
from analytics.queries.filters import Filters
from analytics.queries.sources import Sums
from socialhub.models import Account, AccountStatus

CONNECTED = (AccountStatus.ACTIVE, AccountStatus.NEEDS_RECONNECT)


@dataclass(frozen=True, slots=True)
class Overview:
    """One account. `measured_at` is when its network last answered about publications."""

    account: Account
    sums: Sums
    audience: AccountAudience | None
    measured_at: datetime | None


def overview(filters: Filters, state: State, user: Any) -> list[Overview]:
    """Connected accounts of the selection and those that published in the period.

    Lifetime sums of what was published then. Five queries, however many accounts.
    """
    sums = dashboard.by_account(filters, state)
    rows = Account.objects.visible_to(user)
    if filters.account is not None:
        rows = rows.filter(pk=filters.account)
    if filters.platform:
        rows = rows.filter(platform=filters.platform)
    found = [row for row in rows if row.status in CONNECTED or row.pk in sums]
    ids = [row.pk for row in found]
    followed = {one.account: one for one in audience.followers(ids, filters.first, filters.last)}
    measured = dict(
        CollectionDay.objects.filter(account__in=ids)
        .values_list("account_id")
        .annotate(Max("measured_at"))
    )
    nothing = sources.total([])
    return [
        Overview(row, sums.get(row.pk, nothing), followed.get(row.pk), measured.get(row.pk))
        for row in found
    ]
