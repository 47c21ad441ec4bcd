"""Publications as JSON."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from socialhub import registries
from socialhub.api.fields import InstantField
from socialhub.api.strict import StrictSerializer
from socialhub.models import Publication, PublicationAttempt, PublicationStatus
from socialhub.services import publishing

# From the moment it may be on the network, the text is the one that was sent.
SENT = (PublicationStatus.PUBLISHING, PublicationStatus.UNKNOWN, PublicationStatus.PUBLISHED)


class ErrorSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField(help_text=_("What happened and what to do."))
    detail = serializers.CharField(help_text=_("What the network said."))


class MetricsSerializer(serializers.Serializer):
    """Latest counters; null where the network does not report one."""

    likes = serializers.IntegerField(allow_null=True)
    comments = serializers.IntegerField(allow_null=True)
    shares = serializers.IntegerField(allow_null=True)
    impressions = serializers.IntegerField(allow_null=True)
    reach = serializers.IntegerField(allow_null=True)
    saves = serializers.IntegerField(allow_null=True)
    clicks = serializers.IntegerField(allow_null=True)
    replies = serializers.IntegerField(allow_null=True)
    quotes = serializers.IntegerField(allow_null=True)
    engagements = serializers.IntegerField(allow_null=True)
    engagement_rate = serializers.FloatField(allow_null=True)
    measured_at = serializers.DateTimeField(allow_null=True)
    gone_at = serializers.DateTimeField(
        allow_null=True, help_text=_("Since when the network no longer has it.")
    )
    not_measured = serializers.ChoiceField(
        choices=["monthly_cap"],
        allow_null=True,
        help_text=_(
            "monthly_cap: the account's money for the month is used up, so the last reading was "
            "left out; what is known is as old as measured_at says."
        ),
    )


class PublicationSerializer(serializers.ModelSerializer):
    """Rows come from `queries.publications`; context["metrics"] holds counters by id."""

    platform = serializers.CharField(source="account.platform", read_only=True)
    text = serializers.SerializerMethodField()
    waiting_for = serializers.IntegerField(read_only=True, allow_null=True)
    error = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField()
    attempts = serializers.IntegerField(source="attempt_count", read_only=True)
    generation = serializers.IntegerField(
        source="latest_generation", read_only=True, allow_null=True
    )
    metrics = serializers.SerializerMethodField()
    interaction = serializers.IntegerField(source="answers_id", read_only=True, allow_null=True)
    cancel_requested = serializers.SerializerMethodField()

    class Meta:
        model = Publication
        fields = [
            "id",
            "post",
            "account",
            "platform",
            "text",
            "status",
            "waiting_for",
            "due_at",
            "not_before",
            "published_at",
            "remote_id",
            "permalink",
            "parent",
            "interaction",
            "error",
            "explanation",
            "needs_person",
            "cancel_requested",
            "attempts",
            "generation",
            "metrics",
            "created_at",
        ]
        read_only_fields = fields

    def get_text(self, row: Publication) -> str:
        sent = getattr(row, "sent_text", None)
        return sent if row.status in SENT and sent is not None else row.full_text

    @extend_schema_field(ErrorSerializer(allow_null=True))
    def get_error(self, row: Publication) -> dict[str, str] | None:
        message = publishing.explain(row)
        if not message:
            return None
        return {
            "code": row.error_code or row.status,
            "message": message,
            "detail": row.error_detail,
        }

    def get_explanation(self, row: Publication) -> str:
        return publishing.explain(row)

    def get_cancel_requested(self, row: Publication) -> bool:
        return row.cancel_requested_at is not None

    @extend_schema_field(MetricsSerializer(allow_null=True))
    def get_metrics(self, row: Publication) -> dict[str, Any] | None:
        return self.context.get("metrics", {}).get(row.pk)


class AttemptSerializer(serializers.ModelSerializer):
    generation = serializers.IntegerField(source="generation.number", read_only=True)

    class Meta:
        model = PublicationAttempt
        fields = [
            "number",
            "generation",
            "started_at",
            "finished_at",
            "outcome",
            "http_status",
            "error_code",
            "error_detail",
            "remote_id",
            "permalink",
            "is_duplicate",
        ]
        read_only_fields = fields


class EventSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    code = serializers.CharField()
    sentence = serializers.CharField()
    detail = serializers.CharField()
    actor = serializers.CharField(allow_null=True, help_text=_("null = SocialHub itself."))


class PublicationDetailSerializer(PublicationSerializer):
    """One publication, with every attempt and event."""

    attempt_log = serializers.SerializerMethodField()
    timeline = serializers.SerializerMethodField()

    class Meta(PublicationSerializer.Meta):
        fields = [*PublicationSerializer.Meta.fields, "attempt_log", "timeline"]
        read_only_fields = fields

    @extend_schema_field(AttemptSerializer(many=True))
    def get_attempt_log(self, row: Publication) -> Any:
        attempts = row.attempts.select_related("generation").order_by("number")
        return AttemptSerializer(attempts, many=True).data

    @extend_schema_field(EventSerializer(many=True))
    def get_timeline(self, row: Publication) -> Any:
        lines = [
            {
                "at": line.at,
                "code": line.code,
                "sentence": line.sentence,
                "detail": line.detail,
                "actor": line.actor and line.actor.get_username(),
            }
            for line in publishing.timeline(row)
        ]
        return EventSerializer(lines, many=True).data


class RescheduleSerializer(StrictSerializer):
    due_at = InstantField()


class ResolveSerializer(StrictSerializer):
    """What a person saw on the profile."""

    live = serializers.BooleanField()
    permalink = serializers.URLField(required=False, allow_blank=True, default="", max_length=1000)


def metrics_for(rows: list[Publication]) -> dict[int, dict[str, Any]]:
    """Context entry: counters of all these publications, asked for at once."""
    return registries.publication_metrics([row.pk for row in rows])
