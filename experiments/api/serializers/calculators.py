"""Bodies of the calculators. Nothing is stored."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from experiments.api.fields import NumberField, WholeField
from socialhub.api.strict import StrictSerializer


class PlanSerializer(StrictSerializer):
    """What a test should be able to find."""

    method = serializers.ChoiceField(
        choices=["fixed", "hybrid"],
        default="hybrid",
        help_text=_("hybrid: looked at every hour and at the end; fixed: at the end only."),
    )
    kind = serializers.ChoiceField(choices=["proportion", "rate"], default="proportion")
    baseline = NumberField(help_text=_("The control's rate: 0.03 is 3 %."))
    relative_mde = NumberField(
        help_text=_("The smallest effect of interest, relative: 0.2 is a fifth more.")
    )
    confidence = NumberField(default=0.95)
    power = NumberField(default=0.8)
    variants = WholeField(default=2)
    daily_impressions_per_variant = NumberField(default=None, allow_null=True)
    phi = NumberField(default=1.0, help_text=_("Dispersion: above 1 where engagements cluster."))


class NeedsSerializer(serializers.Serializer):
    """What it needs. `days` and the rest are null where nothing is shown per day."""

    n_per_variant = serializers.IntegerField()
    n_to_win = serializers.IntegerField(
        allow_null=True,
        help_text=_("For one variant to beat every other this often; more when there are many."),
    )
    days = serializers.IntegerField(allow_null=True)
    feasible = serializers.BooleanField(
        allow_null=True, help_text=_("Whether it is done in the 28 days that a test may take.")
    )
    achievable_mde = serializers.FloatField(
        allow_null=True, help_text=_("The smallest effect that 28 days are enough for.")
    )
    longest_days = serializers.IntegerField()
    sentence = serializers.CharField()
