"""The weekly and the monthly report, made and sent without anybody asking.

Run every quarter of an hour; the local clock decides. Only the latest period that is over is
made, so a machine that slept for a month sends one report, not four.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from analytics.models import AnalyticsReport, ReportType
from analytics.services.reports import delivering, making, periods, recipients
from socialhub.models import Organisation
from socialhub.services.errors import Conflict


def run_weekly(now: datetime) -> dict[str, Any]:
    """Make last week's report from Monday 07:00 on, and queue it for its subscribers."""
    return _run(ReportType.WEEKLY, now)


def run_monthly(now: datetime) -> dict[str, Any]:
    """Make last month's report from the 1st 07:00 on, and queue it for its subscribers."""
    return _run(ReportType.MONTHLY, now)


def _run(report_type: str, now: datetime) -> dict[str, Any]:
    """Returns {"report": id or None, "created": bool, "queued": n}, and "waiting" with a reason."""
    nothing = {"report": None, "created": False, "queued": 0}
    period = periods.due(report_type, now, Organisation.get().zone)
    if period is None:
        return {**nothing, "waiting": "not_yet"}
    done = making.rows_of(period).filter(distributed_at__isnull=False).first()
    if done is not None:
        return {**nothing, "report": done.pk}
    try:
        report, created = making.make(report_type, period.first, now=now)
    except Conflict as exc:
        # The next tick will do.
        return {**nothing, "waiting": exc.code}
    return {"report": report.pk, "created": created, "queued": distribute(report, now)}


def distribute(report: AnalyticsReport, now: datetime) -> int:
    """Queue a report for its subscribers, once however many run this; how many got a row."""
    with transaction.atomic():
        rows = AnalyticsReport.objects.filter(pk=report.pk, distributed_at__isnull=True)
        if not rows.update(distributed_at=now):
            return 0
        return delivering.queue(report, recipients.subscribed(report.report_type), now)
