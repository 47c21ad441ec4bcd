"""Who visits our public pages: a random number in a cookie that says nothing about the person."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "sh_visitor"
COOKIE_SECONDS = 90 * 86_400
# What browsers say when they fetch a page that nobody has clicked yet.
PREFETCH_HEADERS = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
PREFETCH_WORDS = ("prefetch", "prerender", "preview")


def known(request: HttpRequest) -> uuid.UUID | None:
    """The visitor, when they were here before."""
    return read(request.COOKIES.get(COOKIE, ""))


def read(text: str) -> uuid.UUID | None:
    """A visitor's number; None when it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def remember(response: HttpResponse, visitor: uuid.UUID, path: str) -> None:
    """The browser sends it back to addresses under `path` only."""
    response.set_cookie(
        COOKIE,
        str(visitor),
        max_age=COOKIE_SECONDS,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def counts(request: HttpRequest) -> bool:
    """Is this a visit? HEAD and what a browser fetches ahead are none."""
    return request.method == "GET" and not _is_prefetch(request)


def _is_prefetch(request: HttpRequest) -> bool:
    said = " ".join(request.headers.get(name, "") for name in PREFETCH_HEADERS).lower()
    return any(word in said for word in PREFETCH_WORDS)
