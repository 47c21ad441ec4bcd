"""Bulk runs: one template, a table or a list of products, a picture and a draft from each row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from socialhub import money, policies, registries
from socialhub.models import JobState
from socialhub.services.errors import Conflict, ServiceError
from socialhub.views import desk
from threads.models import BatchState, ImageBatch, ImageBatchRow, RowState
from threads.services.pictures import batches, tables
from threads.views.bulk_typed import Sent, form_context
from threads.views.templates_typed import as_text

FOLDER = "threads/bulk"
PAGE = 50
ITEMS = 60
# state → look of socialhub.badges
LOOKS = {
    BatchState.CHECKED: "draft",
    BatchState.RUNNING: "running",
    BatchState.DONE: "done",
    RowState.WAITING: "queued",
    RowState.FAILED: "failed",
}


def thumbnail(media_id: int | None, alt: str = "") -> SafeString:
    """A small picture; a dash without one."""
    if media_id is None:
        return SafeString("–")
    url = reverse("media-file", args=[media_id])
    return format_html(
        '<img class="sh-thumb" src="{}?w=160" alt="{}" width="64" height="64" loading="lazy">',
        url,
        alt,
    )


# -- a new one -------------------------------------------------------------------------------


def add(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Choose template, rows and texts; sending checks every row and makes nothing yet."""
    if not policies.can(request.user, "render_template"):
        raise PermissionDenied
    sent = Sent.of(request)
    if request.method == "POST":
        try:
            batch = sent.checked(request.user)
        except ServiceError as exc:
            return _refused(request, model_admin, sent, exc)
        url = reverse("admin:threads_imagebatch_change", args=[batch.pk])
        return HttpResponseClientRedirect(url) if desk.wants_fragment(request) else redirect(url)
    return _form(request, model_admin, sent)


def _form(
    request: HttpRequest, model_admin: Any, sent: Sent, error: ServiceError | None = None
) -> HttpResponse:
    context = form_context(request.user, sent)
    response = desk.page(
        request,
        f"{FOLDER}/add.html",
        _("Many pictures at once"),
        opts=model_admin.opts,
        error=error,
        names_help=_("{{ name }} stands for a field or a column."),
        **context,
    )
    if error is not None:
        response.status_code = 409 if isinstance(error, Conflict) else 400
    return response


def _refused(
    request: HttpRequest, model_admin: Any, sent: Sent, error: ServiceError
) -> HttpResponse:
    """Over HTMX only the sentences come back: the chosen file stays in the form."""
    if desk.wants_fragment(request):
        return desk.fragment(request, f"{FOLDER}/_error.html", error=error)
    return _form(request, model_admin, sent, error)


@require_POST
@desk.needs_verb("render_template")
def columns(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Which column fills which field, for the chosen file and template."""
    sent = Sent.of(request)
    context: dict[str, Any] = {"image_template": sent.template, "sent": sent}
    if sent.template is not None and sent.file:
        try:
            table = tables.read(sent.file)
        except ServiceError as exc:
            context["problem"] = exc.message
        else:
            context["columns"] = table.columns
            context["count"] = len(table.rows)
            context["pairs"] = sent.pairs(table.columns)
    return desk.fragment(request, f"{FOLDER}/_mapping.html", **context)


@require_POST
@desk.needs_verb("render_template")
def items(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """What a source has for these words, after what is ticked already."""
    source = registries.data_source(request.POST.get("source", ""))
    if source is None:
        # A table has no items.
        return HttpResponse()
    user = request.user
    found = list(source.find(user, request.POST.get("words", ""), ITEMS))
    ticked = dict.fromkeys(request.POST.getlist("item"))
    shown = {item.key for item in found}
    kept = [item for key in ticked if key not in shown and (item := source.get(user, key))]
    rows = [{"item": item, "ticked": item.key in ticked} for item in [*kept, *found]]
    return desk.fragment(request, f"{FOLDER}/_items.html", rows=rows)


# -- one run -----------------------------------------------------------------------------------


@require_GET
def page(request: HttpRequest, model_admin: Any, object_id: str) -> HttpResponse:
    """What is wrong, what was made; it can be left and found again."""
    batch = visible(request, model_admin, object_id)
    when = formats.date_format(timezone.localtime(batch.created_at), "SHORT_DATETIME_FORMAT")
    return desk.page(
        request,
        f"{FOLDER}/page.html",
        _("Bulk run"),
        subtitle=str(batch.version.template),
        opts=model_admin.opts,
        original=f"{batch.version.template}, {when}",
        **_context(request, batch),
    )


@require_GET
def live(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """The part that refreshes itself while it runs."""
    batch = visible(request, model_admin, str(pk))
    return desk.fragment(request, f"{FOLDER}/page.html#live", **_context(request, batch))


@require_POST
def verb(request: HttpRequest, model_admin: Any, pk: int, verb: str) -> HttpResponse:
    """Start it, or go on with what is missing."""
    batch = visible(request, model_admin, str(pk))
    calls = {"start": batches.start, "retry": batches.retry}
    if verb not in calls:
        raise Http404
    done = _("It runs. You may leave this page.")
    desk.attempt(request, lambda: calls[verb](batch, request.user), done)
    return redirect("admin:threads_imagebatch_change", pk)


def visible(request: HttpRequest, model_admin: Any, object_id: str) -> ImageBatch:
    """The run, or 403 for a role that makes no pictures and 404 for somebody else's."""
    if not policies.can(request.user, "render_template"):
        raise PermissionDenied
    batch: ImageBatch | None = model_admin.get_object(request, object_id)
    if batch is None:
        raise Http404
    return batch


def _context(request: HttpRequest, batch: ImageBatch) -> dict[str, Any]:
    states = list(batch.rows.values_list("state", flat=True))
    counts = {state: states.count(state) for state in RowState.values}
    job = batch.job
    going = job is not None and job.state in (JobState.QUEUED, JobState.RUNNING)
    only = request.GET.get("show", "")
    rows = batch.rows.select_related("image", "post").order_by("position")
    if only == "problems":
        rows = rows.filter(state=RowState.FAILED)
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    fields = batch.version.fields
    return {
        "batch": batch,
        "job": job,
        "going": going,
        "counts": counts,
        "total": len(states),
        "sentence": _sentence(batch, counts, going),
        "may_start": batch.state == BatchState.CHECKED and counts[RowState.WAITING] > 0,
        "may_retry": batch.state != BatchState.CHECKED
        and not going
        and counts[RowState.DONE] < len(states),
        "fields": fields,
        "only": only,
        "page": shown,
        "rows": [_row(row, fields, batch.language) for row in shown.object_list],
    }


def _sentence(batch: ImageBatch, counts: dict[str, int], going: bool) -> str:
    """What is the case, in words."""
    good, bad, done = counts[RowState.WAITING], counts[RowState.FAILED], counts[RowState.DONE]
    if batch.state == BatchState.CHECKED:
        if not bad:
            words = ngettext("%(n)s row is right.", "All %(n)s rows are right.", good)
            return words % {"n": good}
        words = ngettext(
            "%(good)s of %(all)s row is right.", "%(good)s of %(all)s rows are right.", good + bad
        )
        return words % {"good": good, "all": good + bad}
    if going:
        told = {"done": done, "all": good + bad + done}
        return _("%(done)s of %(all)s pictures are made.") % told
    words = ngettext("%(n)s picture is made.", "%(n)s pictures are made.", done) % {"n": done}
    if not good + bad:
        return words
    missing = ngettext("%(n)s is missing.", "%(n)s are missing.", good + bad) % {"n": good + bad}
    return f"{words} {missing}"


def _shown(value: Any, language: str) -> str:
    """A value of a row; a price as it is in the picture."""
    if isinstance(value, dict) and value.get("currency"):
        return money.price(Decimal(value["amount"]), value["currency"], language)
    return as_text(value)


def _row(row: ImageBatchRow, fields: list[dict[str, Any]], language: str) -> dict[str, Any]:
    """A row of the table: cells by field with what is wrong in each."""
    values = row.data.get("values", {})
    cells = [
        {
            "label": one["label"],
            "text": _shown(values.get(one["name"]), language),
            "error": row.errors.get(one["name"], ""),
        }
        for one in fields
    ]
    named = {one["name"] for one in fields}
    return {
        "row": row,
        "cells": cells,
        "errors": [told for name, told in row.errors.items() if name not in named],
        "look": LOOKS.get(RowState(row.state), "done"),
    }
