"""Making a report, once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from analytics.models import AnalyticsReport, ReportType
from analytics.queries import dashboard
from analytics.services.reports import document, periods, scopes, shown, summary, texts
from analytics.services.reports.figures import figures
from analytics.services.reports.periods import Period
from socialhub import policies
from socialhub.models import Organisation
from socialhub.services import events, webhooks
from socialhub.services.errors import Conflict

JSON = dict[str, Any]
TOTALS = (
    "total_posts",
    "total_publications",
    "total_impressions",
    "total_engagements",
    "total_likes",
    "total_comments",
    "total_shares",
)
AVERAGES = ("avg_engagement_rate", "avg_impressions_per_post", "avg_engagements_per_post")
# How often another revision may be first.
RACES = 20


def make(
    report_type: str,
    period_start: date,
    period_end: date | None = None,
    *,
    scope: str = "",
    force: bool = False,
    user: Any = None,
    now: datetime | None = None,
) -> tuple[AnalyticsReport, bool]:
    """(report, is it new?). The same type, period and scope give the same row, untouched.

    `force` makes another revision. `user` None is the machine. Raises Forbidden, Invalid, or
    Conflict while the numbers are being rebuilt after a change of the zone.
    """
    policies.require(user, "generate_report")
    now = now or timezone.now()
    zone = Organisation.get().zone
    period = periods.checked(report_type, period_start, period_end, now, zone)
    scopes.check(scope, user)
    known = latest(period, scope)
    if known is not None and not force:
        return known, False
    if dashboard.current_state().is_rebuilding:
        raise Conflict(
            "rebuilding",
            _("The numbers are being sorted into the days of the new time zone. Try again later."),
        )
    found = figures(scopes.filters(scope, period.first, period.last), now)
    return _store(period, scope, found, force=force, user=user, now=now)


def again(report: AnalyticsReport, user: Any, now: datetime | None = None) -> AnalyticsReport:
    """Another revision of a report, with the numbers known now. Raises what `make` raises."""
    custom = report.report_type == ReportType.CUSTOM
    made, _created = make(
        report.report_type,
        report.period_start,
        report.period_end if custom else None,
        scope=report.scope_key,
        force=True,
        user=user,
        now=now,
    )
    return made


def siblings(report: AnalyticsReport) -> Any:
    """Every revision of the same report."""
    period = Period(report.report_type, report.period_start, report.period_end)
    return rows_of(period, report.scope_key)


def latest(period: Period, scope: str = "") -> AnalyticsReport | None:
    """The newest revision of a period's report."""
    return rows_of(period, scope).order_by("-revision").first()


def rows_of(period: Period, scope: str = "") -> Any:
    return AnalyticsReport.objects.filter(
        report_type=period.report_type,
        period_start=period.first,
        period_end=period.last,
        scope_key=scope,
    )


def _store(
    period: Period, scope: str, found: JSON, *, force: bool, user: Any, now: datetime
) -> tuple[AnalyticsReport, bool]:
    """The unique constraint decides who was first."""
    for _race in range(RACES):
        known = latest(period, scope)
        if known is not None and not force:
            return known, False
        row = _row(period, scope, found, known.revision + 1 if known else 1)
        row.made_at, row.made_by = now, user
        _write_texts(row)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
                webhooks.emit(events.REPORT_READY, lambda made=row: _event(made))
        except IntegrityError:
            continue
        return row, True
    raise Conflict("busy", _("This report is being made by others too. Try again."))


def _event(row: AnalyticsReport) -> JSON:
    """What other programs are told of a report."""
    return {
        "report": row.pk,
        "report_type": row.report_type,
        "period_start": row.period_start.isoformat(),
        "period_end": row.period_end.isoformat(),
        "revision": row.revision,
        "scope": row.scope_key,
        "url": events.address("admin:analytics_analyticsreport_change", row.pk),
    }


def _row(period: Period, scope: str, found: JSON, revision: int) -> AnalyticsReport:
    organisation = Organisation.get()
    totals, changes = found["totals"], found["changes"]
    measured_at = found["measured_at"]
    return AnalyticsReport(
        report_type=period.report_type,
        period_start=period.first,
        period_end=period.last,
        revision=revision,
        scope_key=scope,
        scope_account_id=scopes.account(scope),
        language=organisation.language,
        timezone=found["period"]["timezone"],
        data_version=found["data_version"],
        measured_at=parse_datetime(measured_at) if measured_at else None,
        **{name: totals[name.removeprefix("total_")] for name in TOTALS},
        **{name: totals[name] for name in AVERAGES},
        posts_change_pct=changes["posts"],
        engagement_change_pct=changes["engagements"],
        top_posts=found["top"],
        best_times=_named(found["best_times"]["slots"], organisation.language),
        content_performance=found["content_types"],
        platform_breakdown=found["platforms"],
        sections=found["sections"].get(organisation.language, []),
        details=found,
    )


def _named(slots: list[JSON], language: str) -> list[JSON]:
    with translation.override(language):
        return [
            {"day": slot["day"], "day_name": shown.weekday(slot["day"]), **slot} for slot in slots
        ]


def _write_texts(row: AnalyticsReport) -> None:
    with translation.override(row.language):
        row.summary = summary.paragraph(row.details, row.revision)
    row.telegram_summary = "\n".join(texts.telegram_lines(document.build(row)))
