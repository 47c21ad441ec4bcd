"""The form of a connection: what connects to an Odoo, and how leads arrive there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import LeadType
from crm.services import connections
from crm.views.fields import DeskForm


class ConnectionForm(DeskForm):
    """What connects to an Odoo, and how leads arrive there."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=300,
        help_text=gettext_lazy("As in the browser; SocialHub takes what it needs of it."),
        widget=forms.TextInput(
            attrs={
                "placeholder": "https://company.odoo.com",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )
    database = forms.CharField(
        label=gettext_lazy("Database"),
        max_length=100,
        help_text=gettext_lazy("On odoo.com it is the first part of the address."),
        widget=forms.TextInput(attrs={"autocapitalize": "off", "spellcheck": "false"}),
    )
    login = forms.CharField(
        label=gettext_lazy("User"),
        max_length=200,
        help_text=gettext_lazy("The login of the Odoo user SocialHub works as."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"}),
    )
    key = forms.CharField(
        label=gettext_lazy("API key"),
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Stored encrypted and never shown again."),
    )
    name = forms.CharField(label=gettext_lazy("Name here"), max_length=80, initial="Odoo")
    lead_type = forms.ChoiceField(label=gettext_lazy("Leads arrive as"), choices=LeadType.choices)
    team_id = forms.IntegerField(
        label=gettext_lazy("Sales team (id in Odoo)"), required=False, min_value=1
    )
    salesperson_id = forms.IntegerField(
        label=gettext_lazy("Salesperson (id in Odoo)"),
        required=False,
        min_value=1,
        help_text=gettext_lazy("Empty: Odoo's own rules of assignment."),
    )
    prices_include_tax = forms.NullBooleanField(
        label=gettext_lazy("List prices include tax"), required=False
    )

    @property
    def options(self) -> list[Any]:
        """Fields that have a usual answer."""
        return [self[name] for name in connections.OPTIONS]

    @property
    def needed(self) -> list[Any]:
        return [self[name] for name in connections.IDENTITY]

    @property
    def has_wrong_option(self) -> bool:
        return any(name in self.errors for name in connections.OPTIONS)


class ChangeForm(ConnectionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].required = False
        self.fields["key"].help_text = _("Empty: the stored one stays.")
