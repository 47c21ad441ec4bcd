"""How often we may ask a network, counted in fixed windows shared by all workers.

Around the end of a window up to twice the limit can pass within one window's length, so give
a limit with room below the network's own.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from socialhub.models import RateBudget


def take(key: str, amount: int, limit: int, seconds: float, now: datetime) -> datetime | None:
    """Take `amount` from the window's `limit`. None: granted; else when to try again.

    A window lasts `seconds` from its first use. Raises ValueError for an amount that no
    window could ever grant.
    """
    if not 0 < amount <= limit:
        raise ValueError(f"{amount} does not fit a limit of {limit}")
    length = timedelta(seconds=seconds)
    rows = RateBudget.objects.filter(key=key)
    while True:
        running = rows.filter(window_started_at__gt=now - length)
        if running.filter(used__lte=limit - amount).update(used=F("used") + amount):
            return None
        ended = rows.filter(window_started_at__lte=now - length)
        if ended.update(window_started_at=now, used=amount):
            return None
        row = rows.first()
        if row is None:
            if _opened(key, amount, now):
                return None
        elif row.used > limit - amount and row.window_started_at > now - length:
            return row.window_started_at + length
        # Another worker changed the row in between: look again.


def _opened(key: str, amount: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            RateBudget.objects.create(key=key, window_started_at=now, used=amount)
    except IntegrityError:
        return False
    return True
