"""ETags by data version: what a caller has already is not computed, nor sent, again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response

# To be raised when an answer gets another shape: callers keep their copies over an update.
SHAPE = 1
JSON = "json"
VARY = ("Accept", "Accept-Language", "Authorization", "Cookie")


def tag(request: Request, key: str) -> str:
    """The ETag of what `key` means on this address, for this kind of reader.

    Weak: equal in content, not byte for byte after a proxy compressed it.
    """
    parts = (
        SHAPE,
        settings.SPECTACULAR_SETTINGS["VERSION"],
        request.path,
        request.accepted_media_type,
        translation.get_language(),
        timezone.get_current_timezone_name(),
        key,
    )
    digest = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
    return f'W/"{digest[:32]}"'


def unchanged(request: Request, etag: str) -> HttpResponseBase | None:
    """304 when the caller has this already."""
    answer = get_conditional_response(request._request, etag=etag)
    if answer is not None:
        answer["ETag"] = etag
    return answer


def answer(
    request: Request, key: str, build: Callable[[], Any], *, keep: bool = True
) -> HttpResponseBase:
    """304, the answer kept for this key, or a new one from `build`.

    `key` holds everything the answer depends on besides language and format, also which accounts
    the person may see: people of equal rights share an answer. With `keep=False` it is made anew
    each time: there are too many different ones.
    """
    renderer: Any = request.accepted_renderer
    if renderer.format != JSON:
        # The page for browsers shows more than the figures: who is signed in, forms.
        return Response(build())
    etag = tag(request, key)
    if same := unchanged(request, etag):
        return same
    kept = caches["local"]
    body = kept.get(etag) if keep else None
    if body is None:
        body = renderer.render(build(), request.accepted_media_type, {})
        if keep:
            kept.set(etag, body)
    return HttpResponse(body, content_type=renderer.media_type, headers={"ETag": etag})


def private(response: HttpResponseBase) -> None:
    """Only the reader's own cache may keep it, and has to ask each time."""
    if response.has_header("Cache-Control"):
        patch_cache_control(response, private=True, no_cache=True)
    else:
        response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, VARY)
