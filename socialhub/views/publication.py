"""One publication: where it stands, what to do, and its life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from socialhub import policies, registries
from socialhub.models import CHANGEABLE, IN_FLIGHT, Publication
from socialhub.services import publishing
from socialhub.services import queue as slots
from socialhub.services.errors import Invalid, ServiceError
from socialhub.views import desk
from socialhub.views.remedies import headline, remedy

TEMPLATE = "socialhub/publication/page.html"
COMMENTS = 20


def page(request: HttpRequest, model_admin: Any, object_id: str) -> HttpResponse:
    """The whole page, or over HTMX only the part that changes while it is being sent."""
    publication: Publication | None = model_admin.get_object(request, object_id)
    if publication is None:
        raise Http404
    if not model_admin.has_view_permission(request, publication):
        raise PermissionDenied
    context = _life(request, publication)
    if request.htmx:  # type: ignore[attr-defined]
        return desk.fragment(request, f"{TEMPLATE}#life", **context)
    interactions = publication.interactions.select_related("assignee", "account")[:COMMENTS]
    return desk.page(
        request,
        TEMPLATE,
        _("Publication"),
        subtitle=str(publication.account),
        opts=model_admin.opts,
        original=publication,
        object_id=object_id,
        show_history=True,
        change=True,
        numbers_url=_numbers_url(publication),
        panels=[reverse(name, args=[publication.pk]) for name in registries.panels("publication")],
        interactions=interactions,
        generation=publication.generations.order_by("number").last(),
        **context,
    )


@require_POST
def verb(request: HttpRequest, model_admin: Any, pk: int, verb: str) -> HttpResponse:
    """Do one verb and go back to the page, which says what came of it."""
    publication: Publication | None = model_admin.get_object(request, str(pk))
    known = VERBS.get(verb)
    if publication is None or known is None:
        raise Http404
    call, done = known
    try:
        call(publication, request)
    except ServiceError as exc:
        messages.error(request, exc.message)
    else:
        messages.success(request, done())
    return redirect("admin:socialhub_publication_change", pk)


def _reschedule(publication: Publication, request: HttpRequest) -> None:
    try:
        local = datetime.fromisoformat(request.POST.get("due_at", ""))
    except ValueError:
        message = _("Enter a date and a time.")
        raise Invalid("bad_time", message, {"due_at": [message]}) from None
    at = local if local.tzinfo else slots.local_datetime(local)
    publishing.reschedule(publication, request.user, at)


def _live(publication: Publication, request: HttpRequest) -> None:
    permalink = request.POST.get("permalink", "").strip()
    if permalink and not permalink.startswith(("https://", "http://")):
        message = _("The address of the post starts with https://.")
        raise Invalid("bad_address", message, {"permalink": [message]})
    publishing.resolve(publication, request.user, live=True, permalink=permalink)


Verb = tuple[Callable[[Publication, HttpRequest], object], Callable[[], str]]
VERBS: dict[str, Verb] = {
    "retry": (lambda p, r: publishing.retry(p, r.user), lambda: _("It is on the queue again.")),
    "cancel": (
        lambda p, r: publishing.cancel(p, r.user),
        lambda: _("Cancelled; if it was being sent, it stops if it is not out yet."),
    ),
    "settle": (lambda p, r: publishing.settle_now(p, r.user), lambda: _("SocialHub looks now.")),
    "live": (_live, lambda: _("Noted: it is live.")),
    "again": (
        lambda p, r: publishing.resolve(p, r.user, live=False),
        lambda: _("Noted: it is not live. It is sent again."),
    ),
    "reschedule": (_reschedule, lambda: _("It has a new time.")),
}


def _life(request: HttpRequest, publication: Publication) -> dict[str, Any]:
    # An answer is the inbox's; anything else belongs to who schedules.
    verb = "answer_interaction" if publication.answers_id else "schedule_post"
    may_act = policies.can(request.user, verb)
    moving = publication.status in (*IN_FLIGHT, "scheduled")
    return {
        "publication": publication,
        "headline": headline(publication),
        "remedy": remedy(publication, request.user) if may_act else None,
        "may_act": may_act,
        "marks": registries.publication_marks(request.user, [publication.pk]).get(publication.pk),
        "may_move": may_act and publication.status in CHANGEABLE,
        "may_cancel": may_act and publication.status in (*CHANGEABLE, *IN_FLIGHT),
        "may_settle": may_act and publication.status == "unknown",
        "asks_person": may_act and publication.status == "unknown" and publication.needs_person,
        "lines": publishing.timeline(publication),
        "is_moving": moving,
    }


def _numbers_url(publication: Publication) -> str:
    """The panel of another app; without that app the page does without it."""
    try:
        return reverse("analytics:publication-panel", args=[publication.pk])
    except NoReverseMatch:
        return ""
