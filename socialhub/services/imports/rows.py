"""One row of a file: its cells read and typed, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import formats

from socialhub.models import Account, ContentType
from socialhub.services.imports import finding, moments, reading
from socialhub.services.imports.columns import Columns, folded
from socialhub.services.imports.moments import Day, Order, Unreadable
from socialhub.services.imports.sentences import problem
from socialhub.services.tables import RUNS

JSON = dict[str, Any]
YES = frozenset(["yes", "y", "true", "1", "x", "si", "s", "verdadero"])
NO = frozenset(("no", "n", "false", "0", "falso", "-", ""))
FARTHEST = timedelta(days=3_650)
MOST_LINK = 2_000
MOST_SHOWN = 80
_link = URLValidator(schemes=["http", "https"])

LANGUAGES = {
    **{folded(code): code for code, _name in settings.LANGUAGES},
    **{folded(str(name)): code for code, name in settings.LANGUAGES},
    "english": "en",
    "ingles": "en",
    "spanish": "es",
    "espanol": "es",
    "castellano": "es",
}
TYPES = {
    **{value: value for value in ContentType.values},
    "texto": "text",
    "imagen": "image",
    "carrusel": "carousel",
    "enlace": "link",
    "video": "video",
    "producto": "product",
    "servicio": "service",
    "hilo": "thread",
}


@dataclass(slots=True)
class Read:
    """A row as far as it could be read."""

    number: int
    values: JSON = field(default_factory=dict)
    problems: list[JSON] = field(default_factory=list)
    # Looked up together with those of other rows.
    media_names: list[str] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    # Account id → the column that holds its own text.
    override_columns: dict[int, str] = field(default_factory=dict)

    def wrong(self, column: str, code: str, **params: Any) -> None:
        self.problems.append(problem(column, code, **params))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rows of one file, for one person."""

    columns: Columns
    width: int
    accounts: finding.Accounts
    campaigns: dict[str, int]
    zone: ZoneInfo
    now: datetime
    order: Order | None
    languages: dict[str, str] = field(default_factory=lambda: LANGUAGES)

    def read(self, line: reading.Line) -> Read:
        """Everything but the media, which are found for many rows at once."""
        row = Read(line.number)
        if any(cell not in (None, "") for cell in line.cells[self.width :]):
            row.wrong("", "too_many_cells")
        cells = _Cells(self.columns, line, row)
        row.values["text"] = cells.text("text")
        row.values["link"] = self._link(cells, row)
        self._accounts(cells, row)
        self._overrides(cells, row)
        self._due(cells, row)
        _choice(
            cells, row, "language", self.languages, "language_unknown", dict(settings.LANGUAGES)
        )
        _choice(cells, row, "content_type", TYPES, "type_unknown", _types())
        if row.values["content_type"] == ContentType.THREAD:
            row.wrong("content_type", "type_not_imported")
        self._campaign(cells, row)
        for name in ("is_evergreen", "track_link"):
            row.values[name] = _switch(cells, row, name)
        row.media_names = finding.names_in(cells.text("media"))
        return row

    def _link(self, cells: _Cells, row: Read) -> str:
        link = cells.text("link")
        if link:
            try:
                _link(link)
            except ValidationError:
                row.wrong("link", "link_invalid", name=link[:MOST_SHOWN])
                return ""
            if len(link) > MOST_LINK:
                row.wrong("link", "cell_too_long", most=MOST_LINK)
                return ""
        return link

    def _accounts(self, cells: _Cells, row: Read) -> None:
        names = finding.names_in(cells.text("accounts"))
        for name in names:
            try:
                account = self.accounts.find(name)
            except finding.NotFound as exc:
                row.wrong("accounts", exc.code, **exc.params)
                continue
            if account in row.accounts:
                row.wrong("accounts", "account_twice", name=account.handle)
            else:
                row.accounts.append(account)
        if not names:
            row.wrong("accounts", "no_accounts")
        row.values["accounts"] = [account.pk for account in row.accounts]

    def _overrides(self, cells: _Cells, row: Read) -> None:
        row.values["overrides"] = found = {}
        for name in self.columns.overrides:
            text = cells.text(f"text:{name}")
            if not text:
                continue
            column = f"text:{name}"
            try:
                account = self.accounts.find(name)
            except finding.NotFound as exc:
                row.wrong(column, exc.code, **exc.params)
                continue
            if account not in row.accounts:
                row.wrong(column, "override_without_account", name=account.handle)
            else:
                found[str(account.pk)] = text
                row.override_columns[account.pk] = column

    def _campaign(self, cells: _Cells, row: Read) -> None:
        name = cells.text("campaign")
        row.values["campaign"] = self.campaigns.get(folded(name)) if name else None
        if name and row.values["campaign"] is None:
            row.wrong("campaign", "campaign_unknown", name=name[:MOST_SHOWN])

    # -- when ------------------------------------------------------------------
    def _due(self, cells: _Cells, row: Read) -> None:
        row.values["due_at"] = None
        both, day, at = (cells.raw(name) for name in ("due_at", "date", "time"))
        if both not in (None, "") and (day not in (None, "") or at not in (None, "")):
            row.wrong("due_at", "due_twice")
            return
        column = "due_at" if both not in (None, "") else "date"
        try:
            found = _moment(both, day, at)
            if found is not None:
                row.values["due_at"] = self._settled(row, column, found).isoformat()
        except _In as exc:
            row.wrong(exc.column, exc.code, **exc.params)

    def _settled(self, row: Read, column: str, found: datetime | tuple[Day, time, str]) -> datetime:
        if isinstance(found, datetime):
            due, shown = found, _shown(found.astimezone(self.zone))
        else:
            day = self._day(row, column, found[0], found[2])
            shown = _shown(datetime.combine(day, found[1]))
            due = self._instant(row, column, day, found[1], shown)
        if due < self.now:
            raise _In(column, "due_passed", cell=shown)
        if due > self.now + FARTHEST:
            raise _In(column, "due_too_far", cell=shown)
        return due

    def _day(self, row: Read, column: str, day: Day, cell: str) -> date:
        try:
            read = day.read(self.order)
        except Unreadable as exc:
            ways = {"day": _date(day.day), "month": _date(day.month)}
            raise _In(column, exc.code, cell=cell, **ways) from None
        if self.order and day.shows not in (None, self.order):
            row.wrong(column, "date_other_order", cell=cell, read=_date(read))
        return read

    def _instant(self, row: Read, column: str, day: date, at: time, shown: str) -> datetime:
        try:
            due, twice = moments.instant(day, at, self.zone)
        except Unreadable as exc:
            raise _In(column, exc.code, cell=shown, zone=str(self.zone)) from None
        if twice:
            row.wrong(column, "hour_twice", cell=shown, zone=str(self.zone))
        return due


class _In(Exception):
    """A problem of a column."""

    def __init__(self, column: str, code: str, **params: Any) -> None:
        super().__init__(code)
        self.column, self.code, self.params = column, code, params


def _moment(both: Any, day: Any, at: Any) -> datetime | tuple[Day, time, str] | None:
    """What the cells say; None when they say nothing. Raises _In."""
    if both not in (None, ""):
        found = _read("due_at", both, moments.both_of)
        return found if isinstance(found, datetime) else (*found, _cell(both))
    if day in (None, "") and at in (None, ""):
        return None
    if day in (None, ""):
        raise _In("time", "date_missing")
    found_day = _read("date", day, moments.day_of)
    if at in (None, ""):
        if not isinstance(day, datetime) or day.time() == time():
            raise _In("date", "time_missing")
        at = day
    return found_day, _read("time", at, moments.time_of), _cell(day)


def _read(column: str, cell: Any, how: Callable[[Any], Any]) -> Any:
    try:
        return how(cell)
    except Unreadable as exc:
        raise _In(column, exc.code, cell=_cell(cell), **exc.params) from None


def _cell(cell: Any) -> str:
    return reading.as_text(cell)[:MOST_SHOWN]


def _shown(at: datetime) -> str:
    return formats.date_format(at, "Y-m-d H:i")


def _date(day: date | None) -> str:
    return formats.date_format(day, "j F Y") if day else "–"


def _types() -> dict[str, Any]:
    return {value: value for value in ContentType.values if value != ContentType.THREAD}


def _choice(
    cells: _Cells, row: Read, name: str, known: dict[str, str], code: str, choices: dict[str, Any]
) -> None:
    """A cell of which only some values are known; empty is None."""
    said = cells.text(name)
    row.values[name] = known.get(folded(said)) if said else None
    if said and row.values[name] is None:
        row.wrong(name, code, name=said[:MOST_SHOWN], choices=", ".join(choices))


def _switch(cells: _Cells, row: Read, name: str) -> bool:
    said = folded(cells.text(name))
    if said not in YES and said not in NO:
        row.wrong(name, "not_yes_or_no", name=said[:MOST_SHOWN])
    return said in YES


class _Cells:
    """The cells of a row by column; a broken one is a problem and counts as empty."""

    def __init__(self, columns: Columns, line: reading.Line, row: Read) -> None:
        self._places = {**columns.fields}
        self._places.update({f"text:{name}": at for name, at in columns.overrides.items()})
        self._cells, self._broken, self._row = line.cells, line.broken, row

    def raw(self, name: str) -> Any:
        place = self._places.get(name)
        if place is None or place >= len(self._cells):
            return None
        if place in self._broken:
            self._row.wrong(name, self._broken[place])
            return None
        return self._cells[place]

    def text(self, name: str) -> str:
        text = reading.as_text(self.raw(name))
        if len(text) > reading.MOST_CELL:
            self._row.wrong(name, "cell_too_long", most=reading.MOST_CELL)
            return ""
        return unescaped(text).replace("\0", "")


def unescaped(text: str) -> str:
    """Without the apostrophe that an export puts in front of a text like "=1+1"."""
    rest = text[1:]
    if text.startswith("'") and (rest.lstrip().startswith(RUNS) or rest[:1].isspace()):
        return rest
    return text
