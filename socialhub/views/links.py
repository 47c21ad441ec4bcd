"""`/l/{slug}`: send a visitor on and count the visit."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from socialhub.models import TrackedLink
from socialhub.services import links
from socialhub.views import visitors

PATH = "/l/"


@require_safe
def follow(request: HttpRequest, slug: str) -> HttpResponse:
    """302 to the destination; HEAD and prefetches are not counted, crawlers only marked."""
    link = TrackedLink.objects.prefetch_related("destinations").filter(slug=slug).first()
    if link is None or not link.is_active or not link.destinations.all():
        raise Http404
    is_bot = links.is_crawler(request.headers)
    known = visitors.known(request)
    visitor = known or uuid.uuid4()
    counted = visitors.counts(request)
    response = HttpResponseRedirect(links.visit(link, visitor, is_bot=is_bot, counted=counted))
    response["Cache-Control"] = "no-store"
    # Search engines are to list the destination, not the short address.
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "strict-origin-when-cross-origin"
    if counted and not is_bot and known is None:
        visitors.remember(response, visitor, PATH)
    return response
