"""Reports, their recipients and deliveries as JSON."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from analytics.models import AnalyticsReport, ReportDelivery, ReportRecipient, ReportType
from analytics.services.reports import files, recipients, telegram
from socialhub.api.fields import MAX_ID
from socialhub.api.strict import StrictModelSerializer, StrictSerializer
from socialhub.services.errors import Invalid


class DeliverySerializer(serializers.ModelSerializer):
    class Meta:
        model = ReportDelivery
        fields = [
            "id",
            "recipient",
            "name",
            "state",
            "attempts",
            "next_try_at",
            "sent_at",
            "error",
            "created_at",
        ]
        read_only_fields = fields


class ReportSerializer(serializers.ModelSerializer):
    """Figures as they were when the report was made; missing ones are null.

    `posts_change_pct` compares the number of posts, `engagement_change_pct` the engagement that
    happened, both with the equally long period before. `avg_…_per_post` are per publication that
    reports the number.
    """

    scope = serializers.CharField(source="scope_key")
    deliveries = DeliverySerializer(many=True)

    class Meta:
        model = AnalyticsReport
        fields = [
            "id",
            "report_type",
            "period_start",
            "period_end",
            "revision",
            "scope",
            "language",
            "timezone",
            "data_version",
            "measured_at",
            "made_at",
            "made_by",
            "total_posts",
            "total_publications",
            "total_impressions",
            "total_engagements",
            "total_likes",
            "total_comments",
            "total_shares",
            "avg_engagement_rate",
            "avg_impressions_per_post",
            "avg_engagements_per_post",
            "posts_change_pct",
            "engagement_change_pct",
            "top_posts",
            "best_times",
            "content_performance",
            "platform_breakdown",
            "sections",
            "summary",
            "telegram_summary",
            "deliveries",
        ]
        read_only_fields = fields


class WholeReportSerializer(ReportSerializer):
    """With `details`: every figure the report keeps, the daily series among them."""

    class Meta(ReportSerializer.Meta):
        fields = [*ReportSerializer.Meta.fields, "details"]
        read_only_fields = fields


class GenerateSerializer(StrictSerializer):
    """What to make. The end is needed for a custom period only."""

    report_type = serializers.ChoiceField(ReportType.choices)
    period_start = serializers.DateField()
    period_end = serializers.DateField(required=False, allow_null=True, default=None)
    scope = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=60,
        default="",
        help_text="“account:12”, “platform:mastodon” or “campaign:7”; empty for everything.",
    )
    force = serializers.BooleanField(
        required=False, default=False, help_text="Make another revision of a report that exists."
    )


class SendSerializer(StrictSerializer):
    """Recipients by id; without them the subscribers of this type of report."""

    recipients = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        required=False,
        max_length=200,
    )


class SentSerializer(serializers.Serializer):
    deliveries = DeliverySerializer(many=True)


class DownloadSerializer(serializers.Serializer):
    """The query of a download."""

    format = serializers.ChoiceField(files.FORMATS, default="html")
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)


class RecipientSerializer(StrictModelSerializer):
    """The address holds secrets: it can be written, never read."""

    address = serializers.CharField(
        write_only=True,
        max_length=1_000,
        help_text="A mail address, or a channel address like tgram://TOKEN/CHAT.",
    )
    kind = serializers.SerializerMethodField(help_text="mail, telegram or service")

    class Meta:
        model = ReportRecipient
        fields = [
            "id",
            "name",
            "address",
            "kind",
            "language",
            "wants_weekly",
            "wants_monthly",
            "is_active",
            "created_at",
        ]
        read_only_fields = ["created_at"]

    def get_kind(self, recipient: ReportRecipient) -> str:
        if recipients.mail_address(recipient.url) is not None:
            return "mail"
        is_telegram = recipient.url.lower().startswith(f"{telegram.SCHEME}://")
        return "telegram" if is_telegram else "service"

    def validate_address(self, address: str) -> str:
        try:
            recipients.check(address)
        except Invalid as exc:
            raise serializers.ValidationError(exc.message, exc.code) from None
        return address

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance is None and not attrs.get("address"):
            raise serializers.ValidationError({"address": _("Enter the address.")})
        if "address" in attrs:
            attrs["url"] = attrs.pop("address")
        return attrs
