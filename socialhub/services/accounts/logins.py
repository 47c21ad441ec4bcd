"""Logins that end: renewed in time, announced a week before, and closed when they are over."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub.models import Account, AccountStatus, Credential, Notice, NoticeKind
from socialhub.platforms.errors import AuthRevoked, PlatformError
from socialhub.platforms.registry import ADAPTERS
from socialhub.services.accounts.credentials import needs_reconnect, refresh

log = logging.getLogger(__name__)

WARN_BEFORE = timedelta(days=7)
# A run starts no further renewal after this long; the next run goes on.
RUN_SECONDS = 100
# Renewals are spread over the last part of the time before an end, so that accounts connected
# on one day are not renewed in one minute.
SPREAD, STEPS = 0.25, 16


def renew_due(now: datetime) -> dict[str, Any]:
    """Renew logins that end soon, announce those only a person can renew, close those that ended.

    Returns {"renewed": n, "kept": n, "ended": n, "warned": n, "errors": {code: n}}. Two queries
    when there is nothing to do.
    """
    report: dict[str, Any] = {"renewed": 0, "kept": 0, "ended": 0, "warned": 0}
    errors: Counter[str] = Counter()
    started = time.monotonic()
    for credential in _due(now):
        if time.monotonic() - started > RUN_SECONDS:
            break
        outcome = _renew(credential.account)
        if outcome in report:
            report[outcome] += 1
        else:
            errors[outcome] += 1
    closed, warned = _ending(now)
    report["ended"] += closed
    report["warned"] += warned
    return {**report, "errors": dict(errors)}


def _active() -> QuerySet[Credential]:
    rows = Credential.objects.filter(account__status=AccountStatus.ACTIVE)
    # The version goes along, so that what another worker renewed meanwhile is left alone.
    return rows.select_related("account")


def _due(now: datetime) -> list[Credential]:
    wanted = Q(pk__in=[])
    for adapter in ADAPTERS.values():
        if adapter.refresh_before is not None:
            until = now + adapter.refresh_before
            wanted |= Q(account__platform=adapter.slug, expires_at__lte=until)
    rows = _active().filter(wanted).order_by("expires_at", "pk")
    return [row for row in rows if _has_its_turn(row, now)]


def _has_its_turn(credential: Credential, now: datetime) -> bool:
    before = credential.account.adapter.refresh_before or timedelta(0)
    share = 1 - SPREAD * (credential.account_id % STEPS) / STEPS
    return credential.expires_at is not None and credential.expires_at <= now + before * share


def _renew(account: Account) -> str:
    """ "renewed", "kept" (this login cannot be renewed), "ended", or the code of an error.

    Only a refusal disconnects; anything else is tried again by the next run.
    """
    try:
        return "renewed" if refresh(account) else "kept"
    except AuthRevoked as exc:
        needs_reconnect(account, exc.message)
        return "ended"
    except PlatformError as exc:
        log.warning("login of account %s could not be renewed (%s)", account.pk, exc.code)
        return exc.code
    except Exception:
        # One account that breaks must not keep the others from being renewed.
        log.exception("renewing the login of account %s broke", account.pk)
        return "internal"


def _ending(now: datetime) -> tuple[int, int]:
    """How many logins were closed, and how many ends announced for the first time."""
    rows = list(_active().filter(ends_at__lte=now + WARN_BEFORE).order_by("ends_at", "pk"))
    over = [row for row in rows if row.ends_at is not None and row.ends_at <= now]
    closed = sum(needs_reconnect(row.account, _("The login has come to its end.")) for row in over)
    soon = {incident(row): row.account for row in rows if row not in over}
    if not soon:
        return closed, 0
    known = Notice.objects.filter(incident__in=soon).values_list("incident", flat=True)
    return closed, _announce({key: soon[key] for key in soon.keys() - set(known)})


def _announce(ending: Mapping[str, Account]) -> int:
    from socialhub.services import notices

    for key, account in ending.items():
        notices.open_notice(NoticeKind.LOGIN_ENDING, key, account=account)
    return len(ending)


def incident(credential: Credential) -> str:
    """One notice per end: the key holds its day."""
    end = credential.ends_at
    day = end.astimezone(UTC).date().isoformat() if end else ""
    return f"account:{credential.account_id}:ending:{day}"


def end_of(account: Account) -> datetime | None:
    """When only a person can renew the login; None = not known, or never."""
    rows = Credential.objects.filter(account_id=account.pk)
    return rows.values_list("ends_at", flat=True).first()


def days_left(end: datetime) -> int:
    """Whole days from now until `end`, 0 once it is over."""
    return max(0, (end - timezone.now()).days)
