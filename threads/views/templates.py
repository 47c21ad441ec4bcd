"""The gallery of image templates, and what is done to one of them without its editor."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from socialhub import policies
from socialhub.services.errors import ServiceError
from socialhub.views import desk
from threads.models import ImageTemplate, ImageTemplateVersion
from threads.services.pictures import templates

FOLDER = "threads/templates"
PAGE = 24
SEARCHED_WORDS = 8


def gallery(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """A wall of pictures: own templates, and designs to begin with."""
    if not policies.can(request.user, "view_templates"):
        raise PermissionDenied
    archived = "archived" in request.GET
    search = request.GET.get("q", "").strip()
    rows = _matching(ImageTemplate.objects.filter(is_archived=archived), search)
    page = Paginator(rows.select_related("sample"), PAGE).get_page(request.GET.get("page"))
    for template in page.object_list:
        template.sizes_text = sizes_text(template)
    count = page.paginator.count
    return desk.page(
        request,
        f"{FOLDER}/gallery.html",
        _("Image templates"),
        opts=model_admin.opts,
        page=page,
        search=search,
        archived=archived,
        archive_verb="unarchive" if archived else "archive",
        any_archived=ImageTemplate.objects.filter(is_archived=True).exists(),
        sentence=_sentence(count, search, archived),
        designs=[] if archived or page.number > 1 else _starters(search),
        **allowed(request.user),
    )


def _matching(rows: QuerySet[ImageTemplate], search: str) -> QuerySet[ImageTemplate]:
    for word in search.split()[:SEARCHED_WORDS]:
        rows = rows.filter(Q(name__icontains=word) | Q(description__icontains=word))
    return rows


def _sentence(count: int, search: str, archived: bool) -> str:
    if search:
        words = ngettext("%(n)s template is found.", "%(n)s templates are found.", count)
    elif archived:
        words = ngettext("%(n)s template is archived.", "%(n)s templates are archived.", count)
    elif not count:
        return _("Pick a design to begin with.")
    else:
        words = ngettext("%(n)s template is ready.", "%(n)s templates are ready.", count)
    return words % {"n": count}


def _starters(search: str) -> list[dict[str, Any]]:
    wanted = [word.casefold() for word in search.split()]
    found = [
        {
            "slug": one.slug,
            "name": one.name,
            "description": one.description,
            "picture": design_picture(one.slug),
        }
        for one in templates.designs()
    ]
    return [one for one in found if all(word in _text(one) for word in wanted)]


def _text(one: dict[str, Any]) -> str:
    return f"{one['name']} {one['description']}".casefold()


def design_picture(slug: str, size: str = "square") -> str:
    """Address of a design's picture; "" when it was not shipped."""
    try:
        return static(f"threads/designs/{slug}-{size}.webp")
    except ValueError:
        # Hashed names know only the files that were collected.
        return ""


def sizes_text(template: ImageTemplate) -> str:
    """ "1080 × 1080 · 1200 × 630"."""
    return " · ".join(f"{one['width']} × {one['height']}" for one in template.sizes)


def allowed(user: Any) -> dict[str, bool]:
    """Which buttons this person gets."""
    renders = policies.can(user, "render_template")
    return {
        "may_change": policies.can(user, "change_template"),
        "may_render": renders,
        "may_batch": renders and policies.can(user, "write_post"),
    }


# -- verbs ---------------------------------------------------------------------------------


@require_POST
@desk.needs_verb("change_template")
def copy(request: HttpRequest, model_admin: Any, slug: str) -> HttpResponse:
    """A template of one's own from a starter design, opened in the editor."""
    if slug not in {one.slug for one in templates.designs()}:
        raise Http404
    try:
        template = templates.copy_design(request.user, slug)
    except ServiceError as exc:
        messages.error(request, exc.message)
        return redirect("admin:threads_imagetemplate_changelist")
    messages.success(request, _("It is yours now. Change what you like."))
    return redirect("admin:threads_imagetemplate_change", template.pk)


@require_POST
@desk.needs_verb("change_template")
def verb(request: HttpRequest, model_admin: Any, pk: int, verb: str) -> HttpResponse:
    """Archive a template, or take it back."""
    template = get_object_or_404(ImageTemplate, pk=pk)
    if verb == "archive":
        done = _("Archived. Pictures made with it stay.")
        desk.attempt(request, lambda: templates.archive(template, request.user), done)
    elif verb == "unarchive":
        done = _("It is in use again.")
        desk.attempt(
            request, lambda: templates.archive(template, request.user, archived=False), done
        )
    else:
        raise Http404
    return redirect("admin:threads_imagetemplate_changelist")


@require_POST
@desk.needs_verb("change_template")
def restore(request: HttpRequest, model_admin: Any, pk: int, number: int) -> HttpResponse:
    """Put an older version back, as a new version."""
    template = get_object_or_404(ImageTemplate, pk=pk)
    version = get_object_or_404(ImageTemplateVersion, template=template, number=number)
    done = _("Version %(n)s is back, as a new version.") % {"n": number}
    desk.attempt(
        request,
        lambda: templates.change(
            template,
            request.user,
            html=version.html,
            css=version.css,
            fields=version.fields,
            sizes=version.sizes,
        ),
        done,
    )
    return redirect("admin:threads_imagetemplate_change", pk)
