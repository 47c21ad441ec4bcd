"""Writing down what a call to a network showed besides its answer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from socialhub.models import Account
from socialhub.platforms.base import Connection
from socialhub.services import spending


def keep(account: Account, connection: Connection, *, is_paid: bool = False) -> datetime | None:
    """Keep what was learned and charged; until when reading should pause, None = go on.

    Call it after every call, also one that raised. `is_paid`: what it cost was reserved before
    and is counted already. What was kept is taken out of the findings.
    """
    found = connection.findings
    if found.learned:
        _learn(account, dict(found.learned))
        found.learned.clear()
    if found.charged:
        if not is_paid:
            spending.add(account, dict(found.charged), timezone.now())
        found.charged.clear()
    until, found.slow_until = found.slow_until, None
    return until


def _learn(account: Account, learned: dict[str, object]) -> None:
    """Into the account's options; other workers' findings stay."""
    if _knows(account.options, learned):
        return
    with transaction.atomic():
        row = Account.objects.select_for_update().filter(pk=account.pk).first()
        if row is None:
            return
        if not _knows(row.options, learned):
            row.options = {**row.options, **learned}
            Account.objects.filter(pk=row.pk).update(options=row.options)
        account.options = row.options


def _knows(options: dict[str, object], learned: dict[str, object]) -> bool:
    return all(name in options and options[name] == value for name, value in learned.items())
