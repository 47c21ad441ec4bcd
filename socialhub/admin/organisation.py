"""The organisation: one row, so its list is its page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from socialhub.admin.base import DeskAdmin
from socialhub.models import Organisation


@admin.register(Organisation)
class OrganisationAdmin(DeskAdmin):
    fieldsets = [
        (None, {"fields": ["name", ("timezone", "language", "currency")]}),
        (gettext_lazy("Brand"), {"fields": ["brand_colours", "brand_voice", "logo"]}),
        (gettext_lazy("Working rules"), {"fields": ["missed_after_minutes", "self_approval"]}),
    ]
    autocomplete_fields = ["logo"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:socialhub_organisation_change", Organisation.get().pk)
