"""Lists as files. The format is a parameter; rows are read while they are written out."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation

from socialhub.services import exports, tables
from socialhub.services.errors import Invalid
from socialhub.services.exports import Table


class AnyAccept(DefaultContentNegotiation):
    """The format is a parameter here; what the caller accepts is not asked."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


FORMAT = OpenApiParameter("format", str, enum=exports.FORMATS, description="csv by default.")
# For an action that answers with a file; it takes the filters of its list.
described = extend_schema(
    parameters=[FORMAT],
    responses={
        (200, "text/csv"): OpenApiTypes.STR,
        (200, tables.TYPES["xlsx"]): OpenApiTypes.BINARY,
    },
)


def kind_of(request: Any) -> str:
    """The format asked for. Raises Invalid."""
    kind = str(request.query_params.get("format", "csv"))
    if kind not in exports.FORMATS:
        message = _("Choose one of: %(choices)s.") % {"choices": ", ".join(exports.FORMATS)}
        raise Invalid("bad_format", message, {"format": [message]})
    return kind


def answer(table: Table, kind: str, what: str) -> HttpResponseBase:
    """The table as a file of that kind."""
    name = f"socialhub-{what}-{timezone.localdate().isoformat()}.{kind}"
    if kind == "xlsx":
        book = tables.workbook(table.names, table.rows, what)
        return FileResponse(
            book, as_attachment=True, filename=name, content_type=tables.TYPES[kind]
        )
    lines = tables.csv_lines(table.names, table.rows)
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type=tables.TYPES[kind], headers=disposition)
