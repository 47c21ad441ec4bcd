"""How values look in a report, in the active language: plain text for every format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from socialhub.models import ContentType
from socialhub.platforms.registry import ADAPTERS

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Typed:
    """A value of another kind than the rest of its column."""

    value: Any
    kind: str


def number(value: float | None, decimals: int = 0) -> str:
    """With thousands by language; "–" when it is not reported."""
    if value is None:
        return MISSING
    # Django cuts decimals off.
    return formats.number_format(
        round(value, decimals), decimals, use_l10n=True, force_grouping=True
    )


def rate(value: float | None) -> str:
    return MISSING if value is None else _("%(number)s %%") % {"number": number(value, 2)}


def change(value: float | None) -> str:
    """ "▲ 12 %", or that there is nothing to compare with."""
    if value is None:
        return _("not enough data to compare")
    if abs(value) < 0.5:
        return _("no change")
    sign = "▲" if value > 0 else "▼"
    return _("%(sign)s %(number)s %%") % {"sign": sign, "number": number(abs(value))}


def signed(value: float | None) -> str:
    if value is None:
        return MISSING
    return ("+" if value > 0 else "−" if value < 0 else "±") + number(abs(value))


def day(value: date | str) -> str:
    return formats.date_format(_date(value), "DATE_FORMAT")


def short_day(value: date | str) -> str:
    return formats.date_format(_date(value), "SHORT_DATE_FORMAT")


def day_of_week(value: date | str) -> str:
    """Like "Mon 2"."""
    return formats.date_format(_date(value), "D j")


def moment(value: datetime | str | None, zone: str) -> str:
    """Local date and time of the organisation."""
    if value is None:
        return MISSING
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return formats.date_format(at.astimezone(ZoneInfo(zone)), "DATETIME_FORMAT")


def short_moment(value: datetime | str, zone: str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return formats.date_format(at.astimezone(ZoneInfo(zone)), "SHORT_DATETIME_FORMAT")


def weekday(number_: int) -> str:
    """0 is Monday."""
    return str(WEEKDAYS[number_])


def network(platform: str) -> str:
    adapter = ADAPTERS.get(platform)
    return str(adapter.name) if adapter else platform


def content_type(value: str) -> str:
    return str(ContentType(value).label) if value in ContentType.values else value


def excerpt(text: str, most: int = 90) -> str:
    """One line, cut at a word."""
    line = " ".join(str(text).split())
    if len(line) <= most:
        return line
    cut = line[:most].rsplit(" ", 1)[0]
    return f"{cut.rstrip('.,;:')}…"


def cell(value: Any, kind: str, zone: str = "UTC") -> str:
    """A table's cell: see tables.Column for the kinds."""
    if isinstance(value, Typed):
        return cell(value.value, value.kind, zone)
    if value is None or value == "":
        return MISSING
    if kind == "number":
        return number(float(value))
    if kind == "decimal":
        return number(float(value), 1)
    if kind == "amount":
        return number(float(value), 2)
    if kind == "rate":
        return rate(float(value))
    if kind == "change":
        return change(float(value))
    if kind == "signed":
        return signed(float(value))
    if kind == "day":
        return short_day(value)
    if kind == "moment":
        return short_moment(value, zone)
    return str(value)


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
