"""Dates and times as people and spreadsheets write them. What can be read in two ways is said so.

A date like 03/12/2026 has no meaning of its own: its order is decided for the whole file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from socialhub.services.imports.columns import folded

Order = Literal["day", "month"]

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene",
            "february feb febrero",
            "march mar marzo",
            "april apr abril abr",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago",
            "september sep sept septiembre setiembre set",
            "october oct octubre",
            "november nov noviembre",
            "december dec diciembre dic",
        ),
        1,
    )
    for name in names.split()
}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_DAY_WORD = re.compile(
    r"(\d{1,2})\.?(?:st|nd|rd|th)?[ -]+(?:de +)?([a-z]+)\.?,?[ -]+(?:del? +)?(\d{4})"
)
_WORD_DAY = re.compile(r"([a-z]+)\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2}")
_TIME = re.compile(
    r"(\d{1,2})(?:[:.h](\d{2}))?(?::(\d{2})(?:\.\d+)?)? ?(?:h|hs|hrs)?\.? ?([ap])?\.? ?(m)?\.?"
)
# A date and a time in one cell.
_BOTH = re.compile(
    r"(.+?)(?:T|, *| +)(\d{1,2}(?:[:h.]\d{2}(?::\d{2}(?:\.\d+)?)?|h)? *(?:[ap]\.? ?m\.?)?)", re.I
)
# Days since the end of 1899, as spreadsheets count; from 1982 to 2119.
_EPOCH = date(1899, 12, 30)
_SERIALS = range(30_000, 80_001)


class Unreadable(Exception):
    """`code` is a code of `sentences`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or two days of which the file's order picks one."""

    # By order; both the same when there is only one way to read it.
    day: date | None
    month: date | None

    @property
    def is_open(self) -> bool:
        """May be read in two ways, and they differ."""
        return self.day is not None and self.month is not None and self.day != self.month

    @property
    def shows(self) -> Order | None:
        """The order this date proves, when one number is above 12."""
        if self.day is None:
            return "month"
        return "day" if self.month is None else None

    def read(self, order: Order | None) -> date:
        """The day meant. Raises Unreadable while the order is open."""
        if self.is_open and order is None:
            raise Unreadable("date_order_open")
        found = self.month if order == "month" else self.day
        chosen = found or self.day or self.month
        assert chosen is not None
        return chosen


def _only(found: date) -> Day:
    return Day(found, found)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def day_of(cell: Any) -> Day:
    """The day a cell names. Raises Unreadable."""
    if isinstance(cell, datetime):
        return _only(cell.date())
    if isinstance(cell, date):
        return _only(cell)
    if isinstance(cell, int | float):
        return _only(_of_serial(cell))
    text = folded(str(cell)).removesuffix(".")
    if re.fullmatch(r"\d{5}(?:[.,]0+)?", text):
        return _only(_of_serial(float(text.replace(",", "."))))
    if found := _ISO.fullmatch(text):
        return _only(_existing(_valid(*map(int, found.groups()))))
    if found := _NUMBERS.fullmatch(text):
        first, second, year = map(int, found.groups())
        both = Day(_valid(year, second, first), _valid(year, first, second))
        if both.day is None and both.month is None:
            raise Unreadable("no_such_day")
        return both
    if _SHORT_YEAR.fullmatch(text):
        raise Unreadable("short_year")
    return _only(_of_words(text))


def _of_words(text: str) -> date:
    # A weekday in front says nothing new; a month in front does.
    start = re.match(r"([a-z]+),? +(?=\d)", text)
    if start and start[1] not in MONTHS:
        text = text[start.end() :]
    if found := _DAY_WORD.fullmatch(text):
        day, word, year = found.groups()
    elif found := _WORD_DAY.fullmatch(text):
        word, day, year = found.groups()
    else:
        raise Unreadable("date_unreadable")
    if word not in MONTHS:
        raise Unreadable("date_unreadable")
    return _existing(_valid(int(year), MONTHS[word], int(day)))


def _existing(found: date | None) -> date:
    if found is None:
        raise Unreadable("no_such_day")
    return found


def _of_serial(number: float) -> date:
    if int(number) not in _SERIALS:
        raise Unreadable("date_unreadable")
    return _EPOCH + timedelta(days=int(number))


def time_of(cell: Any) -> time:
    """The time of day a cell names. Raises Unreadable."""
    if isinstance(cell, datetime):
        return cell.time().replace(second=0, microsecond=0)
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, float) and 0 <= cell < 1:
        return _of_fraction(cell)
    text = folded(str(cell))
    found = _TIME.fullmatch(text)
    # "9" alone may be anything; "9h" and "9 pm" are hours.
    if found is None or text.isdigit() or bool(found[4]) != bool(found[5]):
        raise Unreadable("time_unreadable")
    hour, minute, half = int(found[1]), int(found[2] or 0), found[4]
    if half:
        if not 1 <= hour <= 12:
            raise Unreadable("time_unreadable")
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        raise Unreadable("time_unreadable")
    return time(hour, minute)


def _of_fraction(part: float) -> time:
    minutes = round(part * 24 * 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)


def both_of(cell: Any) -> tuple[Day, time] | datetime:
    """Day and time of one cell, or an instant when it has an offset. Raises Unreadable."""
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else (_only(cell.date()), time_of(cell))
    if isinstance(cell, date):
        raise Unreadable("time_missing")
    if isinstance(cell, float) and not cell.is_integer():
        return _only(_of_serial(cell)), _of_fraction(cell % 1)
    text = str(cell).strip()
    instant = _instant(text)
    if instant is not None:
        return instant
    found = _BOTH.fullmatch(text)
    if found is None:
        day_of(cell)
        raise Unreadable("time_missing")
    return day_of(found[1].strip().rstrip(",")), time_of(found[2])


def _instant(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]", text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def instant(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, bool]:
    """(The moment this wall clock shows, does it show it twice?); of two the first.

    Raises Unreadable for an hour that is skipped when the clocks change.
    """
    try:
        first = datetime.combine(day, at, zone)
        back = first.astimezone(UTC).astimezone(zone)
    except (OverflowError, ValueError):
        raise Unreadable("due_too_far") from None
    if back.replace(tzinfo=None, fold=0) != first.replace(tzinfo=None, fold=0):
        raise Unreadable("hour_skipped")
    twice = first.utcoffset() != first.replace(fold=1).utcoffset()
    return first.astimezone(UTC), twice
