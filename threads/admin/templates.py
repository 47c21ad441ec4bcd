"""Image templates: the list is the gallery, the page of one is the editor. Bulk runs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from socialhub import badges
from socialhub.admin.base import DeskAdmin, PagesMixin, ReadOnlyAdmin, may
from socialhub.admin.history import HistoryAdmin
from threads.models import ImageBatch, ImageTemplate, RenderedImage, RowState
from threads.views import bulk, templates, templates_editor, templates_panel


@admin.register(ImageTemplate)
class ImageTemplateAdmin(PagesMixin, HistoryAdmin):
    search_fields = ["name", "description"]

    has_view_permission = may("view_templates")
    has_add_permission = may("change_template")
    has_change_permission = may("change_template")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # It is archived: pictures name the version they were made with.
        return False

    own_pages = [
        ("live/", templates_editor.live, "live"),
        ("designs/<slug:slug>/copy/", templates.copy, "copy"),
        ("<int:pk>/use/", templates_panel.use, "use"),
        ("<int:pk>/do/<slug:verb>/", templates.verb, "verb"),
        ("<int:pk>/versions/<int:number>/restore/", templates.restore, "restore"),
    ]

    def own_add(self, request: HttpRequest) -> HttpResponse:
        return templates_editor.page(request, self, None)

    def own_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return templates_editor.page(request, self, object_id)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return templates.gallery(request, self)


@admin.register(ImageBatch)
class ImageBatchAdmin(PagesMixin, DeskAdmin):
    list_display = ["template", "state_shown", "made", "owner", "created_at"]
    list_filter = [("state", ChoicesDropdownFilter)]
    list_filter_sheet = True
    list_select_related = ["version__template", "owner"]
    search_fields = ["version__template__name"]
    # The page has its own button, with words.
    show_add_link = False
    list_before_template = "threads/bulk/list_before.html"
    ordering = ["-created_at", "-pk"]

    has_view_permission = may("render_template")
    has_add_permission = may("render_template")
    has_change_permission = may("render_template")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.annotate(
            rows_all=Count("rows"), rows_done=Count("rows", filter=Q(rows__state=RowState.DONE))
        )

    @admin.display(description=gettext_lazy("template"), ordering="version__template__name")
    def template(self, batch: ImageBatch) -> str:
        return str(batch.version.template)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, batch: ImageBatch) -> Any:
        return badges.badge(bulk.LOOKS[batch.state], batch.get_state_display())

    @admin.display(description=gettext_lazy("pictures"))
    def made(self, batch: Any) -> str:
        return _("%(done)s of %(all)s") % {"done": batch.rows_done, "all": batch.rows_all}

    own_pages = [
        ("columns/", bulk.columns, "columns"),
        ("items/", bulk.items, "items"),
        ("<int:pk>/live/", bulk.live, "live"),
        ("<int:pk>/do/<slug:verb>/", bulk.verb, "verb"),
    ]

    def own_add(self, request: HttpRequest) -> HttpResponse:
        return bulk.add(request, self)

    def own_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return bulk.page(request, self, object_id)


@admin.register(RenderedImage)
class RenderedImageAdmin(ReadOnlyAdmin):
    """Every picture made, with what it was made of."""

    list_display = ["picture", "template", "size", "renderer", "user", "created_at"]
    list_filter = ["renderer"]
    list_select_related = ["version__template", "media", "user"]
    search_fields = ["version__template__name", "sha256"]
    ordering = ["-created_at", "-pk"]

    has_view_permission = may("view_templates")

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, image: RenderedImage) -> Any:
        return bulk.thumbnail(image.media_id, image.media.alt_text)

    @admin.display(description=gettext_lazy("template"), ordering="version__template__name")
    def template(self, image: RenderedImage) -> str:
        told = {"name": image.version.template, "n": image.version.number}
        return _("%(name)s, version %(n)s") % told

    @admin.display(description=gettext_lazy("size"))
    def size(self, image: RenderedImage) -> str:
        return f"{image.width} × {image.height}"
