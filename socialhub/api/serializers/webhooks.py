"""Webhooks as JSON. The signing secret is in one answer only: that of making it."""

from __future__ import annotations

from rest_framework import serializers

from socialhub.api.strict import StrictModelSerializer
from socialhub.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from socialhub.services import events, webhooks


class WebhookSerializer(StrictModelSerializer):
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=events.EVENTS),
        required=False,
        help_text="Empty: every event.",
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["id", "url", "events", "is_active", "created_at"]
        read_only_fields = ["id", "created_at"]

    def create(self, validated_data: dict) -> WebhookEndpoint:
        return super().create({**validated_data, "secret": webhooks.new_secret()})


class WebhookMadeSerializer(WebhookSerializer):
    """With the secret, which is not shown again."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class SecretSerializer(serializers.Serializer):
    secret = serializers.CharField()


class WebhookTestedSerializer(serializers.Serializer):
    delivery = serializers.UUIDField()
    http_status = serializers.IntegerField()


class WebhookDeliverySerializer(serializers.ModelSerializer):
    # What the receiver sees as its webhook-id.
    webhook_id = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=DeliveryState.choices)

    class Meta:
        model = WebhookDelivery
        fields = [
            "id",
            "webhook_id",
            "event",
            "state",
            "attempts",
            "next_try_at",
            "http_status",
            "error",
            "payload",
            "created_at",
        ]
        read_only_fields = fields

    def get_webhook_id(self, row: WebhookDelivery) -> str:
        return webhooks.message_id(row)
