"""Publications, whose page tells their life, and the record of attempts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)

from socialhub import badges
from socialhub.admin.base import ExportAdmin, ReadOnlyAdmin, may, run_verb
from socialhub.admin.exports import PublicationExport
from socialhub.admin.filters import AccountFilter, PublicationPlatformFilter
from socialhub.admin.history import HistoryAdmin
from socialhub.admin.marks import MarkedMixin
from socialhub.models import Publication, PublicationAttempt
from socialhub.models.accounts import granted_account_ids
from socialhub.services import publishing
from socialhub.views import publication as pages


@admin.register(Publication)
class PublicationAdmin(MarkedMixin, ExportAdmin, HistoryAdmin):
    """Made by the composer; its state is changed by verbs only."""

    resource_classes = [PublicationExport]
    list_display = ["excerpt", "state", "profile", "when", "trouble"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        PublicationPlatformFilter,
        AccountFilter,
        ("post__campaign", RelatedDropdownFilter),
        ("due_at", RangeDateTimeFilter),
    ]
    list_filter_sheet = True
    list_filter_submit = True
    search_fields = ["post__text", "text_override", "account__handle", "remote_id"]
    actions = ["retry_selected", "cancel_selected", "settle_selected"]

    has_schedule_permission = may("schedule_post")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_list().select_related("post__campaign")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # -- columns ------------------------------------------------------------------
    @admin.display(description=gettext_lazy("publication"), ordering="post__text")
    def excerpt(self, publication: Publication) -> SafeString:
        text = " ".join(publication.full_text.split()) or _("(without text)")
        return format_html('<span class="sh-clamp sh-excerpt">{}</span>', text[:200])

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, publication: Publication) -> SafeString:
        marks = badges.marks(getattr(publication, "marks", ()))
        return format_html("{} {}", badges.status(publication), marks)

    @admin.display(description=gettext_lazy("account"), ordering="account__handle")
    def profile(self, publication: Publication) -> SafeString:
        return badges.network(publication.account)

    @admin.display(description=gettext_lazy("due or published"), ordering="due_at")
    def when(self, publication: Publication) -> SafeString:
        return badges.ago(publication.published_at or publication.due_at)

    @admin.display(description=gettext_lazy("what happened"))
    def trouble(self, publication: Publication) -> SafeString:
        sentence = publishing.explain(publication)
        return format_html('<span class="sh-clamp sh-excerpt">{}</span>', sentence or "–")

    # -- actions ------------------------------------------------------------------
    @admin.action(description=gettext_lazy("Send again"), permissions=["schedule"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        done = _("%(count)d on the queue again")
        run_verb(self, request, queryset, lambda p: publishing.retry(p, request.user), done)

    @admin.action(description=gettext_lazy("Cancel"), permissions=["schedule"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        done = _("%(count)d cancelled or asked to stop")
        run_verb(self, request, queryset, lambda p: publishing.cancel(p, request.user), done)

    @admin.action(description=gettext_lazy("Look at the network now"), permissions=["schedule"])
    def settle_selected(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        done = _("%(count)d will be looked at")
        run_verb(self, request, queryset, lambda p: publishing.settle_now(p, request.user), done)

    # -- the page -----------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        verb = path(
            "<int:pk>/do/<slug:verb>/",
            wrap(pages.verb),
            {"model_admin": self},
            "socialhub_publication_verb",
        )
        return [verb, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return pages.page(request, self, object_id)


@admin.register(PublicationAttempt)
class PublicationAttemptAdmin(ReadOnlyAdmin):
    list_display = ["publication", "number", "started_at", "result", "http_status", "error_code"]
    list_filter = [("outcome", ChoicesDropdownFilter), ("started_at", RangeDateTimeFilter)]
    list_filter_submit = True
    list_select_related = ["publication__post", "publication__account"]
    search_fields = ["publication__post__text", "remote_id", "error_code"]
    fields = [
        "publication",
        "number",
        ("started_at", "finished_at"),
        "outcome",
        ("http_status", "error_code"),
        "error_detail",
        ("remote_id", "permalink"),
        ("newest_id_before", "is_duplicate"),
    ]
    ordering = ["-started_at"]

    def visible(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        granted = granted_account_ids(request.user)
        return rows if granted is None else rows.filter(publication__account_id__in=granted)

    @admin.display(description=gettext_lazy("outcome"), ordering="outcome")
    def result(self, attempt: PublicationAttempt) -> SafeString:
        if not attempt.outcome:
            return badges.badge("publishing", _("under way"))
        looks = {"accepted": "published", "refused": "failed", "unknown": "unknown"}
        return badges.badge(looks.get(attempt.outcome, "cancelled"), attempt.get_outcome_display())
