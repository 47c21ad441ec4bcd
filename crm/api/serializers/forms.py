"""Lead forms and the settings of leads as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from crm.models import CrmSettings, LeadForm
from crm.services import forms
from socialhub.api.strict import StrictModelSerializer


class LeadFormSerializer(StrictModelSerializer):
    """`sites` may embed it; `snippet` is what they put into a page."""

    sites = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, max_length=50
    )
    url = serializers.SerializerMethodField()
    snippet = serializers.SerializerMethodField()

    class Meta:
        model = LeadForm
        fields = ["id", "key", *forms.FIELDS, "url", "snippet", "created_at"]
        read_only_fields = ["key", "created_at"]

    def get_url(self, form: LeadForm) -> str:
        return forms.address(form)

    def get_snippet(self, form: LeadForm) -> str:
        return forms.snippet(form)

    def create(self, validated_data: dict[str, Any]) -> LeadForm:
        return forms.create(self.context["request"].user, **validated_data)

    def update(self, instance: LeadForm, validated_data: dict[str, Any]) -> LeadForm:
        return forms.change(instance, self.context["request"].user, **validated_data)


class CrmSettingsSerializer(StrictModelSerializer):
    class Meta:
        model = CrmSettings
        fields = ["send_by_itself", "attribution", "retention_months", "consent_text"]
