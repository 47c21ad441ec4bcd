"""The editor of an image template: code, fields and sizes, with the picture beside them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from socialhub import policies
from socialhub.models import Organisation
from socialhub.services.errors import Conflict, ServiceError
from socialhub.views import desk
from threads.models import ImageTemplate
from threads.services.pictures import brand, samples, templates
from threads.views import templates_drawing as drawing
from threads.views import templates_sources as sources
from threads.views.templates import FOLDER, allowed
from threads.views.templates_typed import NEW, TYPES, FieldRow, SizeRow, Typed

VERSIONS = 30


def page(request: HttpRequest, model_admin: Any, object_id: str | None) -> HttpResponse:
    """GET shows the editor; POST saves."""
    user = request.user
    if not policies.can(user, "view_templates" if object_id else "change_template"):
        raise PermissionDenied
    template: ImageTemplate | None = None
    if object_id is not None:
        template = model_admin.get_object(request, object_id)
        if template is None:
            raise Http404
    if request.method == "POST":
        return _submitted(request, model_admin, template)
    typed = Typed.of(template, _samples(template)) if template else Typed.blank()
    return _render(request, model_admin, template, typed)


def _submitted(
    request: HttpRequest, model_admin: Any, template: ImageTemplate | None
) -> HttpResponse:
    if not policies.can(request.user, "change_template"):
        raise PermissionDenied
    typed = Typed.sent(request.POST)
    try:
        if template is None:
            saved = templates.create(request.user, **typed.changes())
        else:
            seen = int(typed.version) if typed.version.isdecimal() else None
            saved = templates.change(template, request.user, version=seen, **typed.changes())
    except ServiceError as exc:
        return _render(request, model_admin, template, typed, error=exc)
    messages.success(request, _("Saved. New pictures are made this way."))
    return redirect("admin:threads_imagetemplate_change", saved.pk)


@require_POST
@desk.needs_verb("change_template")
def live(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Problems of what is in the form now, or the picture of it. Stores nothing."""
    typed = Typed.sent(request.POST)
    problems = drawing.problems_of(typed)
    if problems:
        return drawing.shown(request, "tpl", problems=problems)
    declared = typed.changes()
    asked = request.POST.get("template", "")
    pk = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
    return drawing.started(
        request,
        "tpl",
        template=ImageTemplate.objects.filter(pk=pk).first(),
        html=declared["html"],
        css=declared["css"],
        fields=declared["fields"],
        sizes=declared["sizes"],
        size=typed.size if any(one.name == typed.size for one in typed.sizes) else "",
        data=typed.samples(),
    )


# -- the page ------------------------------------------------------------------------------


def _render(
    request: HttpRequest,
    model_admin: Any,
    template: ImageTemplate | None,
    typed: Typed,
    error: ServiceError | None = None,
) -> HttpResponse:
    response = desk.page(
        request,
        f"{FOLDER}/editor.html",
        _("Image template") if template else _("New image template"),
        subtitle=template.name if template else None,
        opts=model_admin.opts,
        original=template,
        image_template=template,
        typed=typed,
        error=error,
        told=_told(error),
        sample_url=_sample_url(template),
        codes=[
            {"name": "html", "label": "HTML", "text": typed.html},
            {"name": "css", "label": "CSS", "text": typed.css},
        ],
        snippets=_snippets(),
        types=TYPES,
        names_help=_("Each is used in the HTML as {{ name }}."),
        sources=sources.choices(one.source for one in typed.fields),
        blank_field=FieldRow(NEW),
        blank_size=SizeRow(NEW, width="1080", height="1080"),
        **_versions(template),
        **allowed(request.user),
    )
    if error is not None:
        response.status_code = 409 if isinstance(error, Conflict) else 400
    return response


def _told(error: ServiceError | None) -> list[str]:
    """Sentences about the code, which has no place of its own for them."""
    if error is None:
        return []
    found = [line for name in ("html", "css") for line in error.fields.get(name, [])]
    return [line for line in found if line != error.message]


def _samples(template: ImageTemplate) -> dict[str, Any]:
    """What the design it was copied from shows; the rest is filled in by the preview."""
    if not template.design:
        return {}
    return samples.of_design(template.design, Organisation.get().language)


def _sample_url(template: ImageTemplate | None) -> str:
    if template is None or template.sample_id is None:
        return ""
    return reverse("media-file", args=[template.sample_id])


def _snippets() -> list[dict[str, str]]:
    """What can be clicked into the code: the brand's name, logo and colours."""
    own, _logo = brand.current()
    found = [
        {"text": "{{ brand.name }}", "where": "html", "hint": own.name},
        {
            "text": '<img src="{{ brand.logo }}" alt="">',
            "where": "html",
            "hint": _("The logo, when there is one"),
        },
    ]
    for n, colour in enumerate(own.colours, 1):
        hint = _("Colour %(n)s of the brand") % {"n": n}
        found.append({"text": f"var(--brand-{n})", "where": "css", "hint": hint, "colour": colour})
    for n in range(1, len(own.colours) + 1):
        hint = _("Black or white, whatever is readable on colour %(n)s") % {"n": n}
        found.append({"text": f"var(--on-brand-{n})", "where": "css", "hint": hint})
    return found


def _versions(template: ImageTemplate | None) -> dict[str, Any]:
    """The newest versions with who made them, as the history tells."""
    if template is None:
        return {"versions": []}
    rows = list(template.versions.only("number", "created_at", "template_id")[: VERSIONS + 1])
    records = (
        template.history.filter(version__in=[row.number for row in rows])
        .select_related("history_user")
        .order_by("-history_date", "-history_id")
    )
    # The oldest record of a number is the one that made it.
    makers = {record.version: record.history_user for record in records}
    for row in rows:
        row.who = makers.get(row.number) or ""
    return {"versions": rows[:VERSIONS], "more_versions": len(rows) > VERSIONS}
