"""The list of leads; a lead's page and writing one by hand are crm.views.lead."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from crm.api import downloads
from crm.models import Lead, OdooStage
from crm.services import leads
from crm.views import lead as pages
from crm.views import looks
from socialhub import badges
from socialhub.admin.base import DeskAdmin, PagesMixin, may
from socialhub.admin.filters import AccountFilter
from socialhub.models import Campaign
from socialhub.services.errors import ServiceError


class StageFilter(DropdownFilter):
    """By the stage's name, as Odoo has it."""

    title = gettext_lazy("stage")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = OdooStage.objects.order_by("sequence", "odoo_id").values_list("name", flat=True)
        return [(name, name) for name in dict.fromkeys(names)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(stage_name=self.value()) if self.value() else queryset


class CampaignFilter(DropdownFilter):
    title = gettext_lazy("campaign")
    parameter_name = "campaign"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Campaign.objects.filter(leads__isnull=False).distinct()
        return [(str(row.pk), str(row)) for row in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(campaign=int(value)) if value.isdecimal() else queryset.none()


@admin.register(Lead)
class LeadAdmin(PagesMixin, DeskAdmin):
    class Media:
        css = {"all": ["crm/crm.css"]}

    list_display = ["title", "source_of", "about", "way", "stage_of", "amount", "since"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
        StageFilter,
        CampaignFilter,
        ("source", ChoicesDropdownFilter),
        AccountFilter,
    ]
    list_filter_sheet = True
    list_before_template = "crm/lead/list_before.html"
    search_fields = ["name", "contact_name", "email", "phone", "company"]
    actions = ["send_selected", "retry_selected", "download_csv", "download_xlsx"]
    ordering = ["-created_at", "-pk"]

    has_view_permission = may("view_leads")
    has_add_permission = may("capture_lead")
    has_change_permission = may("change_lead")
    has_export_permission = may("export_lead")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Figures hang on it: a person's data is erased instead.
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_list()

    # -- columns ------------------------------------------------------------------
    @admin.display(description=gettext_lazy("lead"), ordering="name")
    def title(self, lead: Lead) -> SafeString:
        return format_html(
            '<span class="sh-clamp sh-excerpt">{}</span><span class="sh-quiet crm-who">{}</span>',
            lead.name,
            looks.who(lead),
        )

    @admin.display(description=gettext_lazy("from"), ordering="source")
    def source_of(self, lead: Lead) -> SafeString:
        return looks.origin(lead)

    @admin.display(description=gettext_lazy("post"))
    def about(self, lead: Lead) -> SafeString:
        if lead.post is None:
            return SafeString("–")
        text = badges.excerpt(lead.post)
        return format_html('<span class="sh-clamp crm-about">{}</span>', text[:120])

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def way(self, lead: Lead) -> SafeString:
        return format_html("{} {}", looks.lead_state(lead), looks.lead_outcome(lead))

    @admin.display(description=gettext_lazy("stage"), ordering="stage__sequence")
    def stage_of(self, lead: Lead) -> str:
        return lead.stage_name or "–"

    @admin.display(description=gettext_lazy("revenue"), ordering="revenue__won")
    def amount(self, lead: Lead) -> SafeString:
        return looks.worth_shown(lead)

    @admin.display(description=gettext_lazy("since"), ordering="created_at")
    def since(self, lead: Lead) -> SafeString:
        return badges.ago(lead.created_at)

    # -- actions ------------------------------------------------------------------
    @admin.action(description=gettext_lazy("Send to Odoo"), permissions=["export"])
    def send_selected(self, request: HttpRequest, queryset: QuerySet[Lead]) -> None:
        try:
            run = leads.export(queryset, request.user)
        except ServiceError as exc:
            self.message_user(request, exc.message, messages.ERROR)
            return
        link = looks.run_link(run)
        text = _("They are being sent; those that are in Odoo already are left as they are.")
        self.message_user(request, format_html("{} {}", text, link))

    @admin.action(description=gettext_lazy("Try parked ones again"), permissions=["export"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Lead]) -> None:
        try:
            count = leads.retry(queryset, request.user)
        except ServiceError as exc:
            self.message_user(request, exc.message, messages.ERROR)
            return
        text = ngettext("%(n)s is tried again.", "%(n)s are tried again.", count) % {"n": count}
        self.message_user(request, text)

    @admin.action(description=gettext_lazy("Download as CSV"), permissions=["view"])
    def download_csv(self, request: HttpRequest, queryset: QuerySet[Lead]) -> Any:
        return self._download(request, queryset, "csv")

    @admin.action(description=gettext_lazy("Download as XLSX"), permissions=["view"])
    def download_xlsx(self, request: HttpRequest, queryset: QuerySet[Lead]) -> Any:
        return self._download(request, queryset, "xlsx")

    def _download(
        self, request: HttpRequest, rows: QuerySet[Lead], kind: str
    ) -> HttpResponseBase | None:
        try:
            return downloads.answer(rows, kind)
        except ServiceError as exc:
            self.message_user(request, exc.message, messages.ERROR)
            return None

    # -- pages --------------------------------------------------------------------
    own_pages = [
        ("<int:pk>/erase/", pages.erase, "erase"),
        ("<int:pk>/conflicts/<int:conflict>/", pages.settle, "settle"),
        ("<int:pk>/do/<slug:verb>/", pages.verb, "verb"),
    ]

    def own_add(self, request: HttpRequest) -> HttpResponse:
        return pages.add(request, self)

    def own_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return pages.page(request, self, object_id)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {**(extra_context or {}), **pages.standing(request)}
        return super().changelist_view(request, extra)
