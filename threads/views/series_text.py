"""Parts proposed by a writer: the job is started here and watched as they come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from socialhub import registries
from socialhub.models import JobRun, JobState
from socialhub.services import writing
from socialhub.services.errors import Invalid, ServiceError
from socialhub.views import desk
from threads.views import series_typed as forms
from threads.views.series_typed import SeriesForm

KIND = "write_series"
KINDS = ("text", "topic", "url", "product", "service")
SHOWN = 8
TEMPLATE = "threads/series/_proposals.html"


@require_POST
@desk.needs_verb("write_thread")
@desk.needs_verb("use_ai")
def write(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Start a job for what is in the panel; the form's accounts and numbers bind the parts."""
    row = model_admin.get_object(request, request.POST.get("series", ""))
    form = SeriesForm(request.POST, user=request.user, row=row)
    form.is_valid()
    try:
        job = _start(request, form)
    except ServiceError as exc:
        failed = [{"message": exc.message}]
        return desk.fragment(request, TEMPLATE, failed=failed, is_over=True)
    return _shown(request, job)


def _start(request: HttpRequest, form: SeriesForm) -> JobRun:
    kind = request.POST.get("write-kind", "")
    if kind not in KINDS:
        raise Http404
    value = forms.plain(request.POST.get(f"write-{kind}", ""))
    if not value:
        raise Invalid("value_missing", _("Say first what the parts should be made of."))
    accounts = forms.chosen(form)
    if not accounts:
        message = _("Choose an account first: its limits decide where a part ends.")
        raise Invalid("no_account", message)
    parts = request.POST.get("write-parts", "")
    return writing.start_series(
        request.user,
        kind=kind,
        value=value,
        accounts=accounts,
        parts=int(parts) if parts.isdecimal() and len(parts) < 4 else None,
        language=str(form["language"].value() or "") or None,
        numbering=str(form["numbering"].value() or ""),
        closing=forms.plain(form["closing"].value() or ""),
    )


@require_GET
@desk.needs_verb("write_thread")
def written(request: HttpRequest, model_admin: Any, job_id: UUID) -> HttpResponse:
    """What a job of this person has so far; the fragment asks again until it is over."""
    return _shown(request, get_object_or_404(JobRun, pk=job_id, owner=request.user, kind=KIND))


def _shown(request: HttpRequest, job: JobRun) -> HttpResponse:
    is_over = job.state in (JobState.DONE, JobState.FAILED)
    found = (job.result if job.state == JobState.DONE else job.partial) or {}
    return desk.fragment(
        request,
        TEMPLATE,
        job=job,
        is_over=is_over,
        failed=job.errors if job.state == JobState.FAILED else [],
        parts=found.get("parts", []),
        made_by=found.get("made_by", ""),
        note=found.get("note", ""),
        title=found.get("title", ""),
    )


@require_GET
@desk.needs_verb("write_thread")
def sources(request: HttpRequest, model_admin: Any, name: str) -> HttpResponse:
    """Products or services to write about."""
    source = registries.data_source(name)
    if source is None or name not in KINDS:
        raise Http404
    items = source.find(request.user, request.GET.get("search", "").strip(), SHOWN)
    return desk.fragment(request, "threads/series/_sources.html", items=items, source=name)
