"""Leads as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.models import Lead, LeadConflict, LeadNote, LeadRevenue, LeadTouch
from crm.services import leads
from crm.services.erasing import odoo_address
from crm.services.told import LONGEST_TEXT
from socialhub.api.fields import InstantField, RowsField
from socialhub.api.strict import StrictModelSerializer, StrictSerializer
from socialhub.models import Interaction, Post, Publication, TrackedLink

# What a person told; the rest is found out or comes from Odoo.
TOLD = ["name", "contact_name", "email", "phone", "company", "message", "language"]
AMOUNT = {"max_digits": 16, "decimal_places": 2}


class RevenueSerializer(serializers.Serializer):
    """Without tax, in the company's currency; null = Odoo does not tell."""

    quoted = serializers.DecimalField(**AMOUNT, allow_null=True)
    won = serializers.DecimalField(**AMOUNT, allow_null=True)
    invoiced = serializers.DecimalField(**AMOUNT, allow_null=True)
    currency = serializers.CharField(allow_null=True)
    estimate = serializers.BooleanField(source="is_estimate", allow_null=True)


NOTHING = {"quoted": None, "won": None, "invoiced": None, "currency": None, "estimate": None}


class LeadSerializer(StrictModelSerializer):
    """PATCH takes what a person told. Once it is in Odoo, contact, e-mail, phone and company go
    there with the next run; title and message were sent once (docs/odoo.md)."""

    stage = serializers.SerializerMethodField()
    odoo_url = serializers.SerializerMethodField()
    revenue = serializers.SerializerMethodField()

    class Meta:
        model = Lead
        fields = [
            "id",
            "uuid",
            *TOLD,
            "source",
            "state",
            "park_code",
            "park_reason",
            "odoo_id",
            "odoo_url",
            "stage",
            "probability",
            "expected_revenue",
            "currency",
            "outcome",
            "closed_at",
            "lost_reason",
            "salesperson",
            "account",
            "post",
            "publication",
            "campaign",
            "variant_key",
            "product",
            "service",
            "revenue",
            "consent_text",
            "consent_at",
            "exported_at",
            "gone_since",
            "erased_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = [name for name in fields if name not in (*TOLD, "product", "service")]

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_stage(self, lead: Lead) -> str | None:
        return lead.stage_name or None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_odoo_url(self, lead: Lead) -> str | None:
        """Opens the lead in Odoo 16 to 19."""
        return odoo_address(lead) or None

    @extend_schema_field(RevenueSerializer)
    def get_revenue(self, lead: Lead) -> dict[str, Any]:
        try:
            found = lead.revenue
        except LeadRevenue.DoesNotExist:
            return dict(NOTHING)
        shown: dict[str, Any] = RevenueSerializer(found).data
        return shown

    def validate_message(self, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            message = _("At most %(limit)s characters.") % {"limit": LONGEST_TEXT}
            raise serializers.ValidationError(message)
        return text

    def update(self, instance: Lead, validated_data: dict[str, Any]) -> Lead:
        return leads.update(instance, self.context["request"].user, **validated_data)


class TouchSerializer(serializers.ModelSerializer):
    class Meta:
        model = LeadTouch
        fields = [
            *("id", "kind", "at", "interaction", "link", "account", "post", "publication"),
            *("campaign", "variant_key"),
        ]
        read_only_fields = fields


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = LeadNote
        fields = ["id", "interaction", "text", "written_at", "state", "sent_at", "reason"]
        read_only_fields = fields


class ConflictSerializer(serializers.ModelSerializer):
    class Meta:
        model = LeadConflict
        fields = ["id", "field", "ours", "theirs", "raised_at", "settled_at", "choice"]
        read_only_fields = fields


class WhySerializer(serializers.Serializer):
    code = serializers.CharField()
    sentence = serializers.CharField()
    remedy = serializers.CharField()
    action = serializers.CharField()


class WholeLeadSerializer(LeadSerializer):
    """One lead with its story; `why` tells in one look why it is not in Odoo."""

    touches = TouchSerializer(many=True, read_only=True)
    notes = NoteSerializer(many=True, read_only=True)
    conflicts = ConflictSerializer(many=True, read_only=True)
    why = serializers.SerializerMethodField()

    class Meta(LeadSerializer.Meta):
        fields = [*LeadSerializer.Meta.fields, "touches", "notes", "conflicts", "why"]

    @extend_schema_field(WhySerializer)
    def get_why(self, lead: Lead) -> dict[str, str]:
        return asdict(leads.why(lead))


class NewLeadSerializer(LeadSerializer):
    """A lead a program brings, and where it came from: a publication, a post or a tracked link."""

    name = serializers.CharField(required=False, max_length=300)
    link = serializers.SlugRelatedField(
        slug_field="slug", queryset=TrackedLink.objects.none(), required=False, allow_null=True
    )
    variant_key = serializers.CharField(required=False, allow_blank=True, max_length=64)
    consent_text = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    consent_at = InstantField(required=False, allow_null=True)

    class Meta(LeadSerializer.Meta):
        fields = [
            *TOLD,
            *("post", "publication", "campaign", "link", "variant_key", "product", "service"),
            *("consent_text", "consent_at"),
        ]
        read_only_fields: list[str] = []

    def get_fields(self) -> dict[str, Any]:
        """Only what the user may see can be named."""
        from socialhub.api import queries

        fields = super().get_fields()
        for name in ("stage", "odoo_url", "revenue"):
            fields.pop(name, None)
        user = getattr(self.context.get("request"), "user", None)
        if user is not None:
            fields["post"].queryset = Post.objects.visible_to(user)
            fields["publication"].queryset = Publication.objects.visible_to(user).select_related(
                "post__campaign", "account"
            )
            fields["link"].queryset = queries.links(user)
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(attrs.get(name) for name in ("name", "contact_name", "email", "phone")):
            message = _("Give a title, a contact, an e-mail address or a phone number.")
            raise serializers.ValidationError({"name": message})
        return attrs


def _convertible(user: Any) -> Any:
    return Interaction.objects.visible_to(user).select_related(
        "account", "publication__post__campaign", "publication__account"
    )


class ConvertSerializer(StrictSerializer):
    interaction = serializers.PrimaryKeyRelatedField(queryset=Interaction.objects.none())

    def get_fields(self) -> dict[str, Any]:
        """Only interactions the user may see can be named."""
        fields: dict[str, Any] = super().get_fields()
        user = getattr(self.context.get("request"), "user", None)
        if user is not None:
            fields["interaction"].queryset = _convertible(user)
        return fields


class ConvertManySerializer(StrictSerializer):
    interactions = RowsField(
        name="interaction",
        rows=_convertible,
        ids=lambda row: [],
        min_length=1,
        write_only=True,
    )


class ConvertedSerializer(serializers.Serializer):
    created = serializers.IntegerField()
    existing = serializers.IntegerField()
    refused = serializers.IntegerField()


class LeadIdsSerializer(StrictSerializer):
    ids = RowsField(
        name="lead",
        rows=Lead.objects.visible_to,
        ids=lambda row: [],
        min_length=1,
        max_length=1000,
        write_only=True,
    )


class RetriedSerializer(serializers.Serializer):
    retried = serializers.IntegerField()


class SettleSerializer(StrictSerializer):
    conflict = serializers.IntegerField(min_value=1)
    choice = serializers.ChoiceField(choices=["ours", "theirs"])


class ErasedSerializer(serializers.Serializer):
    """`odoo`: pages of records that have to be removed there by hand."""

    leads = serializers.ListField(child=serializers.IntegerField())
    interactions = serializers.IntegerField()
    odoo = serializers.ListField(child=serializers.URLField())
    sentence = serializers.CharField()


class StatsSerializer(serializers.Serializer):
    """`results`: a row per group and currency, the most won revenue first."""

    group_by = serializers.CharField()
    touch = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField()
    results = serializers.ListField(child=serializers.DictField())
    totals = serializers.DictField()
