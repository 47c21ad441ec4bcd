"""Writing with and without AI as JSON: what was used, and one text to be written."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from socialhub.api.fields import RowsField
from socialhub.api.strict import StrictSerializer
from socialhub.models import Account, AIPurpose, MediaAsset
from socialhub.services.writing import TASKS
from socialhub.services.writing.limits import NUMBERINGS

AMOUNT = {"max_digits": 18, "decimal_places": 6, "allow_null": True}


class _SumsSerializer(serializers.Serializer):
    calls = serializers.IntegerField()
    unreported_calls = serializers.IntegerField(
        help_text="Calls that may have taken tokens and whose number the endpoint did not tell."
    )
    input_tokens = serializers.IntegerField(allow_null=True)
    output_tokens = serializers.IntegerField(allow_null=True)
    counted_tokens = serializers.IntegerField(
        help_text="What counts against the limit: as reported, else what may have been taken."
    )
    cost = serializers.DecimalField(**AMOUNT)


class PurposeSerializer(_SumsSerializer):
    purpose = serializers.ChoiceField(AIPurpose.choices)


class UsageSerializer(_SumsSerializer):
    """A month of the organisation's calendar."""

    month = serializers.CharField()
    by_purpose = PurposeSerializer(many=True)
    currency = serializers.CharField()
    limit_tokens = serializers.IntegerField(allow_null=True)
    limit_cost = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    left_tokens = serializers.IntegerField(allow_null=True)
    configured = serializers.BooleanField()
    model = serializers.CharField()


class UsageQuery(serializers.Serializer):
    month = serializers.RegexField(
        r"^20\d\d-(0[1-9]|1[0-2])\Z", required=False, help_text="YYYY-MM; this month if not given."
    )


def _accounts(user: Any) -> QuerySet[Account]:
    return Account.objects.visible_to(user)


class TextSerializer(StrictSerializer):
    """For "alt_text" give a media file, and as text what is known about the picture."""

    task = serializers.ChoiceField([(task, task) for task in TASKS])
    text = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    instruction = serializers.CharField(required=False, allow_blank=True, max_length=1_000)
    accounts = RowsField(name="account", rows=_accounts, ids=lambda found: [], required=False)
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)
    media = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    link = serializers.CharField(required=False, allow_blank=True, max_length=2_000)
    numbering = serializers.ChoiceField(
        [(name, name) for name in NUMBERINGS],
        required=False,
        help_text="Of the series the text is a part of: room is kept for the number.",
    )
    closing = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="For the last part of a series."
    )

    def validate_media(self, pk: int) -> MediaAsset:
        user = self.context["request"].user
        found = MediaAsset.objects.visible_to(user).filter(pk=pk).first()
        if found is None:
            message = _("There is no media file with the id %(id)s.")
            raise serializers.ValidationError(message % {"id": pk})
        return found
