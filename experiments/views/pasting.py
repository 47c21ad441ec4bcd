"""Counts as a person types or pastes them: a table of variants, or text from a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from django.http import QueryDict

MOST_ROWS = 10
MOST_PASTED = 20_000
# A heading names its column in one of these words.
HEADINGS = {
    "name": ("name", "variant", "variante", "nombre"),
    "engagements": ("engagement", "click", "clic", "conversion", "reaction", "interacc", "reacc"),
    "impressions": ("impression", "impresion", "visitor", "visita", "view", "reach", "alcance"),
}


@dataclass(slots=True)
class Row:
    """A variant as it is typed; `errors` by field."""

    name: str = ""
    engagements: str = ""
    impressions: str = ""
    values: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        return not (self.engagements or self.impressions or self.values)


def typed(data: QueryDict) -> list[Row]:
    """The rows of the form, as many as were sent; at least two."""
    names = data.getlist("name")
    columns = [data.getlist(one) for one in ("engagements", "impressions", "values")]
    found = []
    for at, name in enumerate(names[: MOST_ROWS + 1]):
        cells = [column[at].strip() if at < len(column) else "" for column in columns]
        found.append(Row(name.strip(), *cells))
    while len(found) < 2:
        found.append(Row(ascii_uppercase[len(found)]))
    return found


def pasted(text: str) -> list[Row]:
    """Lines of a spreadsheet: cells by tab, semicolon or comma, with or without headings."""
    lines = [line for line in text[:MOST_PASTED].splitlines() if line.strip()]
    if not lines:
        return []
    mark = _separator(lines)
    table = [[cell.strip() for cell in _cells(line, mark)] for line in lines]
    order = _headings(table[0])
    if order is None:
        order = ("name", "engagements", "impressions")
        if table[0] and _is_number(table[0][0]):
            order = ("engagements", "impressions")
    else:
        table = table[1:]
    found = []
    for at, cells in enumerate(table[: MOST_ROWS + 1]):
        named = {name: cell for name, cell in zip(order, cells, strict=False) if name}
        letter = ascii_uppercase[at]
        found.append(
            Row(
                named.get("name") or letter,
                plain(named.get("engagements", "")),
                plain(named.get("impressions", "")),
            )
        )
    return found


def _separator(lines: Sequence[str]) -> str:
    """Tab before semicolon before comma: a comma may be part of a number."""
    for mark in ("\t", ";", ","):
        if all(mark in line for line in lines):
            return mark
    return "\t" if any("\t" in line for line in lines) else r"\s{2,}|\s+(?=[\d.]+\s*$|[\d.]+\s)"


def _cells(line: str, mark: str) -> list[str]:
    return line.split(mark) if len(mark) == 1 else re.split(mark, line.strip())


def _headings(cells: Sequence[str]) -> tuple[str, ...] | None:
    """What each column holds, "" for one that is not needed; None without a row of headings."""
    found = []
    for cell in cells:
        word = cell.lower().replace("ó", "o")
        names = [n for n, starts in HEADINGS.items() if any(s in word for s in starts)]
        found.append(names[0] if names else "")
    return tuple(found) if "engagements" in found else None


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d\s.,'\u00a0\u202f]+", text))


def plain(text: str) -> str:
    """ "1.234" and "1,234" and "1 234" → "1234": thousands, as spreadsheets write them."""
    bare = text.strip().strip('"')
    if re.fullmatch(r"\d{1,3}([.,' \u00a0\u202f]\d{3})+", bare):
        return re.sub(r"\D", "", bare)
    return bare


def count(text: str) -> Any:
    """What the statistics get: a whole number where it is one, None for nothing, else the text."""
    bare = plain(text)
    if not bare:
        return None
    return int(bare) if re.fullmatch(r"-?\d{1,30}", bare) else bare


def numbers(text: str) -> list[Any]:
    """Values of posts, by spaces, semicolons or lines: "12.5 8 9,75"."""
    found: list[Any] = []
    for part in re.split(r"[\s;]+", text.strip()):
        if not part:
            continue
        try:
            found.append(float(part.replace(",", ".")))
        except ValueError:
            found.append(part)
    return found


def decimal(text: str) -> Any:
    """0.95 from "0.95" or "0,95"; else the text, which the statistics refuse."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def blocks(text: str) -> list[list[list[Any]]]:
    """Slots or strata, one a line: the reactions and impressions of each variant, in order."""
    found = []
    for line in text[:MOST_PASTED].splitlines():
        cells = [
            count(one) for one in re.split(r"[\t;]+|,\s+|\s+|(?<=\d),(?=\d)", line.strip()) if one
        ]
        if cells:
            found.append([cells[at : at + 2] for at in range(0, len(cells), 2)])
    return found


def total(rows: list[Row], text: str) -> None:
    """Fill the table with the sums of the slots, so that both say the same."""
    table = blocks(text)
    for at, row in enumerate(rows):
        column = [line[at] for line in table if at < len(line)]
        if not all(isinstance(value, int) for cell in column for value in cell):
            return
        row.engagements = str(sum(cell[0] for cell in column))
        row.impressions = str(sum(cell[1] for cell in column if len(cell) > 1))
