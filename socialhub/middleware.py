"""Per-person language, the organisation's zone, and what pages need but the API does not."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from socialhub.models import Organisation, Preferences

API = "/api/"
# Nothing of it is to be run, shown in a frame, or loaded from anywhere.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


def comes_with_token(request: HttpRequest) -> bool:
    """A program's request: its session, if it sends one, counts for nothing."""
    given: str = request.META.get("HTTP_AUTHORIZATION", "")
    return given[:7].lower() == "bearer " and request.path_info.startswith(API)


class PageMessages(MessageMiddleware):
    """The API shows no messages."""

    def process_request(self, request: HttpRequest) -> None:
        if not request.path_info.startswith(API):
            super().process_request(request)


class ContentSecurityPolicy(CSPMiddleware):
    """The policy of pages, put together for each, and one that never changes for data."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.status_code == 304:
            # The copy goes on with the policy it came with: a new nonce would not fit.
            return response
        if response.headers.get("Content-Type") == "application/json":
            response.headers.setdefault(HEADER, DATA_POLICY)
            return response
        return super().process_response(request, response)


class PreferencesMiddleware:
    """Activates the user's own language, else what the browser asked for, and the local zone.

    A language chosen in the interface (Django's language cookie) wins over the stored one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._is_nobodys(request):
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

    @staticmethod
    def _is_nobodys(request: HttpRequest) -> bool:
        return (
            comes_with_token(request)
            or not request.user.is_authenticated
            or request.path.startswith("/static/")
        )
