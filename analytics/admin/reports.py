"""Reports, who gets them, and what became of each delivery."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminPasswordWidget

from analytics.models import AnalyticsReport, ReportDelivery, ReportRecipient
from analytics.services.reports import delivering, document, making, recipients, scopes, shown
from analytics.views import reports as pages
from socialhub import badges
from socialhub.admin.base import DeskAdmin, PagesMixin, ReadOnlyAdmin, may, run_verb
from socialhub.models import DeliveryState
from socialhub.services.errors import Invalid


@admin.register(AnalyticsReport)
class AnalyticsReportAdmin(PagesMixin, DeskAdmin):
    """Made by a form or by the clock; then only to read, to take away and to send."""

    list_display = ["name", "period", "covers", "posts", "engagement", "made", "received"]
    list_filter = [("report_type", ChoicesDropdownFilter)]
    list_before_template = "analytics/report/list_before.html"
    actions = ["send_selected", "make_selected_again"]
    ordering = ["-period_end", "-period_start", "report_type", "-revision"]

    has_add_permission = may("generate_report")
    has_view_permission = may("view_reports")
    has_send_permission = may("send_report")
    has_generate_permission = may("generate_report")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        deliveries = ReportDelivery.objects.only("report_id", "state")
        rows = super().get_queryset(request).prefetch_related(Prefetch("deliveries", deliveries))
        # A page of the list would read megabytes of figures.
        return rows.defer("details", "sections", "top_posts", "telegram_summary")

    # -- columns ------------------------------------------------------------------
    @admin.display(description=gettext_lazy("report"), ordering="report_type")
    def name(self, report: AnalyticsReport) -> str:
        title = document.title(report.report_type)
        if report.revision == 1:
            return title
        return _("%(title)s, revision %(number)s") % {"title": title, "number": report.revision}

    @admin.display(description=gettext_lazy("period"), ordering="period_end")
    def period(self, report: AnalyticsReport) -> str:
        return f"{shown.day(report.period_start)} – {shown.day(report.period_end)}"

    @admin.display(description=gettext_lazy("covers"))
    def covers(self, report: AnalyticsReport) -> str:
        return scopes.describe(report.scope_key) or _("everything")

    @admin.display(description=gettext_lazy("posts"), ordering="total_posts")
    def posts(self, report: AnalyticsReport) -> SafeString:
        return badges.number(report.total_posts)

    @admin.display(description=gettext_lazy("engagement"), ordering="engagement_change_pct")
    def engagement(self, report: AnalyticsReport) -> str:
        return shown.change(report.engagement_change_pct)

    @admin.display(description=gettext_lazy("made"), ordering="made_at")
    def made(self, report: AnalyticsReport) -> SafeString:
        return badges.ago(report.made_at)

    @admin.display(description=gettext_lazy("sent"))
    def received(self, report: AnalyticsReport) -> SafeString:
        counts = Counter(delivery.state for delivery in report.deliveries.all())
        if not counts:
            return format_html('<span class="sh-quiet">{}</span>', _("to nobody"))
        words = [(state, DeliveryState(state).label, count) for state, count in counts.items()]
        return format_html_join(
            " ", "{}", ((badges.badge(state, f"{word} {n}"),) for state, word, n in sorted(words))
        )

    # -- actions ------------------------------------------------------------------
    @admin.action(description=gettext_lazy("Send to the subscribers"), permissions=["send"])
    def send_selected(self, request: HttpRequest, queryset: QuerySet[AnalyticsReport]) -> None:
        done = _("%(count)d queued for the subscribers who did not get it yet")
        run_verb(self, request, queryset, lambda r: delivering.send(r, request.user), done)

    @admin.action(
        description=gettext_lazy("Make again with the numbers of now"), permissions=["generate"]
    )
    def make_selected_again(
        self, request: HttpRequest, queryset: QuerySet[AnalyticsReport]
    ) -> None:
        done = _("%(count)d made again, each as a new revision")
        run_verb(self, request, queryset, lambda r: making.again(r, request.user), done)

    # -- pages --------------------------------------------------------------------
    own_pages = [
        ("<int:pk>/send/", pages.send, "send"),
        ("<int:pk>/again/", pages.again, "again"),
        ("<int:pk>/download/<slug:kind>/", pages.download, "download"),
        ("<int:pk>/printing/<uuid:job_id>/", pages.printing, "printing"),
        ("<int:pk>/deliveries/", pages.deliveries, "deliveries"),
        ("<int:pk>/deliveries/<int:delivery_pk>/again/", pages.try_again, "try_again"),
    ]

    def own_add(self, request: HttpRequest) -> HttpResponse:
        return pages.generate(request, self)

    def own_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return pages.page(request, self, object_id)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {**(extra_context or {}), **pages.standing(request)}
        return super().changelist_view(request, extra)


class RecipientForm(forms.ModelForm):
    """The address may hold tokens: it can be replaced, never read."""

    address = forms.CharField(
        label=gettext_lazy("address"),
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "A mail address, or an Apprise address like tgram://TOKEN/CHAT or slack://A/B/C. "
            "It is stored encrypted and not shown again; leave it empty to keep the stored one."
        ),
    )

    class Meta:
        model = ReportRecipient
        fields = ["name", "language", "wants_weekly", "wants_monthly", "is_active"]

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        if not address:
            if self.instance.pk is None:
                raise forms.ValidationError(_("Enter the address."))
            return ""
        try:
            recipients.check(address)
        except Invalid as exc:
            raise forms.ValidationError(exc.message) from None
        return address

    def save(self, commit: bool = True) -> ReportRecipient:
        if self.cleaned_data["address"]:
            self.instance.url = self.cleaned_data["address"]
        return super().save(commit)


@admin.register(ReportRecipient)
class ReportRecipientAdmin(DeskAdmin):
    form = RecipientForm
    list_display = ["name", "language", "wants_weekly", "wants_monthly", "is_active"]
    search_fields = ["name"]
    fields = ["name", "address", "language", ("wants_weekly", "wants_monthly"), "is_active"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # The encrypted address is not even read.
        return super().get_queryset(request).defer("url")


@admin.register(ReportDelivery)
class ReportDeliveryAdmin(ReadOnlyAdmin):
    """The log: who got which report, and what went wrong."""

    list_display = ["of", "name", "status", "attempts", "error", "sent"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["name"]
    actions = ["try_selected_again"]
    fields = [
        ("report", "name"),
        ("state", "attempts"),
        "error",
        ("created_at", "next_try_at", "sent_at"),
    ]

    has_send_permission = may("send_report")

    def visible(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        seen = AnalyticsReport.objects.visible_to(request.user)
        rows = rows.filter(report__in=seen.values("pk")).select_related("report")
        return rows.defer("report__details", "report__sections", "report__telegram_summary")

    @admin.display(description=gettext_lazy("report"))
    def of(self, delivery: ReportDelivery) -> str:
        report = delivery.report
        return f"{document.title(report.report_type)}, {shown.day(report.period_start)}"

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def status(self, delivery: ReportDelivery) -> SafeString:
        return badges.status(delivery)

    @admin.display(description=gettext_lazy("sent"), ordering="sent_at")
    def sent(self, delivery: ReportDelivery) -> SafeString:
        return badges.ago(delivery.sent_at)

    @admin.action(description=gettext_lazy("Try again"), permissions=["send"])
    def try_selected_again(self, request: HttpRequest, queryset: QuerySet[ReportDelivery]) -> None:
        count = delivering.try_again(queryset, request.user)
        self.message_user(request, _("%(count)d will be sent again") % {"count": count})
