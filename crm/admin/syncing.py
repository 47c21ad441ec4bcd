"""Runs and log of the exchange with Odoo: written by the worker, to read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from crm.models import OdooSyncLog, OdooSyncRun
from crm.views import looks
from crm.views import runs as pages
from socialhub import badges
from socialhub.admin.base import ReadOnlyAdmin, may


@admin.register(OdooSyncRun)
class OdooSyncRunAdmin(ReadOnlyAdmin):
    list_display = ["name", "outcome", "counts", "by", "asked", "took"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        "connection",
    ]
    list_select_related = ["started_by"]
    ordering = ["-asked_at", "-pk"]

    has_view_permission = may("view_sync")

    @admin.display(description=gettext_lazy("run"), ordering="kind")
    def name(self, run: OdooSyncRun) -> str:
        return capfirst(run.get_kind_display())

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def outcome(self, run: OdooSyncRun) -> SafeString:
        return looks.run_state(run)

    @admin.display(description=gettext_lazy("counts"))
    def counts(self, run: OdooSyncRun) -> SafeString:
        return pages.counts(run)

    @admin.display(description=gettext_lazy("started by"), ordering="started_by")
    def by(self, run: OdooSyncRun) -> str:
        return str(run.started_by) if run.started_by else _("the clock")

    @admin.display(description=gettext_lazy("asked for"), ordering="asked_at")
    def asked(self, run: OdooSyncRun) -> SafeString:
        return badges.ago(run.asked_at)

    @admin.display(description=gettext_lazy("took"))
    def took(self, run: OdooSyncRun) -> str:
        return pages.duration(run)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(pages.live)
        own = path("<int:pk>/live/", view, {"model_admin": self}, "crm_odoosyncrun_live")
        return [own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return pages.page(request, self, object_id)


class ObjectFilter(DropdownFilter):
    title = gettext_lazy("object")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _page) in pages.OBJECTS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


class ObjectIdFilter(admin.SimpleListFilter):
    """Comes with the address of "every exchange about this lead"; it offers nothing by itself."""

    title = gettext_lazy("number")
    parameter_name = "object_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        given = request.GET.get("object_id", "")
        return [(given, given)] if given else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        fits = value.isdecimal() and len(value) < 19
        return queryset.filter(object_id=int(value)) if fits else queryset.none()


@admin.register(OdooSyncLog)
class OdooSyncLogAdmin(ReadOnlyAdmin):
    class Media:
        css = {"all": ["crm/crm.css"]}

    list_display = ["when", "about", "what", "result", "message_short", "tries", "took", "of_run"]
    list_display_links = ["when"]
    list_filter = [
        ObjectFilter,
        ("outcome", ChoicesDropdownFilter),
        ("direction", ChoicesDropdownFilter),
        ObjectIdFilter,
    ]
    list_before_template = "crm/odoo/log_before.html"
    search_fields = ["message", "error_class", "operation", "odoo_model"]
    list_select_related = ["run"]
    ordering = ["-at", "-pk"]
    fields = [
        ("at", "outcome"),
        ("object_type", "object_id"),
        ("operation", "direction", "attempt"),
        ("odoo_model", "odoo_id"),
        ("error_class", "http_status", "milliseconds"),
        "message",
        "before_and_after",
        "run",
    ]
    readonly_fields = ["before_and_after"]

    has_view_permission = may("view_sync")

    @admin.display(description=gettext_lazy("when"), ordering="at")
    def when(self, line: OdooSyncLog) -> SafeString:
        return badges.ago(line.at)

    @admin.display(description=gettext_lazy("about"), ordering="object_id")
    def about(self, line: OdooSyncLog) -> SafeString:
        return pages.about(line)

    @admin.display(description=gettext_lazy("operation"), ordering="operation")
    def what(self, line: OdooSyncLog) -> str:
        return f"{line.get_direction_display()}: {line.operation}"

    @admin.display(description=gettext_lazy("outcome"), ordering="outcome")
    def result(self, line: OdooSyncLog) -> SafeString:
        return looks.log_outcome(line)

    @admin.display(description=gettext_lazy("message"))
    def message_short(self, line: OdooSyncLog) -> SafeString:
        return format_html('<span class="sh-clamp sh-excerpt">{}</span>', pages.told(line))

    @admin.display(description=gettext_lazy("try"), ordering="attempt")
    def tries(self, line: OdooSyncLog) -> SafeString:
        return badges.number(line.attempt)

    @admin.display(description=gettext_lazy("ms"), ordering="milliseconds")
    def took(self, line: OdooSyncLog) -> SafeString:
        return badges.number(line.milliseconds) if line.milliseconds is not None else SafeString("")

    @admin.display(description=gettext_lazy("run"))
    def of_run(self, line: OdooSyncLog) -> SafeString:
        if line.run is None:
            return SafeString("–")
        url = reverse("admin:crm_odoosyncrun_change", args=[line.run_id])
        return format_html('<a href="{}">{}</a>', url, line.run.get_kind_display())

    @admin.display(description=gettext_lazy("what changed"))
    def before_and_after(self, line: OdooSyncLog) -> SafeString:
        return pages.changes(line)
