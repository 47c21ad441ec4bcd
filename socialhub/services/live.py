"""Counters that a network sends by itself and cannot be asked for (Telegram's reactions)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from socialhub.models import Account, LiveReading
from socialhub.platforms.base import COUNTERS, Metrics


def receivers(account: Account, remote_ids: Iterable[str]) -> dict[str, Account]:
    """Our accounts by remote id, where one login hears of several; "" is the account asked."""
    named = set(remote_ids)
    others = named - {"", account.remote_id}
    rows = Account.objects.filter(platform=account.platform, remote_id__in=others)
    found = {one.remote_id: one for one in rows} if others else {}
    return {**found, "": account, account.remote_id: account}


def store(account: Account, counters: Mapping[str, Mapping[str, Metrics]], at: datetime) -> None:
    """Keep the latest counters (remote id of the account → of the post); what is not reported
    stays what it was."""
    to = receivers(account, counters)
    for remote_id, posts in counters.items():
        if remote_id in to and posts:
            _store(to[remote_id], posts, at)


def _store(account: Account, counters: Mapping[str, Metrics], at: datetime) -> None:
    rows = account.live_readings.filter(remote_id__in=list(counters))
    known = {row.remote_id: row.counters for row in rows}
    LiveReading.objects.bulk_create(
        [
            LiveReading(
                account=account,
                remote_id=remote_id,
                counters={**known.get(remote_id, {}), **_reported(metrics)},
                at=at,
            )
            for remote_id, metrics in counters.items()
        ],
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["counters", "at"],
    )


def _reported(metrics: Metrics) -> dict[str, int]:
    return {name: value for name, value in asdict(metrics).items() if value is not None}


def readings(account: Account, remote_ids: Sequence[str]) -> dict[str, Metrics]:
    """What is known of these posts; all None for one nothing was sent about."""
    found = {
        row.remote_id: Metrics(**{n: v for n, v in row.counters.items() if n in COUNTERS})
        for row in account.live_readings.filter(remote_id__in=list(remote_ids))
    }
    return {remote_id: found.get(remote_id, Metrics()) for remote_id in remote_ids}
