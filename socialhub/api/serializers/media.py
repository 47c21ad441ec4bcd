"""Media as JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from socialhub.api import queries
from socialhub.api.strict import StrictModelSerializer, StrictSerializer
from socialhub.models import MediaAsset
from socialhub.services import media
from socialhub.services.errors import Conflict

URL_LIFE = timedelta(days=1)


class MediaSerializer(StrictModelSerializer):
    """The bytes never change; alt text and name may."""

    url = serializers.SerializerMethodField(
        help_text=gettext_lazy("Works for a day without a login; read the object for a new one.")
    )

    class Meta:
        model = MediaAsset
        fields = [
            "id",
            "url",
            "name",
            "alt_text",
            "mime",
            "size",
            "width",
            "height",
            "sha256",
            "uploaded_by",
            "created_at",
        ]
        read_only_fields = [name for name in fields if name not in ("name", "alt_text")]

    def get_url(self, asset: MediaAsset) -> str:
        return media.signed_url(asset, URL_LIFE.total_seconds())

    def update(self, instance: MediaAsset, validated_data: dict[str, Any]) -> MediaAsset:
        changed = validated_data.get("alt_text", instance.alt_text) != instance.alt_text
        if changed and queries.media_in_review(instance):
            raise Conflict(
                "in_use",
                _("A post under review or approved shows it. Withdraw that post first."),
            )
        return super().update(instance, validated_data)


class UploadSerializer(StrictSerializer):
    file = serializers.FileField(allow_empty_file=False)
    alt_text = serializers.CharField(required=False, allow_blank=True, default="")
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
