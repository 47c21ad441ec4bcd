"""Imports of posts: the list is what was handed in, the page of one is its check."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from socialhub import badges
from socialhub.admin.base import DeskAdmin, PagesMixin, may
from socialhub.models import ImportState, PostImport
from socialhub.views import imports

# state → look of socialhub.badges
LOOKS = {
    ImportState.CHECKING: "running",
    ImportState.CHECKED: "draft",
    ImportState.IMPORTING: "running",
    ImportState.IMPORTED: "done",
    ImportState.REFUSED: "failed",
}


@admin.register(PostImport)
class PostImportAdmin(PagesMixin, DeskAdmin):
    list_display = ["name", "state_shown", "rows_shown", "bad_shown", "made_shown", "user", "at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_filter_sheet = True
    list_select_related = ["user"]
    search_fields = ["name"]
    # The page has its own button, with words.
    show_add_link = False
    list_before_template = "socialhub/imports/list_before.html"

    has_view_permission = may("write_post")
    has_add_permission = may("write_post")
    has_change_permission = may("write_post")

    own_pages = [
        ("template/<slug:kind>/", imports.template, "template"),
        ("<int:pk>/live/", imports.live, "live"),
        ("<int:pk>/problems/", imports.problems, "problems"),
        ("<int:pk>/do/<slug:verb>/", imports.verb, "verb"),
    ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Old ones are removed by themselves.
        return False

    def own_add(self, request: HttpRequest) -> HttpResponse:
        return imports.add(request, self)

    def own_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return imports.page(request, self, object_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.annotate(
            bad=Count("rows", filter=Q(rows__problem_count__gt=0)),
            made=Count("rows", filter=Q(rows__imported_at__isnull=False)),
        )

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, batch: PostImport) -> SafeString:
        look = LOOKS[ImportState(batch.state)]
        return badges.badge(look, batch.get_state_display())

    @admin.display(description=gettext_lazy("rows"), ordering="total")
    def rows_shown(self, batch: Any) -> SafeString:
        return badges.number(batch.total)

    @admin.display(description=gettext_lazy("with problems"))
    def bad_shown(self, batch: Any) -> SafeString:
        return badges.number(batch.bad)

    @admin.display(description=gettext_lazy("drafts"))
    def made_shown(self, batch: Any) -> SafeString:
        return badges.number(batch.made)

    @admin.display(description=gettext_lazy("handed in"), ordering="created_at")
    def at(self, batch: PostImport) -> SafeString:
        return badges.ago(batch.created_at)
