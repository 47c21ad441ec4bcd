"""The organisation: one row, so its list is its page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelect2Widget

from socialhub.admin.base import DeskAdmin
from socialhub.admin.forms import zones
from socialhub.models import Organisation
from socialhub.services.writing import calls


class OrganisationForm(forms.ModelForm):
    def clean_ai_monthly_cost(self) -> Decimal | None:
        """A limit that nobody can check would stop every text by AI."""
        limit: Decimal | None = self.cleaned_data["ai_monthly_cost"]
        if limit is not None and not calls.prices().known:
            message = _(
                "Without prices nobody knows the cost. Set AI_PRICE_INPUT and AI_PRICE_OUTPUT "
                "in the settings first, or limit the tokens."
            )
            raise forms.ValidationError(message, "no_prices")
        if limit is not None and limit < 0:
            raise forms.ValidationError(_("A limit cannot be negative."), "negative")
        return limit


@admin.register(Organisation)
class OrganisationAdmin(DeskAdmin):
    form = OrganisationForm
    fieldsets = [
        (None, {"fields": ["name", ("timezone", "language", "currency")]}),
        (
            gettext_lazy("Brand"),
            {"fields": ["brand_colours", "brand_voice", "forbidden_words", "logo"]},
        ),
        (gettext_lazy("Working rules"), {"fields": ["missed_after_minutes", "self_approval"]}),
        (gettext_lazy("AI"), {"fields": [("ai_monthly_tokens", "ai_monthly_cost")]}),
    ]
    autocomplete_fields = ["logo"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "timezone":
            return forms.ChoiceField(
                label=gettext_lazy("Time zone"),
                choices=zones,
                widget=UnfoldAdminSelect2Widget,
                help_text=gettext_lazy("Days, posting times and reports are in this zone."),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:socialhub_organisation_change", Organisation.get().pk)
