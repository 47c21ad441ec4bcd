"""Field types of series."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from socialhub.api.fields import MAX_ID, OverridesField
from threads.models import Mode


class PartOverridesField(OverridesField):
    """Texts of a part by account; of accounts the reader may not see there is none."""

    def get_attribute(self, instance: Any) -> dict[str, str]:
        # Every account of the series has a publication of every part.
        seen = {str(row.account_id) for row in instance.post.publications.all()}
        return {key: text for key, text in instance.overrides.items() if key in seen}


class ModesField(serializers.DictField):
    """{account id: how the parts hang together there}."""

    child = serializers.ChoiceField(choices=Mode.choices)
    default_error_messages = {"bad_key": _("“{sent}” is no account id.")}

    def get_attribute(self, instance: Any) -> dict[str, str]:
        return {str(one.account_id): one.mode for one in instance.series_accounts.all()}

    def to_internal_value(self, data: Any) -> dict[int, str]:  # type: ignore[override]
        return {self._id(key): mode for key, mode in super().to_internal_value(data).items()}

    def _id(self, key: str) -> int:
        if not (key.isascii() and key.isdigit() and 0 < int(key[:20]) <= MAX_ID):
            self.fail("bad_key", sent=key[:40])
        return int(key)
