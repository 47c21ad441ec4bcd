"""Per-person language, and the organisation's zone for everything shown."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from socialhub.models import Organisation, Preferences


class PreferencesMiddleware:
    """Activates the user's own language, else what the browser asked for, and the local zone.

    A language chosen in the interface (Django's language cookie) wins over the stored one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or request.path.startswith("/static/"):
            # An API token may activate a zone of its own; it must not outlive the request.
            with timezone.override(None):
                return self.get_response(request)
        from django.conf import settings

        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            chosen = Preferences.objects.filter(user=request.user).values_list(
                "language", flat=True
            )
            if language := chosen.first():
                translation.activate(language)
                request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        with timezone.override(Organisation.get().zone):
            return self.get_response(request)
