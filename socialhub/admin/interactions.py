"""The inbox as a list; answering happens on the inbox page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from socialhub import badges
from socialhub.admin.base import ExportAdmin, ReadOnlyAdmin, may, run_verb
from socialhub.admin.exports import InteractionExport
from socialhub.admin.filters import AccountFilter, AnsweredFilter
from socialhub.models import Interaction
from socialhub.services import interactions


@admin.register(Interaction)
class InteractionAdmin(ExportAdmin, ReadOnlyAdmin):
    resource_classes = [InteractionExport]
    list_display = ["excerpt", "author_handle", "kind", "profile", "state", "assignee", "written"]
    list_filter = [AnsweredFilter, AccountFilter, ("kind", ChoicesDropdownFilter)]
    search_fields = ["text", "author_handle", "author_name"]
    actions = ["archive_selected", "assign_selected"]
    fields = [
        ("author_handle", "author_name"),
        "text",
        ("kind", "account"),
        "publication",
        "permalink",
        ("created_at", "collected_at"),
        ("answered_at", "archived_at", "assignee"),
    ]

    has_answer_permission = may("answer_interaction")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_list()

    @admin.display(description=gettext_lazy("text"), ordering="text")
    def excerpt(self, interaction: Interaction) -> SafeString:
        text = " ".join(interaction.text.split()) or _("(without text)")
        return format_html('<span class="sh-clamp sh-excerpt">{}</span>', text[:200])

    @admin.display(description=gettext_lazy("account"), ordering="account__handle")
    def profile(self, interaction: Interaction) -> SafeString:
        return badges.network(interaction.account)

    @admin.display(description=gettext_lazy("state"))
    def state(self, interaction: Interaction) -> SafeString:
        if interaction.answered_at:
            return badges.badge("ok", _("answered"))
        if interaction.archived_at:
            return badges.badge("cancelled", _("archived"))
        return badges.badge("waiting", _("waiting"))

    @admin.display(description=gettext_lazy("written"), ordering="created_at")
    def written(self, interaction: Interaction) -> SafeString:
        return badges.ago(interaction.created_at)

    @admin.action(description=gettext_lazy("Archive"), permissions=["answer"])
    def archive_selected(self, request: HttpRequest, queryset: QuerySet[Interaction]) -> None:
        done = _("%(count)d archived")
        run_verb(self, request, queryset, lambda i: interactions.archive(i, request.user), done)

    @admin.action(description=gettext_lazy("Assign to me"), permissions=["answer"])
    def assign_selected(self, request: HttpRequest, queryset: QuerySet[Interaction]) -> None:
        user = request.user
        done = _("%(count)d assigned to you")
        run_verb(self, request, queryset, lambda i: interactions.assign(i, user, user), done)
