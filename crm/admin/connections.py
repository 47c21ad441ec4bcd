"""Odoo connections: the list; connecting and a connection's page are crm.views.connections."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from crm.models import OdooConnection, RunState
from crm.views import connections as pages
from crm.views import looks
from socialhub import badges, policies
from socialhub.admin.base import DeskAdmin, PagesMixin, may


@admin.register(OdooConnection)
class OdooConnectionAdmin(PagesMixin, DeskAdmin):
    list_display = ["name", "url", "database", "standing", "version", "last_sync"]
    list_before_template = "crm/odoo/list_before.html"

    has_view_permission = may("view_sync")
    has_add_permission = may("connect_odoo")
    has_change_permission = may("connect_odoo")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Leads, runs and log hang on it: it is set aside.
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        done = Q(runs__state=RunState.DONE)
        return super().get_queryset(request).annotate(synced=Max("runs__finished_at", filter=done))

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, connection: OdooConnection) -> SafeString:
        return looks.connection_state(connection)

    @admin.display(description=gettext_lazy("last sync"), ordering="synced")
    def last_sync(self, connection: Any) -> SafeString:
        return badges.ago(connection.synced)

    own_pages = [
        ("<int:pk>/live/", pages.live, "live"),
        ("<int:pk>/going/", pages.going, "going"),
        ("<int:pk>/sync/", pages.sync, "sync"),
        ("<int:pk>/do/<slug:verb>/", pages.verb, "verb"),
    ]

    def own_add(self, request: HttpRequest) -> HttpResponse:
        return pages.add(request, self)

    def own_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return pages.page(request, self, object_id)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        ids = list(OdooConnection.objects.values_list("pk", flat=True)[:2])
        if len(ids) == 1 and not request.GET and policies.can(request.user, "view_sync"):
            # Nearly everybody has one: its page answers what people come for.
            return redirect("admin:crm_odooconnection_change", ids[0])
        extra = {
            **(extra_context or {}),
            "crm_any": bool(ids),
            "crm_may_connect": policies.can(request.user, "connect_odoo"),
        }
        return super().changelist_view(request, extra)
