"""CSV files as people save them: UTF-8 or Windows, comma or semicolon."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _

from socialhub.services.errors import Invalid
from threads.models.batches import MOST_ROWS

JSON = dict[str, Any]
MOST_BYTES, MOST_COLUMNS, MOST_CELL = 2_000_000, 60, 5_000
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by column name, and rows that could not be read with the reason, by place from 1."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    broken: dict[int, str]


def read(content: bytes) -> Table:
    """Raises Invalid for a file that is no table, has no rows or too many."""
    if len(content) > MOST_BYTES:
        raise _bad(_("The file is larger than %(most)s MB.") % {"most": MOST_BYTES // 1_000_000})
    text = _decoded(content)
    if "\0" in text:
        raise _bad(_("This is no CSV file. Save the table as CSV and try again."))
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(first))
    try:
        lines = [line for line in reader if any(cell.strip() for cell in line)]
    except csv.Error as exc:
        raise _bad(_("This is no CSV file. Save the table as CSV and try again.")) from exc
    if not lines:
        raise _bad(_("The file is empty."))
    columns = _columns(lines[0])
    if len(lines) == 1:
        raise _bad(_("The file has names of columns and no rows."))
    if len(lines) - 1 > MOST_ROWS:
        raise _bad(
            _("The file has %(count)s rows; at most %(most)s at once.")
            % {"count": len(lines) - 1, "most": MOST_ROWS}
        )
    return _table(columns, lines[1:])


def _bad(message: str) -> Invalid:
    return Invalid("bad_file", message, {"file": [message]})


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Windows calls ANSI; the few bytes it does not know are taken as Latin-1 does.
        return content.decode("cp1252", errors="replace")


def _delimiter(header: str) -> str:
    """The mark that parts the first line most often, quoted names left out."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _columns(header: Sequence[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in header)
    while names and not names[-1]:
        names = names[:-1]
    if len(names) > MOST_COLUMNS:
        raise _bad(_("The file has more than %(most)s columns.") % {"most": MOST_COLUMNS})
    if not all(names):
        raise _bad(_("The first row names the columns: one of them has no name."))
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise _bad(_("Two columns are named “%(name)s”.") % {"name": twice[0]})
    return names


def _table(columns: tuple[str, ...], lines: Sequence[Sequence[str]]) -> Table:
    rows, broken = [], {}
    for place, line in enumerate(lines, 1):
        if any(cell.strip() for cell in line[len(columns) :]):
            broken[place] = _("This row has more cells than there are columns.")
        elif any(len(cell) > MOST_CELL for cell in line):
            broken[place] = _("A cell has more than %(most)s characters.") % {"most": MOST_CELL}
        cells = [cell.strip() for cell in line[: len(columns)]]
        cells += [""] * (len(columns) - len(cells))
        rows.append(dict(zip(columns, cells, strict=True)))
    return Table(columns, tuple(rows), broken)


def mapped(
    fields: Sequence[JSON], columns: Sequence[str], mapping: Mapping[str, str]
) -> dict[str, str]:
    """field → column: as told, else by the field's name or label. Raises Invalid."""
    names = [one["name"] for one in fields]
    for name, column in mapping.items():
        if name not in names:
            message = _("This template has no field “%(name)s”.") % {"name": str(name)[:40]}
            raise Invalid("bad_mapping", message, {"mapping": [message]})
        if column and column not in columns:
            message = _("The file has no column “%(name)s”.") % {"name": str(column)[:40]}
            raise Invalid("bad_mapping", message, {"mapping": [message]})
    folded = {column.casefold(): column for column in columns}
    found = {}
    for one in fields:
        alike = folded.get(one["name"]) or folded.get(str(one["label"]).casefold(), "")
        # "" in the mapping leaves a field out.
        column = mapping.get(one["name"], alike)
        if column:
            found[one["name"]] = column
        elif one["required"] and one["default"] in (None, "", []):
            message = _("There is no column for “%(field)s”.") % {"field": one["label"]}
            raise Invalid("column_missing", message, {"mapping": [message]})
    return found
