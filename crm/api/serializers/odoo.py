"""Connections, runs and log lines as JSON. The key goes in and never comes out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.models import OdooConnection, OdooSyncLog, OdooSyncRun, SyncKind
from crm.services import connections
from socialhub.api.strict import StrictModelSerializer, StrictSerializer

WRITTEN = (
    *("name", "url", "database", "login", "lead_type", "team_id", "salesperson_id"),
    "prices_include_tax",
)


class OdooCheckSerializer(serializers.Serializer):
    """`state`: ok, warning, failed, not_tried. `url`: an address offered instead, or ""."""

    code = serializers.CharField()
    ok = serializers.BooleanField()
    state = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField()
    url = serializers.CharField()


class TestedSerializer(serializers.Serializer):
    version = serializers.CharField()
    transport = serializers.CharField()
    checks = OdooCheckSerializer(many=True)


class ConnectionSerializer(StrictModelSerializer):
    # Pasted addresses are cleaned: "shop.odoo.example/web#action=1" is accepted.
    url = serializers.CharField(max_length=2000)
    api_key = serializers.CharField(
        write_only=True,
        max_length=1000,
        style={"input_type": "password", "autocomplete": "off"},
        help_text=_("API key of the user. Stored encrypted, never shown again."),
    )
    checks = OdooCheckSerializer(many=True, read_only=True)

    class Meta:
        model = OdooConnection
        fields = [
            "id",
            *WRITTEN,
            "api_key",
            "is_active",
            "version",
            "transport",
            "state",
            "checks",
            "tested_at",
            "key_expires_at",
            "paused_reason",
            "blocked_until",
            "created_at",
        ]
        read_only_fields = [name for name in fields if name not in (*WRITTEN, "api_key")]
        extra_kwargs = {"name": {"required": False}}

    def create(self, validated_data: dict[str, Any]) -> OdooConnection:
        secret = validated_data.pop("api_key")
        return connections.create(self.context["request"].user, key=secret, **validated_data)

    def update(self, instance: OdooConnection, validated_data: dict[str, Any]) -> OdooConnection:
        secret = validated_data.pop("api_key", "")
        user = self.context["request"].user
        return connections.change(instance, user, key=secret, **validated_data)


class SyncSerializer(StrictSerializer):
    """`connection` may be left out: the one in use."""

    connection = serializers.PrimaryKeyRelatedField(
        queryset=OdooConnection.objects.all(), required=False
    )
    kind = serializers.ChoiceField(choices=SyncKind.choices)


class StartedSerializer(serializers.Serializer):
    """202: GET /api/odoo/sync/{run}/ shows how far it is."""

    run = serializers.IntegerField()


class RunSerializer(serializers.ModelSerializer):
    errors = serializers.SerializerMethodField()

    class Meta:
        model = OdooSyncRun
        fields = [
            *("id", "connection", "kind", "direction", "state", "started_by"),
            *("asked_at", "started_at", "finished_at", "cursor_before", "cursor_after"),
            *("total", "done", "created", "updated", "skipped", "failed", "requests"),
            *("error_class", "errors"),
        ]
        read_only_fields = fields

    def get_errors(self, run: OdooSyncRun) -> list[str]:
        return [run.error] if run.error else []


class LogSerializer(serializers.ModelSerializer):
    """One object, one try. Personal values are never in it, only that they changed."""

    class Meta:
        model = OdooSyncLog
        fields = [
            *("id", "run", "connection", "direction", "object_type", "object_id"),
            *("odoo_model", "odoo_id", "operation", "attempt", "outcome", "error_class"),
            *("message", "changes", "milliseconds", "http_status", "at"),
        ]
        read_only_fields = fields
