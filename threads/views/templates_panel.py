"""A picture from a template: the box in the composer, and a page of its own.

The box is for any form that has pictures. Put this into the form, for an element of the page:

    <div hx-get="{% url 'admin:threads-picture-panel' %}?place=part-3&text=part-3-text
                 &link=part-3-link&media=part-3-media" hx-trigger="load" hx-swap="outerHTML"></div>

`place` is a short name of its own for each box on a page; `text`, `link`, `media` and `language`
are the names of the form's inputs that fill the picture's blanks. Once a picture is made, the box
sends the event "sh:picture-made" with `detail.media`, the id of the media file; it bubbles. Its
alt text is stored with it. Nothing in the box belongs to the form around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import retarget, trigger_client_event

from socialhub import policies, registries
from socialhub.models import JobRun, JobState, Organisation
from socialhub.services import media
from socialhub.services.errors import Invalid, ServiceError
from socialhub.views import desk
from threads.models import ImageTemplate
from threads.services.pictures import jobs, values, wording
from threads.views import templates_drawing as drawing
from threads.views import templates_filling as filling
from threads.views import templates_sources as sources
from threads.views.templates import allowed

FOLDER = "threads/insert"
NAMES = ("text", "link", "media", "accounts", "about", "language")
LISTED = 60


@dataclass(frozen=True, slots=True)
class Box:
    """A box on a page: its place, and the names of the inputs around it."""

    place: str
    names: dict[str, str]

    @classmethod
    def asked(cls, request: HttpRequest) -> Box:
        """As the address says; the composer's names without."""
        names = {name: request.GET.get(name, name)[:80] for name in NAMES}
        return cls(drawing.place_of(request.GET.get("place", "")), names)

    @property
    def query(self) -> str:
        """To be carried on in every address of the box."""
        others = {name: told for name, told in self.names.items() if told != name}
        return urlencode({"place": self.place, **others})

    @property
    def is_page(self) -> bool:
        """On a page of its own there is no form to add the picture to."""
        return self.place == "page"

    def language(self, request: HttpRequest) -> str:
        """Of the post around it, else of the organisation."""
        asked = request.POST.get(f"{self.place}-language") or request.POST.get(
            self.names["language"], ""
        )
        known = dict(settings.LANGUAGES)
        return asked if asked in known else Organisation.get().language


# -- choosing -------------------------------------------------------------------------------


@require_GET
def panel(request: HttpRequest) -> HttpResponse:
    """The closed box; with `list` the templates to choose from. Nothing for other roles."""
    user = request.user
    if not (policies.can(user, "render_template") and policies.can(user, "view_templates")):
        return HttpResponse()
    part = "#choose" if "list" in request.GET else ""
    rows = ImageTemplate.objects.in_use().select_related("sample")[:LISTED] if part else []
    return desk.fragment(
        request, f"{FOLDER}/panel.html{part}", box=Box.asked(request), templates=list(rows)
    )


@require_GET
@desk.needs_verb("render_template")
def use(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """The same on a page of its own."""
    template = _usable(pk)
    box = Box("page", {name: name for name in NAMES})
    return desk.page(
        request,
        f"{FOLDER}/page.html",
        _("Make a picture"),
        subtitle=template.name,
        opts=model_admin.opts,
        original=template,
        **_form(request, template, box, {}),
        **allowed(request.user),
    )


def _usable(pk: int) -> ImageTemplate:
    return get_object_or_404(ImageTemplate.objects.in_use(), pk=pk)


# -- filling in --------------------------------------------------------------------------------


@require_POST
@desk.needs_verb("render_template")
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """The blanks of a template: as typed, with what was chosen in the search put over it."""
    template, box = _usable(pk), Box.asked(request)
    data = filling.typed(template.fields, request.POST, box.place)
    chosen = request.POST.get(f"{box.place}-bind", "")
    if chosen:
        data |= filling.bound(template.fields, chosen, request.user)
    elif not data:
        data = _from_form(request, template, box)
    return desk.fragment(request, f"{FOLDER}/fill.html", **_form(request, template, box, data))


def _from_form(request: HttpRequest, template: ImageTemplate, box: Box) -> dict[str, Any]:
    """Values of the post around the box; a product inserted into it says more than its text."""
    sent = request.POST
    own = [pk for pk in sent.getlist(box.names["media"]) if pk.isdecimal()]
    data = filling.of_text(
        template.fields,
        sent.get(box.names["text"], ""),
        sent.get(box.names["link"], ""),
        int(own[0]) if own else None,
    )
    for about in sent.getlist(box.names["about"]):
        data |= filling.bound(template.fields, about, request.user)
    return data


def _form(
    request: HttpRequest,
    template: ImageTemplate,
    box: Box,
    data: dict[str, Any],
    error: ServiceError | None = None,
) -> dict[str, Any]:
    """What the form shows."""
    sent = request.POST
    best = filling.recommended(template, sent.getlist(box.names["accounts"]), request.user)
    first = template.sizes[0]["name"] if template.sizes else ""
    told = error.fields if error else {}
    wrong = {name.removeprefix("data."): lines[0] for name, lines in told.items()}
    alt, own_alt = _alts(request, template, box, data)
    return {
        "image_template": template,
        "box": box,
        "blanks": filling.blanks(template.fields, data, box.place, request.user, wrong),
        "sizes": template.sizes,
        "size": sent.get(f"{box.place}-size") or best or first,
        "best": best,
        "alt": alt,
        "own_alt": own_alt,
        "currency": Organisation.get().currency,
        "error": error,
        "wrong": wrong,
        "languages": settings.LANGUAGES,
        "language": box.language(request),
        "sources": registries.data_sources(),
        "usual": sources.usual(template.fields),
    }


def _alts(
    request: HttpRequest, template: ImageTemplate, box: Box, data: dict[str, Any]
) -> tuple[str, str]:
    """(the alt text of the form, what the template makes of the values).

    What a person wrote stays; what the template made follows the values.
    """
    language = box.language(request)
    found, _wrong = values.check(template.fields, data, request.user, language)
    used = wording.PLACE.findall(template.alt_text)
    is_known = not used or any(found.shown.get(name) for name in used)
    own = wording.filled(template.alt_text, found.shown) if is_known else ""
    written = request.POST.get(f"{box.place}-alt", "").strip()
    is_ours = written == request.POST.get(f"{box.place}-alt-own", "").strip()
    return (own if is_ours else written), own


@require_GET
@desk.needs_verb("render_template")
def find(request: HttpRequest, pk: int) -> HttpResponse:
    """What a source has: buttons that fill the blanks."""
    template, box = _usable(pk), Box.asked(request)
    items = filling.search(
        request.user,
        request.GET.get(f"{box.place}-source", ""),
        request.GET.get(f"{box.place}-words", ""),
    )
    return desk.fragment(
        request,
        f"{FOLDER}/_find.html#found",
        image_template=template,
        box=box,
        items=items,
        asked=True,
    )


@require_POST
@desk.needs_verb("render_template")
def upload(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Store a picture for a blank; answers with its choice, taken."""
    template, box = _usable(pk), Box.asked(request)
    if not any(one["name"] == name for one in template.fields):
        raise Http404
    key = f"{box.place}-{name}"
    context: dict[str, Any] = {"blank": {"key": key}}
    try:
        asset = media.upload(request.user, request.FILES.get(f"{key}-file") or _nothing())
    except ServiceError as exc:
        context["problem"] = exc.message
    else:
        context |= {"asset": asset, "is_chosen": True}
    return desk.fragment(request, f"{FOLDER}/_choice.html", **context)


def _nothing() -> Any:
    message = _("Choose a file.")
    raise Invalid("no_file", message, {"file": [message]})


# -- drawing and making --------------------------------------------------------------------------


@require_POST
@desk.needs_verb("render_template")
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw what is typed, to look at."""
    template, box = _usable(pk), Box.asked(request)
    data = filling.typed(template.fields, request.POST, box.place)
    response = drawing.started(
        request,
        box.place,
        template=template,
        size=request.POST.get(f"{box.place}-size", ""),
        data=data,
        language=box.language(request),
    )
    alt, own_alt = _alts(request, template, box, data)
    if alt != request.POST.get(f"{box.place}-alt", "").strip():
        shown = {"box": box, "alt": alt, "own_alt": own_alt, "is_live": True}
        response.write(render_to_string(f"{FOLDER}/_alt.html", shown, request))
    return response


@require_POST
@desk.needs_verb("render_template")
def make(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the picture; what is wrong is shown at its blank."""
    template, box = _usable(pk), Box.asked(request)
    data = filling.typed(template.fields, request.POST, box.place)
    try:
        job = jobs.start_render(
            request.user,
            template,
            size=request.POST.get(f"{box.place}-size", ""),
            data=data,
            alt_text=_alts(request, template, box, data)[0],
            language=box.language(request),
        )
    except ServiceError as exc:
        context = _form(request, template, box, data, exc)
        return retarget(
            desk.fragment(request, f"{FOLDER}/fill.html", **context), f"#{box.place}-body"
        )
    return _making(request, box, job, 0)


@require_GET
@desk.needs_verb("render_template")
def making(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Is it there? Then the form around hears of it."""
    job = get_object_or_404(JobRun, pk=pk, owner=request.user, kind=drawing.RENDER)
    asked = request.GET.get("n", "")
    turn = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    return _making(request, Box.asked(request), job, turn)


def _making(request: HttpRequest, box: Box, job: JobRun, turn: int) -> HttpResponse:
    job.refresh_from_db()
    context: dict[str, Any] = {"box": box, "job": job}
    if job.state in (JobState.QUEUED, JobState.RUNNING):
        context["poll"] = (
            f"{reverse('admin:threads-picture-making', args=[job.pk])}?{box.query}&n={turn + 1}"
        )
        context["pause"] = drawing.pause(turn)
        context["is_late"] = turn > drawing.LATE
    if any(error.get("url") for error in job.errors):
        # The refused picture shows what did not fit.
        context["refused"] = reverse("admin:threads-picture-file", args=[job.pk])
    done = job.state == JobState.DONE and job.result is not None
    if done:
        context["media"] = job.result["media"]  # type: ignore[index]
    response = desk.fragment(request, f"{FOLDER}/_making.html", **context)
    if done:
        trigger_client_event(response, "sh:picture-made", {"media": context["media"]})
    return response
