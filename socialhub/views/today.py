"""Today, the landing page, and its buttons."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from socialhub import policies, registries
from socialhub.models import Organisation, Post, Publication
from socialhub.queries import today as queries
from socialhub.services import demo, health, posts, publishing, setup
from socialhub.views import desk

TEMPLATE = "socialhub/today/today.html"


def today(request: HttpRequest) -> HttpResponse:
    """Nobody without a role sees posts; they get a page that says so."""
    if not policies.can(request.user, "view"):
        return desk.page(request, "socialhub/today/no_role.html", _("Today"))
    organisation = Organisation.get()
    able = policies.can(request.user, "change_organisation")
    return desk.page(
        request,
        TEMPLATE,
        _("Today"),
        today=queries.today(request.user),
        panels=[reverse(name) for name in registries.panels("today")],
        steps=setup.steps() if able and not organisation.setup_done else None,
        demo=able and demo.present(),
        may_write=policies.can(request.user, "write_post"),
    )


@require_GET
@desk.needs_verb("view")
def body(request: HttpRequest) -> HttpResponse:
    """The live part again, asked for every few seconds."""
    return _body(request)


def _body(request: HttpRequest) -> HttpResponse:
    return desk.fragment(
        request,
        f"{TEMPLATE}#body",
        today=queries.today(request.user),
        may_write=policies.can(request.user, "write_post"),
    )


@require_GET
@desk.needs_verb("view")
def pulse(request: HttpRequest) -> HttpResponse:
    """Punctuality and health, loaded after the page since they take longer."""
    now = timezone.now()
    return desk.fragment(
        request,
        f"{TEMPLATE}#pulse",
        punctuality=publishing.punctuality(now),
        dead=[part for part in health.required(now) if not part.ok],
        may_see_system=policies.can(request.user, "view_system"),
    )


@require_POST
@desk.needs_verb("view")
def act(request: HttpRequest, verb: str, pk: int) -> HttpResponse:
    """One button of "Needs you": the service decides, the page shows what became of it."""
    user = request.user
    if verb == "approve":
        post = get_object_or_404(Post.objects.visible_to(user), pk=pk)
        desk.attempt(request, lambda: posts.approve(post, user), _("Approved."))
    elif verb in ("retry", "look"):
        publication = get_object_or_404(Publication.objects.visible_to(user).for_list(), pk=pk)
        desk.attempt(request, *_of_publication(verb, publication, user))
    else:
        raise Http404
    if not desk.wants_fragment(request):
        return redirect("admin:index")
    return desk.answered(request, _body(request))


def _of_publication(verb: str, publication: Publication, user: Any) -> tuple[Any, str]:
    if verb == "retry":
        return lambda: publishing.retry(publication, user), _("It is sent again now.")
    return lambda: publishing.settle_now(publication, user), _("SocialHub looks at once.")
