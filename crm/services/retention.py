"""What comes round every few minutes: words nobody told us of, data past its time, ending keys."""

from __future__ import annotations

import calendar
import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.db.models.functions import Coalesce

from crm.models import CrmSettings, Lead, OdooConnection, OdooSyncLog, OdooSyncRun
from crm.services import conversions, erasing, following, forms, notices
from crm.services.checklist import WARN_BEFORE
from socialhub.services.errors import Conflict

log = logging.getLogger(__name__)

# In one go; the next one comes in five minutes.
MOST = 200
MOST_ROWS = 5_000
# Of the exchange with Odoo.
KEEP_LINES, KEEP_RUNS = timedelta(days=90), timedelta(days=365)


def tend(now: datetime) -> dict[str, Any]:
    """{"followed", "erased", "keys", "rebooked", "pruned"}: how many of each."""
    forms.forget_budgets(now)
    return {
        "followed": following.follow_unseen(now),
        "erased": erase_old(now),
        "keys": warn_of_keys(now),
        "rebooked": rebook(),
        "pruned": prune(now),
    }


def rebook() -> int:
    """Give revenue to the touch that the settings name, after another was chosen.

    Returns how many leads were gone through; an interrupted one begins anew.
    """
    settings = CrmSettings.get()
    if settings.booked_as == settings.attribution:
        return 0
    count = 0
    for lead in Lead.objects.iterator(chunk_size=500):
        conversions.book(lead)
        count += 1
    # Somebody may have changed their mind meanwhile: then the next round books again.
    CrmSettings.objects.filter(pk=settings.pk).update(booked_as=settings.attribution)
    return count


def prune(now: datetime) -> int:
    """Delete log lines of 90 days and runs of a year ago; returns how many rows."""
    lines = OdooSyncLog.objects.filter(at__lt=now - KEEP_LINES).order_by("pk")
    ids = list(lines.values_list("pk", flat=True)[:MOST_ROWS])
    runs = OdooSyncRun.objects.filter(asked_at__lt=now - KEEP_RUNS, finished_at__isnull=False)
    run_ids = list(runs.order_by("pk").values_list("pk", flat=True)[:MOST_ROWS])
    OdooSyncLog.objects.filter(pk__in=ids).delete()
    OdooSyncRun.objects.filter(pk__in=run_ids).delete()
    return len(ids) + len(run_ids)


def erase_old(now: datetime) -> int:
    """Erase leads past the time of the settings; returns how many. Nothing without a setting."""
    months = CrmSettings.get().retention_months
    if not months:
        return 0
    erased = 0
    for lead in past(months_before(now, months))[:MOST]:
        try:
            erasing.erase_lead(lead)
        except Conflict as exc:
            log.info("lead %s is not erased yet: %s", lead.pk, exc.code)
        else:
            erased += 1
    return erased


def past(limit: datetime) -> QuerySet[Lead]:
    """Leads that ended before `limit`; of open ones the last touch counts."""
    ended = Coalesce(
        F("closed_at"), F("last_touch__at"), F("created_at"), output_field=DateTimeField()
    )
    rows = Lead.objects.filter(erased_at__isnull=True).annotate(ended=ended)
    return rows.filter(ended__lt=limit).order_by("ended", "pk")


def months_before(now: datetime, months: int) -> datetime:
    """The same day so many months ago; the last of that month when it has no such day."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)


def warn_of_keys(now: datetime) -> int:
    """Tell of keys that end within two weeks, once each; returns how many there are."""
    ending = OdooConnection.objects.filter(
        is_active=True, key_expires_at__gt=now, key_expires_at__lte=now + WARN_BEFORE
    )
    for connection in ending:
        notices.key_ends(connection)
    return ending.count()
