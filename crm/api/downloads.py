"""Leads as a table for spreadsheets. Rows are read while they are written out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import exporting
from analytics.api.viewsets.export import TYPES, AnyAccept
from crm.models import Lead
from socialhub.services.errors import Invalid

__all__ = ["FORMATS", "TYPES", "AnyAccept", "answer"]

FORMATS = ("csv", "xlsx")
# Column → where it comes from.
COLUMNS = {
    "id": "pk",
    "uuid": "uuid",
    "created_at": "created_at",
    "name": "name",
    "contact_name": "contact_name",
    "email": "email",
    "phone": "phone",
    "company": "company",
    "message": "message",
    "source": "source",
    "state": "state",
    "outcome": "outcome",
    "stage": "stage_name",
    "probability": "probability",
    "expected_revenue": "expected_revenue",
    "salesperson": "salesperson",
    "odoo_id": "odoo_id",
    "account": "account__handle",
    "post": "post_id",
    "publication": "publication_id",
    "campaign": "campaign__name",
    "variant_key": "variant_key",
    "product": "product__name",
    "service": "service__name",
    "quoted": "revenue__quoted",
    "won": "revenue__won",
    "invoiced": "revenue__invoiced",
    "currency": "revenue__currency",
    "estimate": "revenue__is_estimate",
    "consent_at": "consent_at",
    "closed_at": "closed_at",
}
CHUNK = 2_000


def answer(rows: QuerySet[Lead], kind: str) -> HttpResponseBase:
    """A file of these leads. Raises Invalid when a sheet would have too many rows."""
    name = f"socialhub-leads-{timezone.localdate().isoformat()}.{kind}"
    if kind == "xlsx":
        _require_few(rows)
        book = exporting.workbook(COLUMNS, _values(rows), "leads")
        return FileResponse(book, as_attachment=True, filename=name, content_type=TYPES[kind])
    lines = exporting.csv_lines(COLUMNS, _values(rows))
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type=TYPES[kind], headers=disposition)


def _require_few(rows: QuerySet[Lead]) -> None:
    found, most = rows.count(), exporting.MOST_IN_SHEET
    if found > most:
        message = _(
            "These are %(found)s leads, a spreadsheet takes %(most)s. Narrow them down, or choose "
            "CSV."
        ) % {"found": found, "most": most}
        raise Invalid("too_many_rows", message, {"format": [message]})


def _values(rows: QuerySet[Lead]) -> Iterator[list[Any]]:
    zone = timezone.get_current_timezone()
    found = rows.select_related(None).values_list(*COLUMNS.values())
    for row in found.iterator(chunk_size=CHUNK):
        yield [_cell(value, zone) for value in row]


def _cell(value: Any, zone: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    return str(value) if hasattr(value, "hex") and not isinstance(value, float) else value
