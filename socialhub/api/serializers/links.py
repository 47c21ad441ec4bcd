"""Tracked links as JSON."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from socialhub.api.strict import StrictModelSerializer
from socialhub.models import LinkDestination, Post, Publication, TrackedLink
from socialhub.services import links


class DestinationSerializer(StrictModelSerializer):
    class Meta:
        model = LinkDestination
        fields = ["key", "url", "weight"]
        extra_kwargs = {"key": {"required": False}, "weight": {"required": False}}


class LinkSerializer(StrictModelSerializer):
    """context["clicks"] holds visits by link id."""

    slug = serializers.SlugField(required=False, max_length=40)
    short_url = serializers.SerializerMethodField()
    destinations = DestinationSerializer(many=True)
    clicks = serializers.SerializerMethodField()

    class Meta:
        model = TrackedLink
        fields = [
            "id",
            "slug",
            "short_url",
            "destinations",
            "post",
            "publication",
            "campaign",
            "utm_source",
            "utm_medium",
            "utm_campaign",
            "utm_content",
            "is_active",
            "clicks",
            "created_at",
        ]
        read_only_fields = ["created_at"]

    def get_fields(self) -> dict[str, Any]:
        """Only posts and publications the user may see can be named; they are set once."""
        fields = super().get_fields()
        user = getattr(self.context.get("request"), "user", None)
        for name, model in (("post", Post), ("publication", Publication)):
            fields[name].queryset = model.objects.visible_to(user) if user else model.objects.none()
            fields[name].validators = []
        if self.instance is not None and not isinstance(self.instance, list):
            for name in ("slug", "post", "publication"):
                fields[name].read_only = True
        return fields

    def get_short_url(self, link: TrackedLink) -> str:
        return links.url_of(link)

    def get_clicks(self, link: TrackedLink) -> int:
        """Visits of people; crawlers and prefetches are not counted."""
        counted = self.context.get("clicks")
        return (counted if counted is not None else links.clicks([link.pk])).get(link.pk, 0)

    def validate_destinations(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        keys = [row.get("key", "default") for row in rows]
        if not rows or len(set(keys)) < len(keys):
            raise serializers.ValidationError(
                _("Give at least one destination, each with a key of its own.")
            )
        if not any(row.get("weight", 1) for row in rows):
            raise serializers.ValidationError(
                _("At least one destination needs a weight above 0."), code="no_weight"
            )
        return rows

    def create(self, validated_data: dict[str, Any]) -> TrackedLink:
        active = validated_data.pop("is_active", True)
        link = links.create(self.context["request"].user, **validated_data)
        if not active:
            link.is_active = False
            link.save(update_fields=["is_active"])
        return link

    @transaction.atomic
    def update(self, instance: TrackedLink, validated_data: dict[str, Any]) -> TrackedLink:
        rows = validated_data.pop("destinations", None)
        if rows is not None or "is_active" in validated_data:
            links.require_changeable(instance)
        link = super().update(instance, validated_data)
        if rows is not None:
            _replace_destinations(link, rows)
        return link


def _replace_destinations(link: TrackedLink, rows: list[dict[str, Any]]) -> None:
    """Rows keep their identity by key, so that visitors stay where they are."""
    present = {destination.key: destination for destination in link.destinations.all()}
    for row in rows:
        key = row.get("key", "default")
        destination = present.pop(key, None) or LinkDestination(link=link, key=key)
        destination.url, destination.weight = row["url"], row.get("weight", 1)
        try:
            destination.full_clean()
        except ModelError as exc:
            raise serializers.ValidationError(serializers.as_serializer_error(exc)) from None
        destination.save()
    for gone in present.values():
        gone.delete()
