"""Forms whose input is handed to a service, and fields that never show what is stored."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldBooleanSwitchWidget

from socialhub.models import Account, MediaAsset
from socialhub.services import media
from socialhub.services.errors import ServiceError


def upload_form(user: Any) -> type[forms.ModelForm]:
    """A form that stores its file through the media service; the row is `form.asset`."""

    class UploadForm(forms.ModelForm):
        asset: MediaAsset

        class Meta:
            model = MediaAsset
            fields = ["file", "alt_text"]

        def clean(self) -> dict[str, Any]:
            data = super().clean() or self.cleaned_data
            if data.get("file"):
                try:
                    self.asset = media.upload(user, data["file"], data.get("alt_text", ""))
                except ServiceError as exc:
                    raise forms.ValidationError(exc.fields or exc.message) from None
            return data

        def save_m2m(self) -> None:
            """Nothing to do: the service stored everything."""

    return UploadForm


def zones(nothing: Any = "") -> list[tuple[str, Any]]:
    """Choices of IANA zones; `nothing` names the empty choice, if there is one."""
    names = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
    empty: list[tuple[str, Any]] = [("", nothing)] if nothing else []
    return empty + [(name, name.replace("_", " ")) for name in names]


class AccountForm(forms.ModelForm):
    """Where its audience lives, and what a person switched off or on for it."""

    audience_timezone = forms.ChoiceField(
        label=_("Audience time zone"),
        required=False,
        choices=lambda: zones(_("the organisation's zone")),
        widget=UnfoldAdminSelect2Widget,
        help_text=_("Best times and the composer's second clock are for this zone."),
    )
    replies = forms.BooleanField(
        label=_("Answers comments"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Off: SocialHub refuses answers from this account."),
    )
    threads = forms.BooleanField(
        label=_("Publishes series"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Off: posts of several parts are refused for this account."),
    )
    SWITCHES = ("replies", "threads")

    class Meta:
        model = Account
        fields = ["audience_timezone", "monthly_cap_usd"]
        help_texts = {
            "monthly_cap_usd": _(
                "This network charges for posting and reading. At the cap nothing more is sent or "
                "measured until the next month (UTC). Empty: no cap."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.SWITCHES:
            if name in self.fields:
                self.fields[name].initial = getattr(self.instance.capabilities, name)

    def save(self, commit: bool = True) -> Account:
        account = self.instance
        own = account.adapter.capabilities_for(account.options)
        for name in self.SWITCHES:
            if name not in self.cleaned_data:
                continue
            wanted = self.cleaned_data[name]
            # Only what differs from the network's own answer is a person's decision.
            if wanted == getattr(own, name):
                account.overrides.pop(name, None)
            else:
                account.overrides[name] = wanted
        return super().save(commit)
