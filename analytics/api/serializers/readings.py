"""Readings as JSON."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from analytics import definitions
from analytics.definitions import MOST
from analytics.models import PostMetrics
from socialhub.api.fields import InstantField
from socialhub.api.strict import StrictSerializer
from socialhub.models import Publication
from socialhub.platforms.base import COUNTERS


class ReadingSerializer(serializers.Serializer):
    """One reading; null = not reported by the network (or not given)."""

    publication = serializers.IntegerField(source="publication_id")
    account = serializers.IntegerField(source="publication.account_id")
    platform = serializers.CharField(source="publication.account.platform")
    collected_at = serializers.DateTimeField()
    likes = serializers.IntegerField(allow_null=True)
    comments = serializers.IntegerField(allow_null=True)
    shares = serializers.IntegerField(allow_null=True)
    impressions = serializers.IntegerField(allow_null=True)
    reach = serializers.IntegerField(allow_null=True)
    saves = serializers.IntegerField(allow_null=True)
    clicks = serializers.IntegerField(allow_null=True)
    replies = serializers.IntegerField(allow_null=True)
    quotes = serializers.IntegerField(allow_null=True)
    engagements = serializers.SerializerMethodField()
    engagement_rate = serializers.SerializerMethodField()
    is_manual = serializers.BooleanField()

    def get_engagements(self, row: PostMetrics) -> int | None:
        return definitions.engagements(row.counters())

    def get_engagement_rate(self, row: PostMetrics) -> float | None:
        return definitions.engagement_rate(row.counters())


def _counter(name: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=0, max_value=MOST[name], required=False, allow_null=True
    )


class RecordSerializer(StrictSerializer):
    """A reading made elsewhere. `collected_at` is now when it is not given."""

    publication = serializers.PrimaryKeyRelatedField(
        queryset=Publication.objects.none(),
        error_messages={
            "does_not_exist": _("This post has no publication with the id {pk_value}.")
        },
    )
    collected_at = InstantField(required=False)
    likes = _counter("likes")
    comments = _counter("comments")
    shares = _counter("shares")
    impressions = _counter("impressions")
    reach = _counter("reach")
    saves = _counter("saves")
    clicks = _counter("clicks")
    replies = _counter("replies")
    quotes = _counter("quotes")

    def get_fields(self) -> dict[str, Any]:
        """Only publications of this post that the user may see can be named."""
        fields: dict[str, Any] = super().get_fields()
        if "publications" in self.context:
            fields["publication"].queryset = self.context["publications"]
        return fields

    def counters(self) -> dict[str, int | None]:
        return {name: self.validated_data.get(name) for name in COUNTERS}
