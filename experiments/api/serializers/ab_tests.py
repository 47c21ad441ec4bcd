"""A/B tests as JSON, and the arguments of their verbs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from experiments.api.fields import NumberField, WholeField
from experiments.api.serializers.calculators import AnswerSerializer, OmnibusSerializer
from experiments.models import ABTest, ABTestState, Design, Metric, MetricKind, Outcome, SplitBy
from experiments.services import ab_tests
from socialhub.api.fields import InstantField, RowsField
from socialhub.api.strict import StrictSerializer
from socialhub.models import Account, Campaign, MediaAsset, Post, TrackedLink

LARGEST = 2**31 - 1


def _accounts(user: Any) -> QuerySet[Account]:
    return Account.objects.visible_to(user)


def _media(user: Any) -> QuerySet[MediaAsset]:
    return MediaAsset.objects.visible_to(user)


class ABTestVariantSerializer(StrictSerializer):
    """The first one is the control. Without a name they are called A, B, C …"""

    id = serializers.IntegerField(read_only=True)
    position = serializers.IntegerField(read_only=True)
    name = serializers.CharField(required=False, allow_blank=True, max_length=40)
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=100_000
    )
    link = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    track_link = serializers.BooleanField(required=False)
    media = RowsField(
        name="media",
        rows=_media,
        ids=lambda one: [item.media_id for item in one.variant_media.all()],
        required=False,
        help_text=_("Ids of media, in the order shown."),
    )
    weight = WholeField(
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_("Split tests: 2 gets twice as many visitors as 1."),
    )
    key = serializers.CharField(
        read_only=True, help_text=_("What its posts, visits and leads carry; set at the start.")
    )

    def _strange(self, data: Any) -> dict[str, list[Any]]:
        """What was read may be sent back: variants keep their rows by their place."""
        errors = super()._strange(data)
        return {name: why for name, why in errors.items() if name not in ("id", "position", "key")}

    def to_internal_value(self, data: Any) -> ab_tests.VariantData:
        return ab_tests.VariantData(**super().to_internal_value(data))


class ABTestSerializer(StrictSerializer):
    """Written through the services. What the start fixes is read-only, and so are states."""

    id = serializers.IntegerField(read_only=True)
    state = serializers.ChoiceField(choices=ABTestState.choices, read_only=True)
    question = serializers.CharField(required=False, max_length=200)
    design = serializers.ChoiceField(choices=Design.choices, required=False)
    split_by = serializers.ChoiceField(
        choices=SplitBy.choices, required=False, allow_blank=True, help_text=_("Split tests only.")
    )
    metric = serializers.ChoiceField(choices=Metric.choices, required=False)
    kind = serializers.ChoiceField(choices=MetricKind.choices, read_only=True)
    confidence = NumberField(required=False, help_text=_("0.95 for 95 %."))
    power = NumberField(required=False)
    smallest_effect = NumberField(
        required=False, help_text=_("Relative to the control: 0.2 is a fifth more.")
    )
    is_open_ended = serializers.BooleanField(required=False)
    accounts = RowsField(
        name="account",
        rows=_accounts,
        ids=lambda test: [account.pk for account in test.accounts.all()],
        required=False,
    )
    variants = ABTestVariantSerializer(many=True, required=False)
    source_post = serializers.PrimaryKeyRelatedField(
        queryset=Post.objects.none(),
        required=False,
        allow_null=True,
        help_text=_("The post that is the control; without variants A and B are copies of it."),
    )
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    campaign = serializers.PrimaryKeyRelatedField(
        queryset=Campaign.objects.all(), required=False, allow_null=True
    )
    first_at = InstantField(required=False, allow_null=True)
    washout_hours = WholeField(required=False, min_value=24, max_value=336)
    planned_size = WholeField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LARGEST,
        help_text=_("Impressions or visitors per variant; blocks of paired slots."),
    )
    ends_at = InstantField(required=False, allow_null=True)
    link = serializers.PrimaryKeyRelatedField(
        queryset=TrackedLink.objects.none(), required=False, allow_null=True
    )
    page_slug = serializers.SlugField(
        required=False, allow_null=True, allow_blank=True, max_length=40
    )
    version = serializers.IntegerField(
        required=False,
        help_text=_("The version you saw; 409 when somebody changed the test since."),
    )

    baseline = serializers.FloatField(read_only=True, allow_null=True)
    paired_looks = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    starts_at = serializers.DateTimeField(read_only=True, allow_null=True)
    extended_to = serializers.DateTimeField(read_only=True, allow_null=True)
    started_at = serializers.DateTimeField(read_only=True, allow_null=True)
    stopped_at = serializers.DateTimeField(read_only=True, allow_null=True)
    broken_at = serializers.DateTimeField(read_only=True, allow_null=True)
    broken_why = serializers.CharField(read_only=True)
    evaluated_at = serializers.DateTimeField(read_only=True, allow_null=True)
    outcome = serializers.ChoiceField(choices=Outcome.choices, read_only=True, allow_blank=True)
    reason = serializers.CharField(read_only=True)
    winner = serializers.CharField(
        source="winner.name",
        read_only=True,
        allow_null=True,
        help_text=_("The name of the variant."),
    )
    decided_at = serializers.DateTimeField(read_only=True, allow_null=True)
    promoted_post = serializers.IntegerField(
        source="promoted_post_id", read_only=True, allow_null=True
    )
    promoted_at = serializers.DateTimeField(read_only=True, allow_null=True)
    review_comment = serializers.CharField(read_only=True)
    author = serializers.IntegerField(source="author_id", read_only=True, allow_null=True)
    author_name = serializers.CharField(source="author.username", read_only=True, allow_null=True)
    approved_by = serializers.IntegerField(source="approved_by_id", read_only=True, allow_null=True)
    approved_at = serializers.DateTimeField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def get_fields(self) -> dict[str, Any]:
        """Only what the user may see can be named."""
        from socialhub.api import queries

        fields: dict[str, Any] = super().get_fields()
        user = getattr(self.context.get("request"), "user", None)
        if user is not None:
            fields["source_post"].queryset = Post.objects.visible_to(user)
            fields["link"].queryset = queries.links(user)
        return fields

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if self.instance is not None:
            if "source_post" in data and data["source_post"] != self.instance.source_post:
                message = _("The post of a test stays the same. Make another test.")
                raise serializers.ValidationError({"source_post": [message]})
            data.pop("source_post", None)
            return data
        if "version" in data:
            message = _("A new test has no version yet.")
            raise serializers.ValidationError({"version": [message]})
        needed = [] if data.get("source_post") else ["question", "variants"]
        missing = [name for name in needed if name not in data]
        if missing:
            required = self.fields[missing[0]].error_messages["required"]
            raise serializers.ValidationError(
                {name: [required] for name in missing}, code="required"
            )
        return data

    def create(self, validated_data: dict[str, Any]) -> ABTest:
        user = self.context["request"].user
        post = validated_data.get("source_post")
        if post is not None and "variants" not in validated_data:
            del validated_data["source_post"]
            return ab_tests.from_post(post, user, **validated_data)
        return ab_tests.create(user, **validated_data)

    def update(self, instance: ABTest, validated_data: dict[str, Any]) -> ABTest:
        return ab_tests.edit(instance, self.context["request"].user, **validated_data)


class UntilSerializer(StrictSerializer):
    until = InstantField()


class PromoteSerializer(StrictSerializer):
    """What is to become of the winner; without anything it goes to the test's accounts again."""

    accounts = RowsField(name="account", rows=_accounts, ids=lambda row: [], required=False)
    due_at = InstantField(
        required=False,
        allow_null=True,
        help_text=_("Without one: the next free posting slot of each account."),
    )
    evergreen = serializers.BooleanField(required=False)
    recycle = serializers.BooleanField(
        required=False, help_text=_("Evergreen, and free for recycling.")
    )


# -- the answer of results/: it describes and does not convert; a test compares it with answers --


class ShowingSerializer(serializers.Serializer):
    """One publication of the test; its counts are null until it is old enough to count."""

    publication = serializers.IntegerField(allow_null=True)
    account = serializers.IntegerField()
    variant = serializers.CharField()
    block = serializers.IntegerField()
    order = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    status = serializers.CharField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    counted_at = serializers.DateTimeField(allow_null=True)
    engagements = serializers.IntegerField(allow_null=True)
    impressions = serializers.IntegerField(allow_null=True)
    value = serializers.FloatField(allow_null=True)


class ResultsSerializer(AnswerSerializer):
    """Every figure of the test, its state, the looks, and what goes out when."""

    omnibus = OmnibusSerializer(allow_null=True)
    causal = serializers.BooleanField(allow_null=True)
    state = serializers.ChoiceField(choices=ABTestState.choices)
    outcome = serializers.ChoiceField(choices=Outcome.choices, allow_null=True)
    reason = serializers.CharField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    extended_to = serializers.DateTimeField(allow_null=True)
    evaluated_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    planned_size = serializers.IntegerField(allow_null=True)
    evidence = serializers.DictField(
        allow_null=True, help_text=_("What the decision rests on, as it was decided.")
    )
    schedule = ShowingSerializer(many=True)
