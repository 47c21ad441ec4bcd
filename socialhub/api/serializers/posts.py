"""Posts as JSON, and the arguments of their verbs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from socialhub.api.fields import InstantField, OverridesField, RowsField
from socialhub.api.serializers.publications import PublicationSerializer
from socialhub.api.strict import StrictSerializer
from socialhub.models import (
    Account,
    Campaign,
    ContentType,
    MediaAsset,
    Organisation,
    Post,
    PostStatus,
    PublicationStatus,
)
from socialhub.services import posts


def _accounts(user: Any) -> QuerySet[Account]:
    return Account.objects.visible_to(user)


def _media(user: Any) -> QuerySet[MediaAsset]:
    return MediaAsset.objects.visible_to(user)


def _accounts_of(post: Post) -> list[int]:
    return [
        p.account_id for p in post.publications.all() if p.status != PublicationStatus.CANCELLED
    ]


class PostSerializer(StrictSerializer):
    """Written through the services; states are read-only."""

    id = serializers.IntegerField(read_only=True)
    status = serializers.ChoiceField(choices=PostStatus.choices, read_only=True)
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=100_000
    )
    link = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    track_link = serializers.BooleanField(required=False)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    content_type = serializers.ChoiceField(choices=ContentType.choices, required=False)
    media = RowsField(
        name="media",
        rows=_media,
        ids=lambda post: [item.media_id for item in post.post_media.all()],
        required=False,
        help_text=_("Ids of media, in the order shown."),
    )
    campaign = serializers.PrimaryKeyRelatedField(
        queryset=Campaign.objects.all(), required=False, allow_null=True
    )
    accounts = RowsField(
        name="account",
        rows=_accounts,
        ids=_accounts_of,
        required=False,
        help_text=_("Ids of the accounts it goes to."),
    )
    overrides = OverridesField(required=False, help_text=_("Another text: {account id: text}."))
    is_evergreen = serializers.BooleanField(required=False)
    due_at = InstantField(source="planned_at", required=False, allow_null=True)
    version = serializers.IntegerField(
        required=False,
        help_text=_("The version you saw; 409 when somebody changed the post since."),
    )
    publications = PublicationSerializer(many=True, read_only=True)
    review_comment = serializers.CharField(read_only=True)
    author = serializers.IntegerField(source="author_id", read_only=True, allow_null=True)
    author_name = serializers.CharField(
        source="author.username", read_only=True, allow_null=True, default=None
    )
    approved_by = serializers.IntegerField(source="approved_by_id", read_only=True, allow_null=True)
    approved_at = serializers.DateTimeField(read_only=True, allow_null=True)
    is_archived = serializers.BooleanField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def validate_due_at(self, due_at: Any) -> Any:
        planned = getattr(self.instance, "planned_at", None)
        if due_at is None and planned is not None:
            raise serializers.ValidationError(
                _("A planned time can be moved, not removed. Cancel the publications instead."),
                code="due_not_removable",
            )
        return due_at

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if self.instance is None and "version" in data:
            message = _("A new post has no version yet.")
            raise serializers.ValidationError({"version": [message]})
        return data

    def create(self, validated_data: dict[str, Any]) -> Post:
        changes = _changes(validated_data)
        changes.setdefault("language", Organisation.get().language)
        return posts.create(self.context["request"].user, **changes)

    def update(self, instance: Post, validated_data: dict[str, Any]) -> Post:
        changes = _changes(validated_data)
        if changes.get("due_at") == instance.planned_at:
            # Sent back as it was read: not a new choice, even when it has passed.
            changes.pop("due_at", None)
        return posts.edit(instance, self.context["request"].user, **changes)


def _changes(data: dict[str, Any]) -> dict[str, Any]:
    changes = dict(data)
    if "planned_at" in changes:
        changes["due_at"] = changes.pop("planned_at")
    return changes


class DueSerializer(StrictSerializer):
    due_at = InstantField(required=False, allow_null=True, default=None)


class CommentSerializer(StrictSerializer):
    comment = serializers.CharField(max_length=5000, allow_blank=True)


class ArchiveSerializer(StrictSerializer):
    archived = serializers.BooleanField(required=False, default=True)


class CountSerializer(StrictSerializer):
    """A text to be counted as each account's network counts it."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=100_000)
    accounts = RowsField(
        name="account",
        rows=_accounts,
        ids=lambda found: [],
    )
    link = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class ProblemSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class PriceSerializer(serializers.Serializer):
    amount = serializers.CharField(help_text=_("Four decimals."))
    currency = serializers.CharField()


class CountedSerializer(serializers.Serializer):
    account = serializers.IntegerField()
    count = serializers.IntegerField()
    unit = serializers.CharField()
    limit = serializers.IntegerField()
    bytes = serializers.IntegerField(allow_null=True)
    byte_limit = serializers.IntegerField(allow_null=True)
    ok = serializers.BooleanField()
    price = PriceSerializer(
        allow_null=True,
        help_text=_("What publishing it costs by the network's price list; null where it is free."),
    )
    problems = ProblemSerializer(many=True)
