"""Who changed what, in words; an old state is shown, never put back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from socialhub.admin.base import DeskAdmin
from socialhub.views import desk

MOST = 200
# Bookkeeping that says nothing to a person.
SILENT = {"version", "approved_hash", "content_hash", "is_demo", "not_before", "needs_person"}


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after, as text; "" was empty."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the history. `who` is None for the machine."""

    at: datetime
    who: Any
    what: str
    changes: list[Change]


class HistoryAdmin(DeskAdmin):
    """With a history page made from the model's historical records."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        return desk.page(
            request,
            "admin/socialhub/history.html",
            _("History"),
            subtitle=str(obj),
            opts=self.opts,
            original=obj,
            object_id=object_id,
            entries=entries(obj),
        )


def entries(obj: Model) -> list[Entry]:
    """Newest first."""
    records = list(
        obj.history.select_related("history_user").order_by(  # type: ignore[attr-defined]
            "-history_date", "-history_id"
        )[: MOST + 1]
    )
    found = []
    for record, before in zip(records, [*records[1:], None], strict=True):
        changes = _changes(record, before) if before is not None else []
        if changes or before is None or record.history_change_reason:
            what = _what(record)
            found.append(Entry(record.history_date, record.history_user, what, changes))
    return found[:MOST]


def _what(record: Any) -> str:
    said = {
        "created": _("made it"),
        "answered": _("made it"),
        "edited": _("changed it"),
        "submitted": _("handed in for approval"),
        "approved": pgettext("history", "approved"),
        "changes requested": _("asked for changes"),
        "withdrawn": _("took it back"),
        "archived": pgettext("history", "archived"),
        "unarchived": _("took it out of the archive"),
        "cancelled": pgettext("history", "cancelled"),
        "rescheduled": _("moved to another time"),
        "retried": _("sent again"),
        "scheduled": _("gave it a time"),
        "resumed": _("had it go on"),
        "approved with its series": _("approved it with its series"),
        "disconnected": pgettext("history", "disconnected"),
        "said live": _("said that it is live"),
        "said not live": _("said that it is not live"),
        "approved with its test": _("approved it with its test"),
        "approved with its original": _("approved with its original"),
        "made evergreen": _("marked it as evergreen"),
        "not evergreen any more": _("took the evergreen mark away"),
        "recycled": pgettext("history", "recycled"),
        "started": pgettext("history", "started it"),
        "stopped": pgettext("history", "stopped it"),
        "extended": pgettext("history", "extended it"),
        "decided": pgettext("history", "decided it"),
        "promoted": pgettext("history", "used the winner again"),
        "variant edited": _("noticed that a variant was edited"),
        "variant deleted": _("noticed that a variant is gone"),
    }
    kinds = {"+": _("made it"), "~": _("changed it"), "-": _("deleted it")}
    reason = record.history_change_reason or ""
    return said.get(reason, reason) or kinds.get(record.history_type, "")


def _changes(record: Any, before: Any) -> list[Change]:
    """Compared here, since the library's diff leaves out fields that no form edits: the state."""
    found = []
    for field in record.tracked_fields:
        old, new = getattr(before, field.attname), getattr(record, field.attname)
        if old != new and field.name not in SILENT:
            name = capfirst(field.verbose_name)
            found.append(Change(name, _text(field, old), _text(field, new)))
    return found


def _text(field: Any, value: Any) -> str:
    if value in (None, "", {}, []):
        return ""
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    related = field.remote_field.model if field.remote_field else None
    if related is not None:
        return str(related._default_manager.filter(pk=value).first() or f"#{value}")
    return str(dict(field.flatchoices).get(value, value))
