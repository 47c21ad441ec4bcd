"""What the charts draw: days of the series and hours of the heatmap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import dates, formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.definitions import LABELS
from analytics.queries.dashboard import SERIES, Cell
from analytics.views.figures import number

# The two kinds must not be taken for each other.
KINDS = {
    "published": gettext_lazy("Lifetime numbers of posts published that day"),
    "happened": gettext_lazy("Engagement that happened that day"),
}
LEVELS = 5
# Fewer publications than this say little about an hour.
FEW = 3


def series(board: Any) -> dict[str, Any]:
    """For the script: the days, and per kind and counter one value a day, null = not known."""
    happened = dict(board.happened.days)
    days = [day for day, _sums in board.published]
    return {
        "days": [day.isoformat() for day in days],
        "labels": [formats.date_format(day, "D j M Y") for day in days],
        "short": [formats.date_format(day, "j M") for day in days],
        # Browsers group digits in other ways than the rest of the page.
        "thousands": formats.get_format("THOUSAND_SEPARATOR"),
        "metrics": {name: str(LABELS[name]) for name in SERIES},
        "kinds": {name: str(title) for name, title in KINDS.items()},
        "publications": [sums.publications for _day, sums in board.published],
        "published": {
            name: [sums.metrics[name] for _day, sums in board.published] for name in SERIES
        },
        "happened": {name: [happened.get(day, {}).get(name) for day in days] for name in SERIES},
    }


@dataclass(frozen=True, slots=True)
class Hour:
    """A place of the heatmap. `level` 0 = nothing was published, 1 to 5 = low to high."""

    weekday: int
    hour: int
    level: int = 0
    is_faint: bool = False
    text: str = ""
    cell: Cell | None = None

    @property
    def number(self) -> int:
        return self.weekday * 24 + self.hour


@dataclass(frozen=True, slots=True)
class Heatmap:
    """`measure` is "rate", or "engagements" per publication where nobody reports impressions."""

    # (name of the day, short name, its hours)
    rows: list[tuple[str, str, list[Hour]]]
    cells: list[tuple[str, Cell]]
    measure: str
    lowest: float | None
    highest: float | None
    publications: int
    first: int


def heatmap(cells: Sequence[Cell]) -> Heatmap:
    """Seven rows of 24 hours, Monday first; levels are fifths of the hours that have a value."""
    measure = "rate" if any(cell.rate is not None for cell in cells) else "engagements"
    values = sorted(value for cell in cells if (value := _value(cell, measure)) is not None)
    known = {(cell.weekday, cell.hour): cell for cell in cells}
    rows = [
        (
            str(dates.WEEKDAYS[day]),
            str(dates.WEEKDAYS_ABBR[day]),
            [_hour(known.get((day, hour)), day, hour, measure, values) for hour in range(24)],
        )
        for day in range(7)
    ]
    return Heatmap(
        rows=rows,
        cells=[(hour_name(cell.weekday, cell.hour), cell) for cell in cells],
        measure=measure,
        lowest=values[0] if values else None,
        highest=values[-1] if values else None,
        publications=sum(cell.publications for cell in cells),
        first=min((cell.weekday * 24 + cell.hour for cell in cells), default=0),
    )


def _value(cell: Cell, measure: str) -> float | None:
    if measure == "rate":
        return cell.rate
    return None if cell.engagements is None else cell.engagements / cell.publications


def _hour(cell: Cell | None, weekday: int, hour: int, measure: str, values: list[float]) -> Hour:
    name = hour_name(weekday, hour)
    if cell is None:
        return Hour(weekday, hour, text=_("%(hour)s: nothing published") % {"hour": name})
    value = _value(cell, measure)
    text = ngettext(
        "%(hour)s: %(value)s, %(n)s publication",
        "%(hour)s: %(value)s, %(n)s publications",
        cell.publications,
    ) % {"hour": name, "value": _shown(value, measure), "n": number(cell.publications)}
    level = 0 if value is None else _level(value, values)
    return Hour(weekday, hour, level, cell.publications < FEW, text, cell)


def _level(value: float, values: list[float]) -> int:
    """The fifth in which it lies; equal values share one."""
    below = sum(1 for other in values if other < value)
    return 1 + below * LEVELS // len(values)


def _shown(value: float | None, measure: str) -> str:
    if value is None:
        return _("not reported")
    rounded = str(formats.number_format(round(value, 2), 2, use_l10n=True, force_grouping=True))
    if measure == "rate":
        return f"{rounded} %"
    return _("%(n)s engagements per publication") % {"n": rounded}


def hour_name(weekday: int, hour: int) -> str:
    """Tuesday 09:00–10:00."""
    return f"{dates.WEEKDAYS[weekday]} {hour:02}:00–{(hour + 1) % 24:02}:00"


def hour_start(weekday: int, hour: int) -> str:
    """Tue 09:00."""
    return f"{dates.WEEKDAYS_ABBR[weekday]} {hour:02}:00"
