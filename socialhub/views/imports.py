"""Importing posts from a file: hand it in, see what is wrong by row and column, make drafts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from socialhub import policies
from socialhub.models import ImportState, JobState, PostImport
from socialhub.services import imports
from socialhub.services.errors import ServiceError
from socialhub.services.imports import columns, showing
from socialhub.services.tables import TYPES
from socialhub.views import desk

FOLDER = "socialhub/imports"
PAGE = 50
DELIMITERS = {
    ",": gettext_lazy("commas"),
    ";": gettext_lazy("semicolons"),
    "\t": gettext_lazy("tabs"),
    "|": gettext_lazy("bars"),
}


def add(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Choose a file. Sending it checks every row and makes nothing yet."""
    if not policies.can(request.user, "write_post"):
        raise PermissionDenied
    error = None
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is not None:
                return _go(request, imports.upload(request.user, file))
            error = _("Choose a file first.")
        except ServiceError as exc:
            error = exc.message
    if error and desk.wants_fragment(request):
        return desk.fragment(request, f"{FOLDER}/_error.html", error=error)
    response = desk.page(
        request,
        f"{FOLDER}/add.html",
        _("Import posts"),
        opts=model_admin.opts,
        error=error,
        names=columns.NAMES,
    )
    response.status_code = 400 if error else 200
    return response


def _go(request: HttpRequest, batch: PostImport) -> HttpResponse:
    url = reverse("admin:socialhub_postimport_change", args=[batch.pk])
    return HttpResponseClientRedirect(url) if desk.wants_fragment(request) else redirect(url)


@require_GET
def page(request: HttpRequest, model_admin: Any, object_id: str) -> HttpResponse:
    """What the file says, and what became of it; it can be left and found again."""
    batch = _visible(request, model_admin, object_id)
    return desk.page(
        request,
        f"{FOLDER}/page.html",
        batch.name,
        opts=model_admin.opts,
        original=batch,
        **_context(request, batch),
    )


@require_GET
def live(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """The part that refreshes itself while a worker is at it."""
    batch = _visible(request, model_admin, str(pk))
    return desk.fragment(request, f"{FOLDER}/page.html#live", **_context(request, batch))


@require_POST
def verb(request: HttpRequest, model_admin: Any, pk: int, verb: str) -> HttpResponse:
    """Check anew, or make the drafts."""
    batch = _visible(request, model_admin, str(pk))
    user = request.user
    if verb == "check":
        order = request.POST.get("date_order", "")
        desk.attempt(request, lambda: imports.check_again(batch, user, order))
    elif verb == "run":
        only_good = request.POST.get("only_good") == "1"
        desk.attempt(request, lambda: imports.run(batch, user, only_good=only_good))
    else:
        raise Http404
    return redirect("admin:socialhub_postimport_change", pk)


@require_GET
def problems(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Every problem as CSV."""
    batch = _visible(request, model_admin, str(pk))
    return _download(showing.problems_csv(batch), f"problems-{batch.pk}.csv", "csv")


@require_GET
def template(request: HttpRequest, model_admin: Any, kind: str) -> HttpResponse:
    """A file to begin with."""
    if not policies.can(request.user, "write_post"):
        raise PermissionDenied
    if kind not in TYPES:
        raise Http404
    content = showing.template(kind, translation.get_language() or "en")
    return _download([content], f"posts.{kind}", kind)


def _download(content: Any, name: str, kind: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(content, content_type=TYPES[kind], headers=headers)  # type: ignore[return-value]


def _visible(request: HttpRequest, model_admin: Any, object_id: str) -> PostImport:
    """403 for a role that writes no posts, 404 for somebody else's file."""
    if not policies.can(request.user, "write_post"):
        raise PermissionDenied
    batch: PostImport | None = model_admin.get_object(request, object_id)
    if batch is None:
        raise Http404
    return batch


# -- what the page shows -----------------------------------------------------------


def _context(request: HttpRequest, batch: PostImport) -> dict[str, Any]:
    job = imports.job_of(batch)
    going = job is not None and job.state in (JobState.QUEUED, JobState.RUNNING)
    counts = showing.counts(batch)
    asked = {name: request.GET.get(name, "") for name in ("level", "column")}
    rows = showing.rows_with_problems(batch, asked["level"], asked["column"])
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    is_over = batch.state in (ImportState.CHECKED, ImportState.IMPORTED, ImportState.IMPORTING)
    return {
        "batch": batch,
        "job": job,
        "going": going,
        "stopped": not going and batch.state in (ImportState.CHECKING, ImportState.IMPORTING),
        "counts": counts,
        "sentence": _sentence(batch, counts, going),
        "read_as": _read_as(batch),
        "asks_order": batch.state == ImportState.CHECKED
        and batch.read_as.get("date_order") == "ask",
        "may_run": is_over and not going and counts["ready"] > 0,
        "may_check": not going and batch.state not in (ImportState.IMPORTED, ImportState.IMPORTING),
        "asked": asked,
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "columns": _columns_with_problems(batch),
        "page": shown,
        "problems": showing.told(batch, shown.object_list),
        "made": batch.rows.filter(post__isnull=False).select_related("post")[:PAGE],
    }


def _sentence(batch: PostImport, counts: dict[str, int], going: bool) -> str:
    """What is the case, in words."""
    if batch.state == ImportState.REFUSED:
        return imports.of_file(batch.problem)
    if going:
        return _("The file is being checked.") if _is_check(batch) else _("Drafts are being made.")
    if batch.state == ImportState.CHECKED:
        return f"{_ready(counts['ready'])} {_bad(counts)}".strip()
    made = counts["made"]
    words = ngettext("%(n)s draft is made.", "%(n)s drafts are made.", made)
    return f"{words % {'n': _number(made)}} {_bad(counts)}".strip()


def _is_check(batch: PostImport) -> bool:
    return batch.state == ImportState.CHECKING


def _ready(count: int) -> str:
    words = ngettext("%(n)s row is ready.", "%(n)s rows are ready.", count)
    return words % {"n": _number(count)}


def _bad(counts: dict[str, int]) -> str:
    rows, problems = counts["bad_rows"], counts["problems"]
    if not rows:
        return ""
    found = ngettext("%(n)s problem", "%(n)s problems", problems) % {"n": _number(problems)}
    words = ngettext("%(rows)s row has %(found)s.", "%(rows)s rows have %(found)s.", rows)
    return words % {"rows": _number(rows), "found": found}


def _number(count: int) -> str:
    return str(formats.number_format(count, use_l10n=True, force_grouping=True))


def _read_as(batch: PostImport) -> list[str]:
    """How the file was taken, so that a wrong guess is seen."""
    found = batch.read_as
    said = []
    if found.get("format") == "csv":
        parted = DELIMITERS.get(found["delimiter"], found["delimiter"])
        said.append(
            _("Read as CSV in %(encoding)s, parted by %(delimiter)s.")
            % {"encoding": found["encoding"].upper(), "delimiter": parted}
        )
    elif found.get("format") == "xlsx":
        said.append(_("Read from the sheet “%(sheet)s”.") % {"sheet": found["sheet"]})
    order = {"day": _("Dates are read day first."), "month": _("Dates are read month first.")}
    if found.get("date_order") in order and found.get("dates", {}).get("open"):
        said.append(order[found["date_order"]])
    return said


def _columns_with_problems(batch: PostImport) -> list[tuple[str, str]]:
    titles = batch.read_as.get("columns", {})
    found = [(name, title) for name, title in titles.items() if name in columns.NAMES]
    if any(name.startswith("text:") for name in titles):
        found.append(("text:", _("texts of accounts")))
    return found
