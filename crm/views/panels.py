"""Leads and revenue on the pages of a post and of a publication."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from crm.models import PriceFlag
from crm.queries import panel
from socialhub import policies
from socialhub.models import Post, Publication
from socialhub.views import desk

FOLDER = "crm/panels"


@require_GET
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """What one publication brought in."""
    user: Any = request.user
    row = get_object_or_404(Publication.objects.visible_to(user), pk=pk)
    if not policies.can(user, "view_attribution"):
        return HttpResponse()
    found = panel.for_publication(row, user)
    return desk.fragment(request, f"{FOLDER}/publication.html", panel=found)


@require_GET
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """Changed prices that the post may show, and what it brought in."""
    user: Any = request.user
    row = get_object_or_404(Post.objects.visible_to(user), pk=pk)
    flags = PriceFlag.objects.filter(post=row, settled_at__isnull=True)
    figures = policies.can(user, "view_attribution")
    return desk.fragment(
        request,
        f"{FOLDER}/post.html",
        flags=list(flags.select_related("product", "service")),
        may_settle=policies.can(user, "change_catalogue"),
        panel=panel.for_post(row, user) if figures else None,
    )
