"""/healthz: the process is alive. /readyz: everything publishing needs is alive."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache

from socialhub.services import health


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """No database: a process that can answer this need not be restarted."""
    return JsonResponse({"status": "alive"})


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200, or 503 with the dead parts by name."""
    with translation.override("en"):
        parts = health.required(timezone.now())
    dead = health.dead(parts)
    answer = {
        "status": "not_ready" if dead else "ready",
        "dead": dead,
        "parts": {
            part.key: {"ok": part.ok, "seen": part.seen, "note": part.note} for part in parts
        },
    }
    return JsonResponse(answer, status=503 if dead else 200)
