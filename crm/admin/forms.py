"""Lead forms for other websites, and the one row of lead settings."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from crm.models import CrmSettings, LeadForm
from crm.services import forms as service
from socialhub import badges, policies
from socialhub.admin.base import DeskAdmin, may
from socialhub.services.errors import Invalid


class LeadFormForm(forms.ModelForm):
    """Sites are written one per line."""

    sites = forms.CharField(
        label=gettext_lazy("sites that may embed it"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "placeholder": "https://shop.example"}),
        help_text=gettext_lazy(
            "One per line. The form answers on these sites only; its own page works everywhere."
        ),
    )

    class Meta:
        model = LeadForm
        fields: ClassVar[list[str]] = list(service.FIELDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = [("", _("the visitor's own")), *settings.LANGUAGES]
        if "language" in self.fields:
            self.fields["language"] = forms.ChoiceField(
                label=_("language"),
                required=False,
                choices=languages,
                widget=UnfoldAdminSelectWidget,
            )
        self.initial["sites"] = "\n".join(self.instance.sites)
        if self.instance.pk is None and "consent_text" in self.fields:
            self.initial.setdefault("consent_text", CrmSettings.get().consent_text)

    def clean_sites(self) -> list[str]:
        try:
            return service.origins(self.cleaned_data["sites"])
        except Invalid as exc:
            raise forms.ValidationError(exc.message) from None


@admin.register(LeadForm)
class LeadFormAdmin(DeskAdmin):
    class Media:
        css = {"all": ["crm/crm.css"]}
        js = ["crm/copy.js"]

    form = LeadFormForm
    list_display = ["name", "on_sites", "campaign", "consent", "is_active", "made"]
    list_select_related = ["campaign"]
    list_before_template = "crm/forms/list_before.html"
    change_form_outer_before_template = "crm/forms/standing.html"
    search_fields = ["name", "heading"]
    autocomplete_fields = ["campaign", "product", "service"]
    fieldsets = [
        (None, {"fields": ["name", ("heading", "button"), "thanks", "language", "is_active"]}),
        (gettext_lazy("Asks for"), {"fields": [("asks_phone", "asks_company"), "consent_text"]}),
        (gettext_lazy("Where it stands"), {"fields": ["sites"]}),
        (gettext_lazy("What it is about"), {"fields": ["campaign", "product", "service"]}),
    ]

    has_view_permission = may("manage_lead_forms")
    has_add_permission = may("manage_lead_forms")
    has_change_permission = may("manage_lead_forms")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # It stands on somebody's website: it is switched off.
        return False

    @admin.display(description=gettext_lazy("sites"))
    def on_sites(self, form: LeadForm) -> str:
        return ", ".join(one.partition("://")[2] for one in form.sites) or "–"

    @admin.display(description=gettext_lazy("consent"), boolean=True)
    def consent(self, form: LeadForm) -> bool:
        return bool(form.consent_text.strip())

    @admin.display(description=gettext_lazy("made"), ordering="created_at")
    def made(self, form: LeadForm) -> SafeString:
        return badges.ago(form.created_at)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> LeadForm:
        given = {name: form.cleaned_data[name] for name in form.fields}
        if change:
            return service.change(form.instance, request.user, **given)
        return service.create(request.user, **given)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The service stored it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing else in the form."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        extra = dict(extra_context or {})
        row = self.get_object(request, object_id) if object_id else None
        if row is not None:
            extra |= {
                "lead_form": row,
                "snippet": service.snippet(row),
                "address": service.address(row),
            }
        return super().changeform_view(request, object_id, form_url, extra)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {**(extra_context or {}), "crm_any": LeadForm.objects.exists()}
        return super().changelist_view(request, extra)


@admin.register(CrmSettings)
class CrmSettingsAdmin(DeskAdmin):
    """One row: its list is its page."""

    fields = ["send_by_itself", "attribution", "retention_months", "consent_text"]

    has_view_permission = may("change_lead_settings")
    has_change_permission = may("change_lead_settings")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not policies.can(request.user, "change_lead_settings"):
            return super().changelist_view(request, extra_context)
        return redirect("admin:crm_crmsettings_change", CrmSettings.get().pk)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the page: the list would only lead here again."""
        super().response_change(request, obj)
        return redirect("admin:crm_crmsettings_change", obj.pk)
