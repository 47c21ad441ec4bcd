"""Products and services: written here, or Odoo's; posts about them and what those brought in."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from crm.models import Product, Service
from crm.services import catalogue
from crm.views import catalogue as pages
from crm.views import looks
from socialhub import badges, policies
from socialhub.admin.base import DeskAdmin, may
from socialhub.models import MediaAsset
from socialhub.services.errors import ServiceError


class OfferedFilter(DropdownFilter):
    title = gettext_lazy("offered")
    parameter_name = "offered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("yes")), ("no", _("not any more"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        offered = {"is_active": True, "is_available": True}
        if self.value() == "yes":
            return queryset.filter(**offered)
        return queryset.exclude(**offered) if self.value() == "no" else queryset


class MasterFilter(DropdownFilter):
    title = gettext_lazy("written in")
    parameter_name = "master"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("odoo", "Odoo"), ("here", "SocialHub")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("odoo", "here"):
            return queryset
        return queryset.filter(odoo_id__isnull=self.value() == "here")


class ItemForm(forms.ModelForm):
    """What a person may write; the service stores it."""

    class Meta:
        fields: ClassVar[list[str]] = list(catalogue.FIELDS)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        found["currency"] = str(found.get("currency") or "").strip().upper()
        if found.get("price") is not None and not found["currency"]:
            found["currency"] = pages.own_currency()
        if found["currency"] and not catalogue.CURRENCY.match(found["currency"]):
            self.add_error("currency", _("A currency is three letters, like EUR."))
        return found


class ItemAdmin(DeskAdmin):
    class Media:
        css = {"all": ["crm/crm.css"]}

    form = ItemForm
    list_display = ["picture", "name", "price_shown", "offered", "posts_about", "from_odoo"]
    list_display_links = ["picture", "name"]
    list_filter = [OfferedFilter, MasterFilter]
    list_before_template = "crm/catalogue/list_before.html"
    change_form_outer_before_template = "crm/catalogue/standing.html"
    search_fields = ["name", "description"]
    autocomplete_fields = ["image"]
    actions = ["read_selected"]
    ordering = ["name", "pk"]

    has_view_permission = may("view_catalogue")
    has_add_permission = may("change_catalogue")
    has_change_permission = may("change_catalogue")
    has_sync_permission = may("sync_odoo")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Posts and leads hang on it: it is made inactive instead.
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("image")
        return rows.annotate(n_posts=Count("posts"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is not None and obj.odoo_id is not None:
            return list(catalogue.FREE)
        return [
            "name",
            "description",
            ("price", "currency"),
            "tax_included",
            "url",
            "image",
            "is_active",
        ]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "image":
            kwargs["queryset"] = MediaAsset.objects.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # -- columns ------------------------------------------------------------------
    @admin.display(description="")
    def picture(self, item: Any) -> SafeString:
        if item.image is None:
            return format_html(
                '<span class="{} material-symbols-outlined" aria-hidden="true">{}</span>',
                "crm-no-picture",
                "sell" if item.kind == "product" else "handyman",
            )
        url = reverse("media-file", args=[item.image_id])
        return format_html(
            '<img src="{}?w=160" alt="" class="crm-thumb" loading="lazy" width="40" height="40">',
            url,
        )

    @admin.display(description=gettext_lazy("price"), ordering="price")
    def price_shown(self, item: Any) -> SafeString:
        return looks.money(item.price, item.currency, _("No price is told."))

    @admin.display(description=gettext_lazy("offered"), ordering="is_available")
    def offered(self, item: Any) -> SafeString:
        return pages.offered(item)

    @admin.display(description=gettext_lazy("posts"), ordering="n_posts")
    def posts_about(self, item: Any) -> SafeString:
        return badges.number(item.n_posts)

    @admin.display(description=gettext_lazy("read from Odoo"), ordering="synced_at")
    def from_odoo(self, item: Any) -> SafeString:
        if item.odoo_id is None:
            return format_html('<span class="sh-quiet">{}</span>', _("written here"))
        return badges.ago(item.synced_at)

    # -- actions ------------------------------------------------------------------
    @admin.action(description=gettext_lazy("Read from Odoo now"), permissions=["sync"])
    def read_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        pages.read_now(self, request, queryset)

    # -- storing ------------------------------------------------------------------
    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """The service stores it; what it refuses stands in the form."""
        given = {name: form.cleaned_data[name] for name in form.fields}
        if change:
            return catalogue.change(form.instance, request.user, **given)
        return catalogue.create(request.user, self.model, **given)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """It is stored already."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing else in the form."""

    # -- pages --------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(pages.write)
        name = f"crm_{self.opts.model_name}_write"
        return [path("<int:pk>/write/", view, {"model_admin": self}, name), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        extra = {"show_save_and_add_another": False, **(extra_context or {})}
        item = self.get_object(request, object_id) if object_id else None
        if item is not None:
            extra |= pages.standing(request, item)
        try:
            return super().changeform_view(request, object_id, form_url, extra)
        except ServiceError as exc:
            return pages.refused(request, exc)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {
            **(extra_context or {}),
            "crm_any": self.model.objects.exists(),
            "crm_kind": self.model.kind,
            "crm_may_connect": policies.can(request.user, "connect_odoo"),
        }
        return super().changelist_view(request, extra)


@admin.register(Product)
class ProductAdmin(ItemAdmin):
    pass


@admin.register(Service)
class ServiceAdmin(ItemAdmin):
    pass
