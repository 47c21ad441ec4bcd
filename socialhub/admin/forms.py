"""Forms whose input is handed to a service, and fields that never show what is stored."""

from __future__ import annotations

from typing import Any

from django import forms

from socialhub.models import MediaAsset
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
