"""Figures as a table, one row per publication or per day, for spreadsheets and programs.

Missing is an empty cell, never 0. Rows come from the database as they are written out: the memory
it takes does not grow with the period.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import IO, Any

from django.db.models import Case, F, QuerySet, When
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from analytics.models import PublicationStats
from analytics.queries import dashboard
from analytics.queries.dashboard import SERIES, State
from analytics.queries.filters import Filters
from analytics.queries.publications import SHOWN
from analytics.rollup_specs import MEASURED

Row = Sequence[Any]

# Column → where it comes from.
PUBLICATIONS = {
    "local_day": "local_day",
    "published_at": "published_at",
    "publication": "publication_id",
    "post": "post_id",
    "platform": "platform",
    "account": "account_id",
    "handle": "account__handle",
    "content_type": "content_type",
    "campaign": "post__campaign__name",
    "text": "shown_text",
    "permalink": "publication__permalink",
    **{name: name for name in SHOWN},
    "measured_at": "metrics_at",
    "gone_at": "gone_at",
}
PUBLISHED = (*SERIES, "avg_engagement_rate")
DAYS = (
    "date",
    "publications",
    *(f"published_{name}" for name in PUBLISHED),
    *(f"happened_{name}" for name in MEASURED),
)
CHUNK = 2_000
LINES = 500
# A sheet of so many rows takes about five seconds to build, and nothing is sent meanwhile.
MOST_IN_SHEET = 20_000
# What a cell of a spreadsheet holds.
LONGEST = 32_767
# Spreadsheets run a text that begins like this.
RUNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def publications(filters: Filters) -> QuerySet[PublicationStats]:
    """What the dashboard counts: publications of the period, replies left out, oldest first."""
    rows = PublicationStats.objects.filter(
        local_day__range=(filters.first, filters.last), is_reply=False
    )
    if filters.platform:
        rows = rows.filter(platform=filters.platform)
    if filters.content_type:
        rows = rows.filter(content_type=filters.content_type)
    if filters.accounts is not None:
        rows = rows.filter(account__in=filters.accounts)
    if filters.campaign is not None:
        rows = rows.filter(post__campaign=filters.campaign)
    return rows.order_by("local_day", "published_at", "pk")


def publication_rows(filters: Filters, state: State) -> Iterator[Row]:
    """Values in the order of PUBLICATIONS; moments with the offset of the organisation's zone."""
    text = Case(
        When(publication__text_override="", then=F("post__text")),
        default=F("publication__text_override"),
    )
    rows = publications(filters).annotate(shown_text=text).values_list(*PUBLICATIONS.values())
    for row in rows.iterator(chunk_size=CHUNK):
        yield [
            value.astimezone(state.zone).isoformat() if isinstance(value, datetime) else value
            for value in row
        ]


def day_rows(filters: Filters, state: State, today: date) -> Iterator[Row]:
    """Values in the order of DAYS: lifetime numbers of what was published on the day, then what
    happened on it. Two queries."""
    happened = dict(dashboard.happened(filters, state).days)
    nothing: dict[str, int | None] = dict.fromkeys(MEASURED)
    for day, sums in dashboard.published(filters, state):
        moved = happened.get(day, nothing) if day <= today else nothing
        yield [
            day,
            sums.publications,
            *(sums.get(name) for name in PUBLISHED),
            *(moved[name] for name in MEASURED),
        ]


# -- files ----------------------------------------------------------------------------------


def csv_lines(names: Iterable[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """UTF-8 with commas. Texts that a spreadsheet would run begin with an apostrophe."""
    lines = chain([list(names)], rows)
    while block := list(islice(lines, LINES)):
        written = io.StringIO()
        csv.writer(written).writerows([_harmless(value) for value in row] for row in block)
        yield written.getvalue().encode()


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and (value.lstrip().startswith(RUNS) or value[:1].isspace()):
        return f"'{value}"
    return value


def workbook(names: Iterable[str], rows: Iterable[Row], title: str) -> IO[bytes]:
    """An XLSX in a temporary file, at its beginning. Texts are texts, whatever they begin with."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(list(names))
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
