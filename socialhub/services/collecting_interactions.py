"""Fetching what others wrote to our accounts: each account every few minutes, one worker each."""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from socialhub.models import Account
from socialhub.platforms.base import InteractionPage, RemoteInteraction
from socialhub.platforms.errors import OverCap, PlatformError, RateLimited
from socialhub.services import interactions, live, spending
from socialhub.services.reading import Reader

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)
# A worker that died leaves the account to the others after this long (task limit: 180 s).
CLAIM = timedelta(minutes=5)
# When a network limits us and does not say for how long.
PAUSE = timedelta(minutes=15)
# A run starts no further account after this long.
RUN_SECONDS = 100


def collect(now: datetime) -> dict[str, Any]:
    """Read every account that is due at `now`. One query when none is.

    Returns {"accounts": read, "new": stored, "errors": {code: accounts}}.
    """
    started = time.monotonic()
    due = Q(next_interactions_at__isnull=True) | Q(next_interactions_at__lte=now)
    read_accounts, stored, errors = 0, 0, Counter[str]()
    rows = Account.objects.usable().filter(due)
    for account in rows.order_by(F("next_interactions_at").asc(nulls_first=True), "pk"):
        if time.monotonic() - started > RUN_SECONDS:
            break
        if not claim(account, now):
            continue
        try:
            stored += _collect_account(account, now)
            read_accounts += 1
        except PlatformError as exc:
            errors[exc.code] += 1
            _again_after(account, now, exc)
    return {"accounts": read_accounts, "new": stored, "errors": dict(errors)}


def claim(account: Account, now: datetime) -> bool:
    """Take the account for this worker; False when another one was first."""
    mine = Account.objects.filter(
        pk=account.pk, next_interactions_at=account.next_interactions_at
    ).update(next_interactions_at=now + CLAIM)
    return mine == 1


def _collect_account(account: Account, now: datetime) -> int:
    """Fetch, store and remember how far we are; how many were new. Raises PlatformError."""
    cursor, reader = account.interactions_cursor, Reader(account)
    page = InteractionPage((), cursor)
    if account.capabilities.interactions:
        _require_money(account, now)
        page = reader.read(lambda to: reader.adapter.interactions(to, cursor))
    following = max(now + _interval(account), reader.slow_until or now)
    with transaction.atomic():
        stored = sum(_store(receiver, items) for receiver, items in _by_account(account, page))
        live.store(account, page.counters, now)
        rows = Account.objects.filter(pk=account.pk)
        rows.update(next_interactions_at=following)
        # A worker whose claim ran out must not move the cursor back.
        rows.filter(interactions_cursor=cursor).update(interactions_cursor=page.cursor or cursor)
    return stored


def _require_money(account: Account, now: datetime) -> None:
    """Raise OverCap where reading is charged and the month's money is used up.

    How much a page will hold is not known before: the last one may go over the cap a little.
    """
    if spending.charges(account) and spending.standing(account, now).left == 0:
        raise spending.refusal(account, now)


def _by_account(
    account: Account, page: InteractionPage
) -> list[tuple[Account, list[RemoteInteraction]]]:
    """Items by the account they are for; a login may hear of several of our accounts."""
    found: dict[str, list[RemoteInteraction]] = {}
    for item in page.items:
        found.setdefault(item.account_id, []).append(item)
    receivers = live.receivers(account, found)
    return [(receivers[key], items) for key, items in found.items() if key in receivers]


def _store(account: Account, items: list[RemoteInteraction]) -> int:
    return interactions.store(account, [item for item in items if not _is_own(account, item)])


def _interval(account: Account) -> timedelta:
    seconds = account.capabilities.collect_every_seconds
    return timedelta(seconds=seconds) if seconds else EVERY


def _is_own(account: Account, item: RemoteInteraction) -> bool:
    """Written by this account itself, here or in the network's own app."""
    author = item.author_handle.removeprefix("@").casefold()
    own = account.handle.removeprefix("@").casefold()
    # A Mastodon server leaves its own name out: "office" is "office@this.server".
    return author in (own, own.partition("@")[0])


def _again_after(account: Account, now: datetime, error: PlatformError) -> None:
    """A limit stops only reading, and only this account; other errors wait for the next turn.

    With the cap used up nothing is read before the next month, or until the cap is raised.
    """
    at = now + _interval(account)
    if isinstance(error, OverCap):
        at = spending.next_month(now)
    if isinstance(error, RateLimited):
        at = max(error.retry_at or now + PAUSE, now + _interval(account))
    Account.objects.filter(pk=account.pk).update(next_interactions_at=at)
    log.warning(
        "interactions of account %s could not be read (%s): %s",
        account.pk,
        error.code,
        error.message,
    )
