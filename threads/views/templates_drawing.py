"""Pictures drawn to look at: a job draws them, the page asks until they are there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from socialhub.models import JobRun, JobState
from socialhub.services.errors import ServiceError
from socialhub.views import desk
from threads.services.pictures import drawing, fields, jobs, previews, sentences
from threads.views.templates import FOLDER
from threads.views.templates_typed import Typed

# Asked again after so many milliseconds, more rarely each time.
FIRST_PAUSE, LAST_PAUSE, SLOWER = 300, 2_500, 1.3
# After so many questions the page says that it waits for the worker.
LATE = 8
RENDER = "render_template"
PLACES = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


def place_of(asked: str) -> str:
    """Where on the page a part stands: "pic" unless the address says another short name."""
    return asked if 0 < len(asked) < 41 and set(asked) <= PLACES else "pic"


def problems_of(typed: Typed) -> list[dict[str, Any]]:
    """What keeps the template from being drawn: sentence, and line where there is one."""
    declared = typed.changes()
    cleaned, wrong = fields.clean_fields(declared["fields"])
    wrong += fields.clean_sizes(declared["sizes"])[1]
    if wrong:
        return [{"sentence": sentence} for sentence in wrong]
    if not typed.html.strip():
        return []
    from threads import rendering

    return [
        {
            "sentence": sentences.sentence(one),
            "line": one.line,
            "where": sentences.place(one),
        }
        for one in rendering.problems(typed.html, typed.css, cleaned)
    ]


def started(request: HttpRequest, place: str, **what: Any) -> HttpResponse:
    """Start drawing and answer with the part that asks for it; or say what is wrong."""
    try:
        job = jobs.start_preview(request.user, **what)
    except ServiceError as exc:
        told = [line for lines in exc.fields.values() for line in lines]
        return shown(request, place, errors=told or [exc.message])
    return _state(request, place, job, 0)


@require_GET
def poll(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The state of a picture that is being drawn, and the picture once it is there."""
    job = get_object_or_404(JobRun, pk=pk, owner=request.user, kind=previews.KIND)
    asked = request.GET.get("n", "")
    turn = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    return _state(request, place_of(request.GET.get("place", "")), job, turn)


def _state(request: HttpRequest, place: str, job: JobRun, turn: int) -> HttpResponse:
    job.refresh_from_db()
    if job.state in (JobState.QUEUED, JobState.RUNNING):
        again = urlencode({"place": place, "n": turn + 1})
        return shown(
            request,
            place,
            poll=f"{reverse('admin:threads-picture-poll', args=[job.pk])}?{again}",
            pause=pause(turn),
            is_late=turn > LATE,
        )
    result = job.result or {}
    return shown(
        request,
        place,
        url=reverse("admin:threads-picture-file", args=[job.pk]) if result else "",
        width=result.get("width"),
        height=result.get("height"),
        overflow=[one["message"] for one in result.get("overflow", [])],
        errors=[error["message"] for error in job.errors],
    )


def pause(turn: int) -> int:
    """Milliseconds until the next question."""
    return int(min(FIRST_PAUSE * SLOWER ** min(turn, 20), LAST_PAUSE))


def shown(request: HttpRequest, place: str, **context: Any) -> HttpResponse:
    """The state below the picture."""
    return desk.fragment(request, f"{FOLDER}/_drawing.html", place=place, **context)


@require_GET
def file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The PNG of a preview, or of a picture that was refused, for who asked for it."""
    job = get_object_or_404(JobRun, pk=pk, owner=request.user, kind__in=(previews.KIND, RENDER))
    content = drawing.preview_file(job, request.user)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="image/png")
    response["Cache-Control"] = "private, max-age=900"
    response["X-Content-Type-Options"] = "nosniff"
    return response
