"""Reading how many follow each account: a few times a day, the last reading of a day stays.

Several collectors may run at once: a lease per account gives it one reader. Where a network asks
us to wait, the lease is kept until then.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from dataclasses import astuple
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from analytics import sql
from analytics.models import AccountMetrics
from analytics.services import accounting, rollups
from analytics.services.collecting import CLAIM, PAUSE, RUN_SECONDS, Clock
from socialhub.models import Account, Lease
from socialhub.models.accounts import AccountQuerySet
from socialhub.platforms.base import Audience
from socialhub.platforms.errors import PlatformError, RateLimited, Unavailable
from socialhub.platforms.registry import ADAPTERS
from socialhub.services import leases
from socialhub.services.reading import read

log = logging.getLogger(__name__)

# A reading of today is renewed when it is older.
EVERY = timedelta(hours=6)
# What the columns hold.
MOST = 2**63 - 1


def collect(now: datetime) -> dict[str, Any]:
    """Read every active account without a recent number for today. Two queries when none is due.

    Returns counts of accounts: "due" (taken by this run), "read", and "errors" by code.
    """
    clock, due, done, errors = Clock(now), 0, 0, Counter[str]()
    # In any order: the same dead networks must not use up the time of every run.
    for account in due_accounts(now).order_by("?"):
        if clock.elapsed > timedelta(seconds=RUN_SECONDS):
            break
        owner = _claim(account, now)
        if owner is None:
            continue
        due += 1
        try:
            audience = _ask(account)
            # The counters of posts are not measured with it.
            accounting.note(account.pk, clock(), answered=False, calls=1)
            store(account, audience, clock())
            done += 1
        except PlatformError as exc:
            errors[exc.code] += 1
            _failed(account, exc, owner)
        except Exception:  # such as secrets nobody can decrypt: the others still have a turn
            errors["internal"] += 1
            log.exception("audience of account %s could not be read", account.pk)
        finally:
            leases.release(_key(account), owner)
    return {"due": due, "read": done, "errors": dict(errors)}


def due_accounts(now: datetime) -> AccountQuerySet:
    """Active accounts of networks that report an audience, not read for EVERY or not today."""
    today = now.astimezone(rollups.built_zone()).date()
    known = AccountMetrics.objects.filter(
        account=OuterRef("pk"), local_day=today, collected_at__gt=now - EVERY
    )
    reporting = [a.slug for a in ADAPTERS.values() if a.capabilities.reports_audience]
    return Account.objects.usable().filter(~Exists(known), platform__in=reporting)


def _key(account: Account) -> str:
    return f"audience:{account.pk}"


def _claim(account: Account, now: datetime) -> uuid.UUID | None:
    """Take the account for this collector; None when another one has it or has just read it."""
    owner = leases.take(_key(account), CLAIM.total_seconds())
    if owner is not None and not due_accounts(now).filter(pk=account.pk).exists():
        leases.release(_key(account), owner)
        return None
    return owner


def _ask(account: Account) -> Audience:
    """What the network says. Raises PlatformError, Unavailable for what cannot be a number."""
    audience = read(account, account.adapter.audience)
    if any(number is not None and not 0 <= number <= MOST for number in astuple(audience)):
        raise Unavailable(f"the network reports {audience}")
    return audience


@transaction.atomic
def store(account: Account, audience: Audience, at: datetime) -> None:
    """Keep a reading made at `at` for its local day, unless a newer one of that day is known."""
    names = ("followers", "following", "posts", "collected_at")
    sets = ", ".join(f"{name} = excluded.{name}" for name in names)
    day = at.astimezone(rollups.built_zone()).date()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO analytics_accountmetrics (account_id, local_day, {', '.join(names)})"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (account_id, local_day) DO UPDATE"
            f" SET {sets} WHERE excluded.collected_at > analytics_accountmetrics.collected_at",
            [account.pk, day.isoformat(), *astuple(audience), sql.stored(at)],
        )
        if cursor.rowcount:
            rollups.bump(cursor)


def _failed(account: Account, error: PlatformError, owner: uuid.UUID) -> None:
    """What is known stays; the next run tries again."""
    now = timezone.now()
    accounting.note(account.pk, now, answered=False, calls=1, failed_calls=1)
    log.warning(
        "audience of account %s could not be read (%s): %s", account.pk, error.code, error.message
    )
    if isinstance(error, RateLimited):
        # Under another owner, so that the release after us does not end it.
        until = error.retry_at or now + PAUSE
        mine = Lease.objects.filter(key=_key(account), owner=owner)
        mine.update(owner=uuid.uuid4(), expires_at=until)
