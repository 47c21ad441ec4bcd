"""Opening a file of rows: CSV in any usual encoding, or an XLSX workbook. One row at a time.

A cell is a text, or from a workbook also a number, a date, a time, a switch; None when empty.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import IO, Any

from charset_normalizer import from_bytes
from openpyxl import load_workbook

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 20_000_000, 20_000, 200
# What a workbook may unpack to; more is no table somebody typed.
MOST_UNPACKED = 400_000_000
MOST_CELL = 100_000
DELIMITERS = ",;\t|"
# Enough to tell an encoding and the delimiter.
SAMPLE = 200_000
FORMULA = "formula_without_value"


class FileRefused(Exception):
    """The file as a whole cannot be read; `code` is a code of `sentences`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Line:
    """One row that is not empty. `broken`: place of a cell → why it cannot be taken."""

    number: int
    cells: list[Any]
    broken: dict[int, str] = field(default_factory=dict)


def is_workbook(file: IO[bytes]) -> bool:
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    return head == b"PK\x03\x04"


def described(file: IO[bytes]) -> dict[str, Any]:
    """How the file is read: {"format", "encoding", "delimiter"} or {"format", "sheet"}."""
    if is_workbook(file):
        return {"format": "xlsx", "sheet": _sheet_name(file)}
    if file.read(8).startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused("old_workbook")
    encoding = _encoding(file)
    return {"format": "csv", "encoding": encoding, "delimiter": _delimiter(file, encoding)}


def lines(file: IO[bytes], read_as: dict[str, Any]) -> Iterator[Line]:
    """The rows that hold something, titles included, numbered as a spreadsheet does."""
    file.seek(0)
    found = _workbook_lines(file) if read_as["format"] == "xlsx" else _csv_lines(file, read_as)
    count = 0
    for line in found:
        if len(line.cells) > MOST_COLUMNS:
            raise FileRefused("too_many_columns", most=MOST_COLUMNS)
        if any(cell not in (None, "") for cell in line.cells) or line.broken:
            count += 1
            if count > MOST_ROWS + 1:
                raise FileRefused("too_many_rows", most=MOST_ROWS)
            yield line


# -- CSV ---------------------------------------------------------------------------


def _encoding(file: IO[bytes]) -> str:
    """UTF-8 when all of it is; else what it looks like. Said on the page, so it can be wrong."""
    file.seek(0)
    content = file.read()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decodable(content, "utf-16")
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _guessed(content)
    if b"\0" in content:
        return _guessed(content)
    return "utf-8"


def _guessed(content: bytes) -> str:
    if b"\0" in content:
        # Text has no zero bytes, except every second one in UTF-16 without its mark.
        for name in ("utf-16-le", "utf-16-be"):
            start = content[: SAMPLE // 2 * 2].decode(name, errors="replace")
            if "\0" not in start and "\ufffd" not in start[:-1] and _is_latin(start):
                return _decodable(content, name)
        raise FileRefused("no_table")
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        best = from_bytes(content[:SAMPLE]).best()
        return _decodable(content, best.encoding if best else "")
    return "cp1252"


def _is_latin(text: str) -> bool:
    return sum(one < "\u0250" for one in text) > len(text) * 0.7


def _decodable(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        raise FileRefused("encoding_unknown") from None
    if "\0" in text:
        raise FileRefused("no_table")
    return encoding


def _text(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    file.seek(0)
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    # Detached by the caller: the file stays open.
    return io.TextIOWrapper(file, name, newline="")


def _delimiter(file: IO[bytes], encoding: str) -> str:
    """The mark that parts the first line most often, quoted names left out."""
    text = _text(file, encoding)
    try:
        first = next((line for line in iter(text.readline, "") if line.strip()), "")
    finally:
        text.detach()
    outside = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _csv_lines(file: IO[bytes], read_as: dict[str, Any]) -> Iterator[Line]:
    csv.field_size_limit(MOST_CELL + 1)
    text = _text(file, read_as["encoding"])
    try:
        reader = csv.reader(text, delimiter=read_as["delimiter"])
        for number, cells in enumerate(reader, 1):
            yield Line(number, [cell.strip() for cell in cells])
    except csv.Error:
        raise FileRefused("no_table") from None
    finally:
        text.detach()


# -- XLSX --------------------------------------------------------------------------


def _check_size(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise FileRefused("too_large", most=MOST_UNPACKED // 1_000_000)
            if "xl/workbook.xml" not in packed.namelist():
                raise FileRefused("no_table")
    except zipfile.BadZipFile:
        raise FileRefused("broken_workbook") from None
    finally:
        file.seek(0)


def _open(file: IO[bytes], *, values: bool) -> Any:
    file.seek(0)
    try:
        return load_workbook(file, read_only=True, data_only=values, keep_links=False)
    except Exception as exc:  # openpyxl raises what it likes on broken files
        raise FileRefused("broken_workbook") from exc


def _sheet_name(file: IO[bytes]) -> str:
    _check_size(file)
    book = _open(file, values=True)
    try:
        return str(_sheet(book).title)
    finally:
        book.close()


def _sheet(book: Any) -> Any:
    """The sheet that was open when the workbook was saved."""
    active = book.active
    if active is None or not hasattr(active, "iter_rows"):
        raise FileRefused("broken_workbook")
    return active


def _workbook_lines(file: IO[bytes]) -> Iterator[Line]:
    """Two passes side by side: what the cells say, and which of them are formulas."""
    with_values, with_formulas = _open(file, values=True), _open(_again(file), values=False)
    try:
        rows = zip(
            _sheet(with_values).iter_rows(max_col=MOST_COLUMNS + 1),
            _sheet(with_formulas).iter_rows(max_col=MOST_COLUMNS + 1),
            strict=True,
        )
        for number, (values, formulas) in enumerate(rows, 1):
            yield _line(number, values, formulas)
    except FileRefused:
        raise
    except (ValueError, KeyError, SyntaxError, zipfile.BadZipFile) as exc:
        raise FileRefused("broken_workbook") from exc
    finally:
        with_values.close()
        with_formulas.close()


def _again(file: IO[bytes]) -> IO[bytes]:
    """A second reader of the same bytes, with a place of its own."""
    file.seek(0)
    return io.BytesIO(file.read())


def _line(number: int, values: Any, formulas: Any) -> Line:
    broken, cells = {}, []
    for place, (value, formula) in enumerate(zip(values, formulas, strict=True)):
        is_formula = getattr(formula, "data_type", "") == "f"
        if is_formula and value.value is None:
            # Written by a program that calculates nothing: what it would show is not known.
            broken[place] = FORMULA
        elif getattr(value, "data_type", "") == "e":
            broken[place] = "cell_error"
        cells.append(_plain(value.value))
    while cells and cells[-1] in (None, "") and len(cells) - 1 not in broken:
        cells.pop()
    return Line(number, cells, broken)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        # As XLSX writes line breaks of other systems.
        return value.replace("_x000D_", "").replace("\r\n", "\n").strip()
    return value


def as_text(cell: Any) -> str:
    """A cell as it would be typed: 12, not 12.0; a date as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)
