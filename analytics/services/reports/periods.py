"""Which days a report is about. Days are those of the organisation's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.models import ReportType
from socialhub.services.errors import Invalid

DAY = timedelta(days=1)
MOST_DAYS = 366
# The periodic reports are made at this local time.
HOUR = time(7)


@dataclass(frozen=True, slots=True)
class Period:
    """Local days `first` to `last`, both included."""

    report_type: str
    first: date
    last: date


def local(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone)


def last_week(today: date) -> Period:
    """The last complete week, Monday to Sunday."""
    monday = today - DAY * (today.weekday() + 7)
    return Period(ReportType.WEEKLY, monday, monday + 6 * DAY)


def last_month(today: date) -> Period:
    """The last complete calendar month."""
    last = today.replace(day=1) - DAY
    return Period(ReportType.MONTHLY, last.replace(day=1), last)


def due(report_type: str, now: datetime, zone: ZoneInfo) -> Period | None:
    """The period whose report should exist by now; None until 07:00 of the day after its end."""
    here = local(now, zone)
    find = last_week if report_type == ReportType.WEEKLY else last_month
    found = find(here.date())
    if here.date() == found.last + DAY and here.time() < HOUR:
        return None
    return found


def checked(
    report_type: str, start: date, end: date | None, now: datetime, zone: ZoneInfo
) -> Period:
    """The period asked for. Raises Invalid naming the wrong input.

    A week starts on a Monday and a month on its 1st, any other period has both ends and at most
    366 days; each must be over.
    """
    if report_type not in ReportType.values:
        raise _wrong(
            "report_type",
            _("Choose one of: %(known)s.") % {"known": ", ".join(ReportType.values)},
        )
    for name, day in (("period_start", start), ("period_end", end)):
        if day is not None and not 2000 <= day.year <= 2100:
            raise _wrong(name, _("Enter a day like 2026-11-30."))
    period = Period(report_type, start, _end(report_type, start, end))
    if end is not None and end != period.last:
        raise _wrong(
            "period_end",
            _("This period ends on %(day)s. Leave the end out, or choose any period.")
            % {"day": date_format(period.last)},
        )
    if local(now, zone).date() <= period.last:
        raise _wrong(
            "period_start" if report_type != ReportType.CUSTOM else "period_end",
            _("This period is not over. Its report can be made from %(day)s on.")
            % {"day": date_format(period.last + DAY)},
            "period_not_over",
        )
    return period


def _end(report_type: str, start: date, end: date | None) -> date:
    if report_type == ReportType.WEEKLY:
        if start.weekday():
            before = start - DAY * start.weekday()
            message = _("A week starts on a Monday, for instance %(day)s.")
            raise _wrong("period_start", message % {"day": before.isoformat()})
        return start + 6 * DAY
    if report_type == ReportType.MONTHLY:
        if start.day != 1:
            message = _("A month starts on its 1st, for instance %(day)s.")
            raise _wrong("period_start", message % {"day": start.replace(day=1).isoformat()})
        return (start + 31 * DAY).replace(day=1) - DAY
    if end is None:
        raise _wrong("period_end", _("Say on which day the period ends."))
    if end < start:
        raise _wrong("period_end", _("The last day must not be before the first day."))
    if (end - start).days >= MOST_DAYS:
        message = _("Choose a period of at most %(most)s days.") % {"most": MOST_DAYS}
        raise _wrong("period_start", message)
    return end


def _wrong(name: str, message: str, code: str = "invalid") -> Invalid:
    return Invalid(code, message, {name: [message]})
