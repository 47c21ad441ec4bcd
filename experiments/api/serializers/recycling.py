"""Recycling as JSON: rules, candidates, repetitions, and the arguments of the verbs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from experiments.api.fields import NumberField, WholeField
from experiments.models import RecyclingRule, Wording
from experiments.services.recycling import verbs
from experiments.services.recycling.preview import MOST_WEEKS, WEEKS
from experiments.services.recycling.wording import NAMES
from socialhub.api.fields import MAX_ID, InstantField, RowsField
from socialhub.api.strict import StrictSerializer
from socialhub.models import Account, Campaign, PostStatus, PublicationStatus

MOST = 3650


def _accounts(user: Any) -> QuerySet[Account]:
    return Account.objects.visible_to(user)


def _rules(user: Any) -> QuerySet[RecyclingRule]:
    return RecyclingRule.objects.visible_to(user)


class SeenField(serializers.PrimaryKeyRelatedField):
    """A row by its id, among those `rows(user)` gives."""

    def __init__(self, **kwargs: Any) -> None:
        self._rows = kwargs.pop("rows")
        super().__init__(queryset=Account.objects.none(), **kwargs)

    def get_queryset(self) -> Any:
        return self._rows(self.context["request"].user)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and not (data.isascii() and data.isdigit()):
            self.fail("incorrect_type", data_type=type(data).__name__)
        if isinstance(data, bool) or not 0 < int(data) <= MAX_ID:
            self.fail("does_not_exist", pk_value=data)
        return super().to_internal_value(data)


class DaySerializer(serializers.CharField):
    """Month and day, "12-24"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_blank=True, max_length=5, **kwargs)


class RecyclingRuleSerializer(StrictSerializer):
    """Which posts of which accounts go out again, and how often."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=200)
    is_active = serializers.BooleanField(required=False)
    accounts = RowsField(
        name="account", rows=_accounts, ids=lambda rule: [a.pk for a in rule.accounts.all()]
    )
    campaign = serializers.PrimaryKeyRelatedField(
        queryset=Campaign.objects.all(), required=False, allow_null=True
    )
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False, allow_blank=True)
    only_evergreen = serializers.BooleanField(required=False)
    min_age_days = WholeField(required=False, min_value=30, max_value=MOST)
    cooldown_days = WholeField(
        required=False,
        min_value=21,
        max_value=MOST,
        help_text=_("Each repetition makes it half as long again."),
    )
    cap = WholeField(required=False, min_value=1, max_value=50)
    share = NumberField(
        required=False,
        min_value=0.01,
        max_value=0.3,
        help_text=_("0.3: at most three of ten slots of a week."),
    )
    wording = serializers.ChoiceField(choices=Wording.choices, required=False)
    needs_approval = serializers.BooleanField(required=False)
    season_from = DaySerializer(help_text=_("Month and day, such as 12-24."))
    season_to = DaySerializer()
    expires_on = serializers.DateField(required=False, allow_null=True)
    author = serializers.IntegerField(source="author_id", read_only=True, allow_null=True)
    is_demo = serializers.BooleanField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def create(self, validated_data: dict[str, Any]) -> RecyclingRule:
        return verbs.create_rule(self.context["request"].user, **validated_data)

    def update(self, instance: RecyclingRule, validated_data: dict[str, Any]) -> RecyclingRule:
        return verbs.edit_rule(instance, self.context["request"].user, **validated_data)


class FactorSerializer(serializers.Serializer):
    value = serializers.FloatField(help_text=_("1 is an ordinary showing, less is worse."))
    words = serializers.CharField()


class FactorsSerializer(serializers.Serializer):
    quality = FactorSerializer()
    freshness = FactorSerializer()
    fatigue = FactorSerializer()
    decay = FactorSerializer()
    season = FactorSerializer()
    diversity = FactorSerializer()


class ReasonSerializer(serializers.Serializer):
    code = serializers.CharField()
    sentence = serializers.CharField()


class CandidateSerializer(serializers.Serializer):
    """A post that went out, as it could go out again on the same account."""

    publication = serializers.IntegerField(
        source="publication.pk", help_text=_("The first showing.")
    )
    post = serializers.IntegerField(source="post.pk")
    account = serializers.IntegerField(source="account.pk")
    platform = serializers.CharField(source="account.platform")
    text = serializers.SerializerMethodField()
    score = serializers.FloatField(help_text=_("0 to 100 within the account."))
    raw = serializers.FloatField(help_text=_("What it ranks by: the product of the factors."))
    factors = FactorsSerializer()
    eligible = serializers.BooleanField()
    reasons = ReasonSerializer(many=True)
    predicted = serializers.FloatField(
        allow_null=True,
        help_text=_("Engagements per impression, per post where none are reported."),
    )
    times_recycled = serializers.IntegerField()
    last_shown_at = serializers.DateTimeField()

    def get_text(self, one: Any) -> str:
        return one.publication.text_override or one.post.text


class RecycledPostSerializer(serializers.Serializer):
    """A repetition: what was predicted, and what came."""

    id = serializers.IntegerField()
    rule = serializers.IntegerField(source="rule_id", allow_null=True)
    account = serializers.IntegerField(source="account_id")
    original = serializers.IntegerField(
        source="original_id", help_text=_("Publication of the first showing.")
    )
    number = serializers.IntegerField()
    post = serializers.IntegerField(source="post_id")
    publication = serializers.IntegerField(source="publication_id")
    post_status = serializers.ChoiceField(source="post.status", choices=PostStatus.choices)
    status = serializers.ChoiceField(source="publication.status", choices=PublicationStatus.choices)
    due_at = serializers.DateTimeField(source="publication.due_at", allow_null=True)
    published_at = serializers.DateTimeField(source="publication.published_at", allow_null=True)
    score = serializers.FloatField()
    factors = serializers.SerializerMethodField()
    predicted = serializers.FloatField(allow_null=True)
    actual = serializers.FloatField(allow_null=True)
    actual_rank = serializers.FloatField(
        allow_null=True, help_text=_("0 to 100 among the account's posts of a year.")
    )
    measured_at = serializers.DateTimeField(allow_null=True)
    made_by = serializers.IntegerField(
        source="made_by_id", allow_null=True, help_text=_("null: the daily job.")
    )
    created_at = serializers.DateTimeField()

    def get_factors(self, row: Any) -> dict[str, float]:
        return {name: getattr(row, name) for name in NAMES}


class PlannedSerializer(serializers.Serializer):
    day = serializers.DateField()
    at = serializers.DateTimeField()
    account = serializers.IntegerField(source="account.pk")
    publication = serializers.IntegerField(source="publication.pk")
    text = serializers.SerializerMethodField()
    score = serializers.FloatField()
    rule = serializers.IntegerField(source="rule.pk")

    def get_text(self, one: Any) -> str:
        return one.publication.text_override or one.publication.post.text


class SaidSerializer(serializers.Serializer):
    """What people said about recycling the post."""

    post = serializers.IntegerField(source="post_id")
    time_sensitive = serializers.BooleanField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    season_from = serializers.CharField()
    season_to = serializers.CharField()
    skip_until = serializers.DateTimeField(allow_null=True)
    never_at = serializers.DateTimeField(allow_null=True)


# -- arguments -----------------------------------------------------------------------


class RecycleSerializer(StrictSerializer):
    due_at = InstantField(
        required=False, allow_null=True, help_text=_("Without it the next free slot.")
    )
    rule = SeenField(rows=_rules, required=False, allow_null=True)
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        trim_whitespace=False,
        max_length=100_000,
        help_text=_("Another wording; it goes into review."),
    )


class SkipSerializer(StrictSerializer):
    until = InstantField(required=False, allow_null=True, help_text=_("Without it 30 days."))


class DescribeSerializer(StrictSerializer):
    time_sensitive = serializers.BooleanField(required=False, allow_null=True)
    expires_on = serializers.DateField(required=False, allow_null=True)
    season_from = DaySerializer()
    season_to = DaySerializer()


class CandidatesAsked(serializers.Serializer):
    """Query of candidates/."""

    account = SeenField(rows=_accounts, required=False)
    rule = SeenField(rows=_rules, required=False)
    eligible = serializers.BooleanField(required=False, allow_null=True, default=None)


class PreviewAsked(serializers.Serializer):
    """Query of preview/."""

    weeks = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_WEEKS, default=WEEKS
    )
    account = SeenField(rows=_accounts, required=False)
    rule = SeenField(rows=_rules, required=False)
