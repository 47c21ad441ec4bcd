"""What every admin of the desk shares: visible rows only, verbs with counts, no bulk delete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm

from socialhub import policies, registries
from socialhub.services.errors import ServiceError

Permission = Callable[..., bool]


def may(verb: str) -> Permission:
    """A `has_…_permission` method that asks the policy for a verb."""

    def has(self: Any, request: HttpRequest, obj: Any = None) -> bool:
        return policies.can(request.user, verb)

    return has


class DeskAdmin(ModelAdmin):
    """Rows this person may see, 50 a page, nothing deleted in bulk."""

    list_per_page = 50
    list_filter_sheet = False
    show_full_result_count = False
    warn_unsaved_form = True

    class Media:
        css = {"all": ["socialhub/composer.css"]}
        js = ["socialhub/composer.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.visible(request, super().get_queryset(request))

    def visible(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The part of `rows` this person may see."""
        narrow = getattr(rows, "visible_to", None)
        return rows if narrow is None else narrow(request.user)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        for offered in registries.list_actions(self.opts.label_lower):
            if policies.can(request.user, offered.verb):
                actions[offered.name] = (offered.run, offered.name, offered.description)
        return actions


class PagesMixin:
    """A model whose add and change pages are our own, with more addresses below each row.

    `own_pages` are (route, view, name); every view gets `model_admin`. The address is named
    "admin:{app}_{model}_{name}".
    """

    own_pages: ClassVar[Sequence[tuple[str, Callable[..., HttpResponse], str]]] = ()

    def get_urls(self: Any) -> list[URLPattern]:
        wrap, meta = self.admin_site.admin_view, self.model._meta
        return [
            path(
                route,
                wrap(view),
                {"model_admin": self},
                f"{meta.app_label}_{meta.model_name}_{name}",
            )
            for route, view, name in self.own_pages
        ] + super().get_urls()

    def own_add(self, request: HttpRequest) -> HttpResponse:
        """The page that makes a row; every admin with this mixin has its own."""
        raise NotImplementedError

    def own_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page of one row; every admin with this mixin has its own."""
        raise NotImplementedError

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self.own_add(request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return self.own_page(request, object_id)


class ReadOnlyAdmin(DeskAdmin):
    """What the machine writes: to look at, never to change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ExportAdmin(ExportMixin, DeskAdmin):
    """Lists that can be taken away as CSV or XLSX. Posts are imported on a page of their own."""

    export_form_class = ExportForm
    # XLSX needs openpyxl, which a slim installation may lack.
    formats = [CSV, XLSX] if find_spec("openpyxl") else [CSV]

    def get_export_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_export_resource_kwargs(request, **kwargs), "user": request.user}


def run_verb(
    admin: ModelAdmin,
    request: HttpRequest,
    rows: Iterable[Model],
    verb: Callable[[Any], object],
    done: str,
) -> None:
    """Call a service for each row and report: "3 approved, 1 refused: …".

    `done` is the translated word with %(count)d in it.
    """
    refused: Counter[str] = Counter()
    count = 0
    for row in rows:
        try:
            verb(row)
        except ServiceError as exc:
            refused[exc.message] += 1
        else:
            count += 1
    text = done % {"count": count}
    level = messages.SUCCESS
    if refused:
        reasons = " ".join(refused)
        text = _("%(done)s, %(count)d refused: %(reasons)s") % {
            "done": text,
            "count": refused.total(),
            "reasons": reasons,
        }
        level = messages.WARNING if count else messages.ERROR
    admin.message_user(request, text, level)
