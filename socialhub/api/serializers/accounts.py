"""Accounts as JSON. Secrets go in and never come out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from socialhub.api.fields import InstantField
from socialhub.api.strict import StrictModelSerializer, StrictSerializer
from socialhub.models import Account, PostingSlot
from socialhub.platforms.base import SWITCHES
from socialhub.platforms.registry import ADAPTERS


class AccountSerializer(StrictModelSerializer):
    network = serializers.CharField(source="network_name", read_only=True)
    capabilities = serializers.SerializerMethodField()
    overrides = serializers.DictField(
        child=serializers.BooleanField(),
        required=False,
        help_text=_('What is switched on or off for this account, like {"replies": false}.'),
    )

    class Meta:
        model = Account
        fields = [
            "id",
            "platform",
            "network",
            "server_url",
            "handle",
            "display_name",
            "status",
            "status_note",
            "remote_id",
            "audience_timezone",
            "overrides",
            "capabilities",
            "monthly_cap_usd",
            "paused_until",
            "is_demo",
            "created_at",
        ]
        read_only_fields = [
            name
            for name in fields
            if name not in ("audience_timezone", "overrides", "monthly_cap_usd")
        ]

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_capabilities(self, account: Account) -> dict[str, Any] | None:
        """null when this installation no longer knows the network."""
        if account.platform not in ADAPTERS:
            return None
        found = asdict(account.capabilities)
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in found.items()
        }

    def validate_overrides(self, overrides: dict[str, bool]) -> dict[str, bool]:
        unknown = sorted(set(overrides) - set(SWITCHES))
        if unknown:
            message = _("Only these can be switched: %(names)s.") % {"names": ", ".join(SWITCHES)}
            raise serializers.ValidationError(message)
        return overrides


class ConnectSerializer(StrictSerializer):
    """Name and password or token."""

    platform = serializers.CharField(max_length=20)
    server_url = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)
    handle = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)
    secret = serializers.CharField(
        write_only=True,
        max_length=4000,
        style={"input_type": "password", "autocomplete": "off"},
        help_text=_("App password or token. Stored encrypted, never shown again."),
    )


class AuthorizeSerializer(StrictSerializer):
    """`client_id` and `client_secret` are kept as this network's developer app first."""

    platform = serializers.CharField(max_length=20)
    server_url = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)
    client_id = serializers.CharField(required=False, max_length=300)
    client_secret = serializers.CharField(
        required=False,
        write_only=True,
        allow_blank=True,
        max_length=1000,
        style={"input_type": "password", "autocomplete": "off"},
    )


class AuthorizationSerializer(serializers.Serializer):
    authorize_url = serializers.URLField()
    state = serializers.CharField()


class ChooseSerializer(StrictSerializer):
    """What to connect of {"choose": state, "profiles": [...]}, the result of a login's job."""

    state = serializers.CharField(max_length=64)
    profiles = serializers.ListField(
        child=serializers.CharField(max_length=300),
        allow_empty=False,
        max_length=200,
        help_text=_("remote_id of each profile to connect."),
    )


class ChosenSerializer(serializers.Serializer):
    accounts = AccountSerializer(many=True)


class NetworkAppSerializer(serializers.Serializer):
    """A developer app without its secret."""

    platform = serializers.CharField()
    client_id = serializers.CharField()
    has_secret = serializers.BooleanField()
    options = serializers.DictField()
    set_at = serializers.DateTimeField(allow_null=True)
    set_by = serializers.CharField()
    is_operators = serializers.BooleanField(help_text=_("Set in the environment."))


class NetworkAppsSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = NetworkAppSerializer(many=True)


class KeepAppSerializer(StrictSerializer):
    """A blank secret keeps the one that is stored."""

    client_id = serializers.CharField(max_length=300)
    client_secret = serializers.CharField(
        required=False,
        write_only=True,
        allow_blank=True,
        default="",
        max_length=1000,
        style={"input_type": "password", "autocomplete": "off"},
    )
    options = serializers.DictField(
        required=False,
        child=serializers.JSONField(),
        help_text=_('Like {"api_version": "v26.0"}; "" takes one off.'),
    )


class CheckSerializer(serializers.Serializer):
    code = serializers.CharField()
    ok = serializers.BooleanField()
    message = serializers.CharField()
    remedy = serializers.CharField()
    detail = serializers.CharField()


class DoctorSerializer(serializers.Serializer):
    checks = CheckSerializer(many=True)


class SlotSerializer(StrictModelSerializer):
    """weekday 0 = Monday; time in the organisation's zone."""

    class Meta:
        model = PostingSlot
        fields = ["id", "weekday", "time"]


class FreeSlotsQuery(serializers.Serializer):
    start = InstantField(required=False)
    end = InstantField(required=False)


class FreeSlotsSerializer(serializers.Serializer):
    timezone = serializers.CharField()
    slots = serializers.ListField(child=serializers.DateTimeField())
