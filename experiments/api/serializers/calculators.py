"""Bodies of the calculators. Nothing is stored."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from experiments.api.fields import (
    CountField,
    NumberField,
    PriorField,
    TableField,
    WholeField,
)
from experiments.statistics.counts import KINDS, LARGEST
from experiments.statistics.plans import DESIGNS
from socialhub.api.strict import StrictSerializer

LETTERS = ascii_uppercase
LARGEST_VALUE = 1e12


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
    refused = serializers.BooleanField(
        allow_null=True, help_text=_("It takes more than five times what 28 days bring.")
    )
    detectable = serializers.FloatField(
        allow_null=True, help_text=_("What can be found instead of what is refused.")
    )
    longest_days = serializers.IntegerField()
    sentence = serializers.CharField()


class VariantSerializer(StrictSerializer):
    """Counts of one variant; the first one is the control."""

    name = serializers.CharField(required=False, max_length=200)
    engagements = CountField(required=False, allow_null=True)
    impressions = CountField(required=False, allow_null=True)
    weight = NumberField(default=1.0, help_text=_("Its intended share, on any scale."))
    values = serializers.ListField(
        child=NumberField(min_value=-LARGEST_VALUE, max_value=LARGEST_VALUE),
        required=False,
        max_length=10_000,
        help_text=_("Kind per_post: one number for each post."),
    )


class CalculateSerializer(StrictSerializer):
    """Counts as somebody pastes them."""

    kind = serializers.ChoiceField(choices=KINDS, default="proportion")
    design = serializers.ChoiceField(choices=DESIGNS, default="split")
    confidence = NumberField(default=0.95)
    yates = serializers.BooleanField(default=False)
    variants = VariantSerializer(many=True)
    hourly = TableField(
        required=False, allow_null=True, help_text=_("What each hour brought, 24 or more.")
    )
    blocks = TableField(
        required=False, allow_null=True, help_text=_("What each matched slot or stratum brought.")
    )
    looks = TableField(
        required=False, allow_null=True, help_text=_("Counts since the start, at each look.")
    )
    planned_looks = WholeField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LARGEST,
        help_text=_("Which look is the planned end."),
    )
    prior = PriorField(required=False, allow_null=True)
    tuning_total_n = WholeField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LARGEST,
        help_text=_("Impressions of a pair that were planned; tunes the sequential test."),
    )

    def validate_variants(self, variants: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those without a name are called A, B, C … by their place."""
        for place, one in enumerate(variants):
            one.setdefault("name", LETTERS[place] if place < len(LETTERS) else str(place + 1))
        return variants


# -- the answer: it describes and does not convert; a test compares it with answers ----------


class EndsField(serializers.ListField):
    """[low, high]"""

    child = serializers.FloatField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=2, max_length=2, allow_null=True, **kwargs)


class OmnibusSerializer(serializers.Serializer):
    method = serializers.CharField()
    statistic = serializers.FloatField(allow_null=True)
    dof = serializers.FloatField(allow_null=True)
    p = serializers.FloatField()


class PairSerializer(serializers.Serializer):
    """`b` against `a`; a positive difference means that b is ahead."""

    a = serializers.CharField()
    b = serializers.CharField()
    p_raw = serializers.FloatField()
    p_holm = serializers.FloatField()
    diff = serializers.FloatField(allow_null=True)
    ci = EndsField()
    lift = serializers.FloatField(allow_null=True)
    lift_ci = EndsField()
    p_sequential = serializers.FloatField(allow_null=True)


class ResultSerializer(serializers.Serializer):
    name = serializers.CharField()
    engagements = serializers.IntegerField()
    impressions = serializers.IntegerField(allow_null=True)
    rate = serializers.FloatField(allow_null=True)
    wilson = EndsField()
    p_best = serializers.FloatField(allow_null=True)
    expected_loss = serializers.FloatField(allow_null=True)


class MismatchSerializer(serializers.Serializer):
    statistic = serializers.FloatField(allow_null=True)
    dof = serializers.FloatField(allow_null=True)
    p = serializers.FloatField()
    p_sequential = serializers.FloatField()
    enforced = serializers.BooleanField()


class AnswerSerializer(serializers.Serializer):
    """Every figure of a test. What cannot be said is null."""

    status = serializers.CharField()
    winner = serializers.CharField(allow_null=True)
    claim = serializers.CharField()
    claim_code = serializers.CharField()
    causal = serializers.BooleanField()
    omnibus = OmnibusSerializer()
    pairs = PairSerializer(many=True)
    variants = ResultSerializer(many=True)
    srm = MismatchSerializer(allow_null=True)
    phi = serializers.FloatField(allow_null=True)
    paired = serializers.DictField(allow_null=True)
    cmh = serializers.DictField(allow_null=True)
    looks = serializers.ListField(child=serializers.DictField())
