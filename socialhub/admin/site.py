"""The admin site: unfold's shell, with the desk's own pages and Today as its landing page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.sites import UnfoldAdminSite


class SocialHubAdminSite(UnfoldAdminSite):
    """Pages of our own live beside the model admins, behind the same login."""

    def extra_urls(self) -> list[URLPattern]:
        # Views load models, which are not ready while this module is imported.
        from socialhub.views import desk_urls

        return [
            path(route, self.admin_view(view), name=name) for route, view, name in desk_urls.PAGES
        ]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        from socialhub.views.today import today

        return today(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        from socialhub.views.notices import unread

        context = super().each_context(request)
        if self.has_permission(request):
            context["sh_unread"] = unread(request.user)
        return context
