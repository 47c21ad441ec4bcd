"""Campaigns as JSON."""

from __future__ import annotations

from socialhub.api.strict import StrictModelSerializer
from socialhub.models import Campaign


class CampaignSerializer(StrictModelSerializer):
    class Meta:
        model = Campaign
        fields = [
            "id",
            "name",
            "description",
            "budget",
            "utm_campaign",
            "starts_on",
            "ends_on",
            "is_archived",
            "created_at",
        ]
        read_only_fields = ["created_at"]
