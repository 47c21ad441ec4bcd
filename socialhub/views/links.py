"""`/l/{slug}`: send a visitor on and count the visit."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from socialhub.models import TrackedLink
from socialhub.services import links

COOKIE = "sh_visitor"
COOKIE_SECONDS = 90 * 86_400
# What browsers say when they fetch a page that nobody has clicked yet.
PREFETCH_HEADERS = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
PREFETCH_WORDS = ("prefetch", "prerender", "preview")


@require_safe
def follow(request: HttpRequest, slug: str) -> HttpResponse:
    """302 to the destination; HEAD and prefetches are not counted, crawlers only marked."""
    link = TrackedLink.objects.prefetch_related("destinations").filter(slug=slug).first()
    if link is None or not link.is_active or not link.destinations.all():
        raise Http404
    is_bot = links.is_crawler(request.headers)
    visitor = _visitor(request)
    counted = request.method == "GET" and not _is_prefetch(request)
    known = visitor is not None
    visitor = visitor or uuid.uuid4()
    response = HttpResponseRedirect(links.visit(link, visitor, is_bot=is_bot, counted=counted))
    response["Cache-Control"] = "no-store"
    # Search engines are to list the destination, not the short address.
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "strict-origin-when-cross-origin"
    if counted and not is_bot and not known:
        _remember(response, visitor)
    return response


def _visitor(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.COOKIES.get(COOKIE, ""))
    except ValueError:
        return None


def _remember(response: HttpResponse, visitor: uuid.UUID) -> None:
    """A random number that says nothing about the person, sent back to short links only."""
    response.set_cookie(
        COOKIE,
        str(visitor),
        max_age=COOKIE_SECONDS,
        path="/l/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _is_prefetch(request: HttpRequest) -> bool:
    said = " ".join(request.headers.get(name, "") for name in PREFETCH_HEADERS).lower()
    return any(word in said for word in PREFETCH_WORDS)
