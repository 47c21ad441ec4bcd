"""The list of series; the editor and the page of a series are threads.views.series_*."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter

from socialhub import badges, policies
from socialhub.admin.base import PagesMixin, may
from socialhub.admin.filters import AccountFilter, ArchivedFilter
from socialhub.admin.history import HistoryAdmin
from threads.models import SeriesState, ThreadSeries
from threads.queries import lists
from threads.views import series_looks, series_page, series_reword, series_text, series_writing


class SeriesAccountFilter(AccountFilter):
    path = "accounts"


class StateFilter(DropdownFilter):
    """Where the series is: the state derived from its parts."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(SeriesState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(state_now=value) if value else queryset


@admin.register(ThreadSeries)
class ThreadSeriesAdmin(PagesMixin, HistoryAdmin):
    class Media:
        css = {"all": ["threads/series.css"]}

    list_display = ["named", "state_shown", "on", "out", "due", "campaign", "author"]
    list_filter = [
        StateFilter,
        SeriesAccountFilter,
        ("campaign", RelatedDropdownFilter),
        ArchivedFilter,
    ]
    list_filter_sheet = True
    # The page has its own button, with words.
    show_add_link = False
    list_before_template = "threads/series/list_before.html"
    search_fields = ["title", "topic", "parts__text"]
    ordering = ["-created_at", "-pk"]

    has_view_permission = may("view_threads")
    has_add_permission = may("write_thread")
    has_change_permission = may("write_thread")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A draft is deleted on its page; what went out stays to be read.
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return lists.for_list(super().get_queryset(request))

    # -- columns ------------------------------------------------------------------
    @admin.display(description=gettext_lazy("series"), ordering="title")
    def named(self, row: Any) -> SafeString:
        count = ngettext("%(n)s part", "%(n)s parts", row.n_parts) % {"n": row.n_parts}
        return format_html(
            '<span class="sh-clamp sh-excerpt">{}</span><span class="sh-quiet">{}</span>',
            row.title,
            count,
        )

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: ThreadSeries) -> SafeString:
        return series_looks.state(row)

    @admin.display(description=gettext_lazy("accounts"))
    def on(self, row: ThreadSeries) -> SafeString:
        lines = format_html_join(
            "",
            '<div class="sh-on">{}</div>',
            ((badges.network(one),) for one in row.accounts.all()),
        )
        return format_html("<div>{}</div>", lines) if lines else SafeString("–")

    @admin.display(description=gettext_lazy("published"), ordering="n_out")
    def out(self, row: Any) -> SafeString:
        return series_looks.out(row.n_out, row.n_rows)

    @admin.display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, row: ThreadSeries) -> SafeString:
        return badges.ago(row.due_at)

    # -- pages --------------------------------------------------------------------
    own_pages = [
        ("live/", series_writing.live, "live"),
        ("media/", series_writing.upload, "media"),
        ("picture/", series_writing.picture, "picture"),
        ("write/", series_text.write, "write"),
        ("write/<uuid:job_id>/", series_text.written, "written"),
        ("reword/", series_reword.reword, "reword"),
        ("reword/<uuid:job_id>/", series_reword.reworded, "reworded"),
        ("sources/<slug:name>/", series_text.sources, "sources"),
        ("<int:pk>/edit/", series_writing.edit, "edit"),
        ("<int:pk>/life/", series_page.life, "life"),
        ("<int:pk>/do/<slug:verb>/", series_page.verb, "verb"),
    ]

    def own_add(self, request: HttpRequest) -> HttpResponse:
        return series_writing.add(request, self)

    def own_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return series_page.page(request, self, object_id)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user: Any = request.user
        extra = {
            **(extra_context or {}),
            "ts_any": ThreadSeries.objects.visible_to(user).exists(),
            "ts_may_write": policies.can(user, "write_thread"),
        }
        return super().changelist_view(request, extra)
