"""The admin site: unfold's shell, with the desk's own pages and Today as its landing page."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.module_loading import module_has_submodule
from unfold.sites import UnfoldAdminSite


class SocialHubAdminSite(UnfoldAdminSite):
    """Pages of our own live beside the model admins, behind the same login."""

    def extra_urls(self) -> list[URLPattern]:
        # Views load models, which are not ready while this module is imported.
        from socialhub.views import desk_urls

        pages = list(desk_urls.PAGES)
        for app in apps.get_app_configs():
            # The pages of the apps above, found as Django finds their admin modules.
            if app.module and module_has_submodule(app.module, "desk_urls"):
                pages += import_module(f"{app.name}.desk_urls").PAGES
        return [path(route, self.admin_view(view), name=name) for route, view, name in pages]

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
