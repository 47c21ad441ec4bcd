"""/api/analytics/export/"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from analytics import exporting
from analytics.api import asking, conditional
from analytics.api.asking import Argument, Asked, Stamp
from analytics.api.parameters import common, described
from analytics.api.viewsets.figures import Figures
from analytics.exporting import Row
from analytics.queries.filters import Filters
from socialhub.services.errors import Invalid

CSV, XLSX = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
WHAT = ("publications", "days")


class AnyAccept(DefaultContentNegotiation):
    """The format is a parameter here; what the caller accepts is not asked."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ExportView(Figures):
    renderer_classes = [JSONRenderer]
    content_negotiation_class = AnyAccept
    arguments = {
        "format": Argument(CSV, asking.one_of(CSV, XLSX)),
        "what": Argument("publications", asking.one_of(*WHAT)),
    }

    def stamps(self, narrowed: Filters) -> Mapping[str, Stamp]:
        return {**asking.posts(), **asking.accounts(), **asking.campaigns()}

    @extend_schema(
        parameters=[
            *common(),
            described("format", "csv when not given.", enum=(CSV, XLSX)),
            described("what", "One row per publication, or per day.", enum=WHAT),
        ],
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, TYPES[XLSX]): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The figures as a table. Missing is an empty cell; the first row holds the names."""
        asked = self.asked(request)
        etag = conditional.tag(request, self.key(asked))
        if same := conditional.unchanged(request, etag):
            return same
        names, rows = self._table(asked)
        response = _file(asked, names, rows)
        response["ETag"] = etag
        return response

    def _table(self, asked: Asked) -> tuple[Iterable[str], Iterator[Row]]:
        if asked.arguments["what"] == "days":
            rows = exporting.day_rows(asked.filters, asked.state, asked.today)
            return exporting.DAYS, rows
        if asked.arguments["format"] == XLSX:
            _require_few(asked.filters)
        return exporting.PUBLICATIONS, exporting.publication_rows(asked.filters, asked.state)


def _require_few(filters: Filters) -> None:
    found, most = exporting.publications(filters).count(), exporting.MOST_IN_SHEET
    if found > most:
        message = _(
            "These are %(found)s publications, a spreadsheet takes %(most)s. "
            "Choose a shorter period, or CSV."
        ) % {"found": found, "most": most}
        raise Invalid("too_many_rows", message, {"format": [message]})


def _file(asked: Asked, names: Iterable[str], rows: Iterator[Row]) -> HttpResponseBase:
    format_, what = asked.arguments["format"], asked.arguments["what"]
    first, last = asked.filters.first, asked.filters.last
    name = f"socialhub-{what}-{first.isoformat()}-{last.isoformat()}.{format_}"
    if format_ == XLSX:
        book = exporting.workbook(names, rows, what)
        return FileResponse(book, as_attachment=True, filename=name, content_type=TYPES[XLSX])
    lines = exporting.csv_lines(names, rows)
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type=TYPES[CSV], headers=disposition)
