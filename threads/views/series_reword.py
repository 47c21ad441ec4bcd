"""Another wording for one part, or words for one of its pictures: proposed, never put in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from socialhub.models import JobRun, JobState, MediaAsset
from socialhub.services import links, writing
from socialhub.services.errors import ServiceError
from socialhub.services.writing import describing
from socialhub.views import desk
from threads.services import series
from threads.services.series import composing
from threads.views import series_typed as forms
from threads.views.series_typed import Part, SeriesForm

KIND = "write_text"
TASKS = ("rewrite", "shorten", "vary")
TEMPLATE = "threads/series/_reworded.html"


@require_POST
@desk.needs_verb("write_thread")
@desk.needs_verb("use_ai")
def reword(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Ask for a proposal; the fragment follows the job."""
    row = model_admin.get_object(request, request.POST.get("series", ""))
    form = SeriesForm(request.POST, user=request.user, row=row)
    form.is_valid()
    parts = forms.typed(request)
    part = next((each for each in parts if each.key == request.POST.get("key")), None)
    if part is None:
        raise Http404
    field = f"part-{part.key}-text"
    try:
        if (picture := request.POST.get("picture", "")) and forms.ID.match(picture):
            field = f"part-{part.key}-alt_{picture}"
            job = _describe(request, form, int(picture))
        else:
            job = _reword(request, form, part, parts)
    except ServiceError as exc:
        sentence = next((found[0] for found in exc.fields.values()), exc.message)
        return desk.fragment(request, TEMPLATE, refused=sentence, is_over=True)
    return _shown(request, job, field)


def _reword(request: HttpRequest, form: SeriesForm, part: Part, parts: list[Part]) -> JobRun:
    task = request.POST.get("task", "")
    if task not in TASKS:
        raise Http404
    accounts = forms.chosen(form)
    # A part with a text of its own on an account is not bound by that account's limit.
    bound = [one for one in accounts if not part.overrides.get(one.pk)] or accounts
    return writing.start_text(
        request.user,
        task=task,
        text=part.text,
        instruction=forms.plain(request.POST.get(f"part-{part.key}-wish", "")),
        accounts=bound,
        language=str(form["language"].value() or "") or None,
        link=_tail(request, form, part, len(parts)),
    )


def _tail(request: HttpRequest, form: SeriesForm, part: Part, total: int) -> str:
    """What goes out besides the text, so that a wording leaves room for it."""
    chosen = forms.modes(request, None).values()
    numbering = str(form["numbering"].value() or "slash")
    found = series.text_of(
        "",
        part.position,
        total,
        numbering=max((composing.numbering_on(mode, numbering) for mode in chosen), key=len)
        if chosen
        else numbering,
        numbers_first=False,
        closing=forms.plain(form["closing"].value() or ""),
    )
    link = links.sample_url() if part.link and part.track_link else part.link
    return "\n\n".join(piece for piece in (found, link) if piece)


def _describe(request: HttpRequest, form: SeriesForm, pk: int) -> JobRun:
    asset = get_object_or_404(MediaAsset.objects.visible_to(request.user), pk=pk)
    return writing.start_text(
        request.user,
        task="alt_text",
        text=describing.known(asset, request.user),
        media=asset,
        language=str(form["language"].value() or "") or None,
    )


@require_GET
@desk.needs_verb("write_thread")
def reworded(request: HttpRequest, model_admin: Any, job_id: UUID) -> HttpResponse:
    """What a job of this person found; the fragment asks again until it is over."""
    job = get_object_or_404(JobRun, pk=job_id, owner=request.user, kind=KIND)
    return _shown(request, job, request.GET.get("field", ""))


def _shown(request: HttpRequest, job: JobRun, field: str) -> HttpResponse:
    result = job.result or {}
    is_over = job.state in (JobState.DONE, JobState.FAILED)
    refused = ""
    if is_over and not result.get("text"):
        refused = " ".join(error["message"] for error in job.errors) or result.get("why_not", "")
    return desk.fragment(
        request,
        TEMPLATE,
        job=job,
        field=field,
        is_over=is_over,
        text=result.get("text"),
        made_by=result.get("made_by", ""),
        note=result.get("note", ""),
        refused=refused,
    )
