"""A report as CSV and as a workbook: raw numbers, empty where nothing is reported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from analytics.services.reports.document import Document
from analytics.services.reports.shown import Typed
from analytics.services.reports.tables import Column, Table

# A spreadsheet runs a cell that begins like this.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# https://learn.microsoft.com/openspecs/office_standards/ms-oe376: XML 1.0 has no such characters.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
FORMATS = {
    "number": "#,##0",
    "decimal": "#,##0.0",
    "amount": "#,##0.00",
    "rate": '0.00" %"',
    "signed": "+#,##0;-#,##0;0",
    "change": '0" %"',
    "day": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}


def as_csv(document: Document) -> bytes:
    """One block per table, with its name above; UTF-8 with a mark that Excel needs."""
    out = io.StringIO()
    write = csv.writer(out)
    with translation.override(document.language):
        for line in _head(document):
            write.writerow([_plain(cell) for cell in line])
        for table in _tables(document):
            write.writerow([])
            write.writerow([_plain(table.title)])
            write.writerow([_plain(column.label) for column in table.columns])
            for row in table.rows:
                write.writerow([_text(value, column) for value, column in _pairs(table, row)])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(document: Document) -> bytes:
    """One sheet for the paragraph and the large numbers, one per table."""
    book = Workbook()
    with translation.override(document.language):
        _first_sheet(book, document)
        for table in _tables(document):
            _sheet(book, table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(document: Document) -> Iterator[list[str]]:
    yield [document.title, document.period]
    yield [_("Organisation"), document.organisation]
    if document.scope:
        yield [_("Only"), document.scope]
    for note in document.notes:
        yield [note]
    yield [document.paragraph]
    for part in document.parts:
        if part.text:
            yield [f"{part.title}: {part.text}"]
    yield [_("Next"), document.suggestion]


def _tables(document: Document) -> list[Table]:
    """All figures of the period first, then as the report has them."""
    parts = [part.table for part in document.parts if part.table is not None]
    return sorted([*document.tables, *parts], key=lambda table: table.key != "totals")


def _pairs(table: Table, row: Any) -> Iterator[tuple[Any, Column]]:
    for value, column in zip(row, table.columns, strict=True):
        if isinstance(value, Typed):
            yield value.value, Column(column.label, value.kind)
        else:
            yield value, column


def _plain(text: str) -> str:
    """Text that a spreadsheet leaves alone."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _text(value: Any, column: Column) -> str:
    if value is None:
        return ""
    return str(value) if column.is_number else _plain(str(value))


# -- workbook -------------------------------------------------------------------------------


def _first_sheet(book: Workbook, document: Document) -> None:
    sheet = book.active
    sheet.title = _sheet_title(book, document.title)
    for number, line in enumerate(_head(document), 1):
        for place, text in enumerate(line, 1):
            _put(sheet, number, place, text, "text")
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 40
    sheet.column_dimensions["B"].width = 40


def _sheet(book: Workbook, table: Table) -> None:
    sheet = book.create_sheet(_sheet_title(book, table.title))
    for place, column in enumerate(table.columns, 1):
        _put(sheet, 1, place, column.label, "text")
        sheet.cell(1, place).font = Font(bold=True)
        width = 44 if place == 1 and column.kind == "text" else 18
        sheet.column_dimensions[get_column_letter(place)].width = width
    for number, row in enumerate(table.rows, 2):
        for place, (value, column) in enumerate(_pairs(table, row), 1):
            _put(sheet, number, place, value, column.kind, table.zone)
    sheet.freeze_panes = "B2"


def _put(sheet: Any, row: int, place: int, value: Any, kind: str, zone: str = "UTC") -> None:
    if value is None or value == "":
        return
    cell = sheet.cell(row, place)
    if kind in ("text", "link"):
        cell.value = CONTROL.sub("", str(value))[:32_767]
        # Without this a text that begins with "=" would be a formula.
        cell.data_type = "s"
        return
    cell.value = _value(value, kind, zone)
    cell.number_format = FORMATS[kind]


def _value(value: Any, kind: str, zone: str) -> Any:
    if kind == "day":
        return date.fromisoformat(value)
    if kind == "moment":
        # A workbook knows no zones: the organisation's clock.
        return datetime.fromisoformat(value).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    found = float(value)
    return int(found) if found.is_integer() else found


def _sheet_title(book: Workbook, title: str) -> str:
    """At most 31 characters, none of []:*?/\\, and no name twice whatever its case."""
    name = CONTROL.sub("", SHEET_NAME.sub(" ", title)).strip()[:31] or "-"
    taken = {sheet.title.lower() for sheet in book.worksheets}
    found, number = name, 2
    while found.lower() in taken:
        ending = f" {number}"
        found, number = name[: 31 - len(ending)] + ending, number + 1
    return found
