"""Rows as CSV and XLSX, written while they are read, harmless in any spreadsheet program."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

Row = Sequence[Any]
LINES = 500
# What a cell of a spreadsheet holds.
LONGEST = 32_767
# Spreadsheets run a text that begins like this.
RUNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
# A sheet is built whole before anything is sent.
MOST_IN_SHEET = 20_000
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def harmless(value: Any) -> Any:
    """With an apostrophe in front of a text that would be run, or lose its first space."""
    if isinstance(value, str) and (value.lstrip().startswith(RUNS) or value[:1].isspace()):
        return f"'{value}"
    return value


def csv_lines(names: Iterable[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """UTF-8 with commas, some hundred lines at a time."""
    lines = chain([list(names)], rows)
    while block := list(islice(lines, LINES)):
        written = io.StringIO()
        csv.writer(written).writerows([harmless(value) for value in row] for row in block)
        yield written.getvalue().encode()


def workbook(names: Iterable[str], rows: Iterable[Row], title: str) -> IO[bytes]:
    """An XLSX in a temporary file, at its beginning. Texts are texts, whatever they begin with."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name) for name in names])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    written = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(written)
    written.seek(0)
    return written


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST]
    if not value.startswith(RUNS):
        return value
    cell = WriteOnlyCell(sheet, value)
    # As a spreadsheet itself keeps what was typed with an apostrophe in front.
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
