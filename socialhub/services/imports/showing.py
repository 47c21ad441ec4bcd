"""What a check found, for pages and programs: counts, problems in words, files to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from openpyxl import Workbook

from socialhub.models import Account, PostImport, PostImportRow
from socialhub.services.imports import columns, sentences
from socialhub.services.tables import harmless

JSON = dict[str, Any]
CHUNK = 500
TEMPLATE = ("text", "link", "accounts", "date", "time", "language", "campaign", "content_type")
TEMPLATE_MORE = ("media", "is_evergreen")
EXAMPLE = {
    "text": "The new olive oil has arrived.",
    "link": "https://shop.example/oil",
    "accounts": "@shop; Shop (Mastodon)",
    "date": "2027-01-15",
    "time": "09:30",
    "language": "en",
    "media": "oil.jpg",
    "is_evergreen": "no",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One problem in words."""

    row: int
    column: str
    code: str
    level: str
    message: str


def counts(batch: PostImport) -> dict[str, int]:
    """{"ready", "bad_rows", "problems", "warned", "made"}: one query."""
    bad, clean = Q(problem_count__gt=0), Q(problem_count=0)
    found = batch.rows.aggregate(
        ready=Count("pk", clean & Q(imported_at__isnull=True)),
        bad_rows=Count("pk", bad),
        found=Sum("problem_count"),
        warned=Count("pk", clean & ~Q(problems=[])),
        made=Count("pk", Q(imported_at__isnull=False)),
    )
    # Not named so in the query: there it is the column of the row.
    found["problems"] = found.pop("found")
    return {name: count or 0 for name, count in found.items()}


def rows_with_problems(batch: PostImport, level: str = "", column: str = "") -> Any:
    """Rows that have something to say, in the order of the file."""
    rows = batch.rows.exclude(problems=[])
    if level == sentences.ERROR:
        rows = rows.filter(problem_count__gt=0)
    elif level == sentences.WARNING:
        rows = rows.filter(problems__icontains='"level": "warning"')
    if column in columns.NAMES:
        rows = rows.filter(problems__icontains=f'"column": "{column}"')
    elif column == "text:":
        rows = rows.filter(problems__icontains='"column": "text:')
    return rows.order_by("number")


def told(batch: PostImport, rows: Iterable[PostImportRow]) -> list[Told]:
    """The problems of these rows in words; one query for the accounts they name."""
    rows = list(rows)
    named = {
        one["params"]["account"]
        for row in rows
        for one in row.problems
        if one["code"] == sentences.NETWORK
    }
    accounts = Account.objects.visible_to(batch.user).in_bulk(named)
    titles = batch.read_as.get("columns", {})
    return [
        Told(
            row=row.number,
            column=titles.get(one["column"], one["column"]),
            code=one["params"]["reason"] if one["code"] == sentences.NETWORK else one["code"],
            level=one["level"],
            message=sentences.said(one, accounts),
        )
        for row in rows
        for one in row.problems
    ]


def problems_csv(batch: PostImport) -> Iterator[bytes]:
    """Every problem, for somebody who corrects the file. With a BOM, as Excel wants it."""
    yield "\ufeff".encode() + _line([_("row"), _("column"), _("kind"), _("problem")])
    last = 0
    rows = rows_with_problems(batch)
    while chunk := list(rows.filter(number__gt=last)[:CHUNK]):
        for one in told(batch, chunk):
            yield _line([one.row, one.column, one.level, one.message])
        last = chunk[-1].number


def _line(cells: list[Any]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow([harmless(cell) for cell in cells])
    return written.getvalue().encode()


def template(kind: str, language: str) -> bytes:
    """An empty file with the names of the columns and one row to show how: "csv" or "xlsx"."""
    spanish = language.startswith("es")
    fields = (*TEMPLATE, *TEMPLATE_MORE)
    names = [columns.NAMES[name][1 if spanish else 0] for name in fields]
    if spanish:
        # The second names of these are English too.
        spoken = {"content_type": "tipo", "is_evergreen": "perenne"}
        names = [spoken.get(field, name) for field, name in zip(fields, names, strict=True)]
    example = [EXAMPLE.get(name, "") for name in fields]
    written = io.BytesIO()
    if kind == "xlsx":
        book = Workbook()
        for line in (names, example):
            book.active.append(line)
        book.active.freeze_panes = "A2"
        book.save(written)
    else:
        text = io.StringIO()
        csv.writer(text).writerows([names, example])
        written.write(("\ufeff" + text.getvalue()).encode())
    return written.getvalue()
