"""Interactions as JSON."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.utils import timezone
from rest_framework import serializers

from socialhub.api.strict import StrictSerializer
from socialhub.models import Interaction


class InteractionSerializer(serializers.ModelSerializer):
    platform = serializers.CharField(source="account.platform", read_only=True)
    post = serializers.IntegerField(
        source="publication.post_id", read_only=True, allow_null=True, default=None
    )
    answering_by = serializers.SerializerMethodField()

    class Meta:
        model = Interaction
        fields = [
            "id",
            "account",
            "platform",
            "publication",
            "post",
            "kind",
            "remote_id",
            "author_handle",
            "author_name",
            "text",
            "permalink",
            "created_at",
            "collected_at",
            "answered_at",
            "archived_at",
            "assignee",
            "answering_by",
        ]
        read_only_fields = fields

    def get_answering_by(self, row: Interaction) -> int | None:
        until = row.answering_until
        return row.answering_by_id if until is not None and until > timezone.now() else None


class ReplySerializer(StrictSerializer):
    text = serializers.CharField(allow_blank=True, max_length=100_000)


class AssignSerializer(StrictSerializer):
    assignee = serializers.PrimaryKeyRelatedField(
        queryset=get_user_model().objects.filter(is_active=True), allow_null=True
    )
