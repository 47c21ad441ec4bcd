"""Image templates as JSON, and the arguments of what is made with them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from socialhub.api.strict import StrictSerializer
from socialhub.services import media
from threads.models import ImageTemplate
from threads.models.templates import LEAST_PIXELS, MOST_PIXELS
from threads.services.pictures import fields as declared
from threads.services.pictures import jobs, templates

TEXT = {"required": False, "allow_blank": True, "trim_whitespace": False}


class FieldSerializer(serializers.Serializer):
    """One declared field, as it is shown; the services check what is sent."""

    name = serializers.CharField()
    label = serializers.CharField(required=False, allow_blank=True)
    type = serializers.ChoiceField(choices=declared.TYPES, required=False)
    required = serializers.BooleanField(required=False)
    default = serializers.JSONField(required=False, allow_null=True)
    max_length = serializers.IntegerField(required=False, allow_null=True)
    source = serializers.CharField(
        required=False, allow_blank=True, help_text=_("What fills it by itself: product.title.")
    )


class SizeSerializer(serializers.Serializer):
    name = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


@extend_schema_field(FieldSerializer(many=True))
class DeclaredField(serializers.JSONField):
    """A list of declarations; what is wrong is said by the service, all at once."""


@extend_schema_field(SizeSerializer(many=True))
class SizesField(serializers.JSONField):
    """A list of sizes."""


class SampleSerializer(serializers.Serializer):
    media = serializers.IntegerField()
    url = serializers.CharField()


class CodeSerializer(StrictSerializer):
    """What an editor holds."""

    html = serializers.CharField(**TEXT)
    css = serializers.CharField(**TEXT)
    fields = DeclaredField(required=False)  # type: ignore[assignment]
    sizes = SizesField(required=False)


class TemplateSerializer(CodeSerializer):
    """Another html, css, fields or sizes is another version."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(required=False, allow_blank=True, max_length=300)
    html = serializers.CharField(trim_whitespace=False)
    width = serializers.IntegerField(required=False, min_value=LEAST_PIXELS, max_value=MOST_PIXELS)
    height = serializers.IntegerField(required=False, min_value=LEAST_PIXELS, max_value=MOST_PIXELS)
    alt_text = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text=_("What alt texts begin as, with names of fields: {{ title }}."),
    )
    version = serializers.IntegerField(
        required=False,
        help_text=_("The version you saw; 409 when somebody changed the template since."),
    )
    design = serializers.CharField(read_only=True)
    sample = serializers.SerializerMethodField(help_text=_("Its picture; null until it is drawn."))
    problems = serializers.SerializerMethodField(
        help_text=_("Why it cannot be drawn any more; empty when it can.")
    )
    author = serializers.IntegerField(source="author_id", read_only=True, allow_null=True)
    is_archived = serializers.BooleanField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    @extend_schema_field(SampleSerializer(allow_null=True))
    def get_sample(self, row: ImageTemplate) -> dict[str, Any] | None:
        if row.sample is None:
            return None
        url = media.signed_url(row.sample, jobs.URL_LIFE.total_seconds())
        return {"media": row.sample.pk, "url": url}

    def get_problems(self, row: ImageTemplate) -> list[str]:
        found = templates.code_problems(templates.source_of(row))
        return [sentence for told in found.values() for sentence in told]

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if self.instance is None and "version" in data:
            message = _("A new template has no version yet.")
            raise serializers.ValidationError({"version": [message]})
        return data

    def create(self, validated_data: dict[str, Any]) -> ImageTemplate:
        return templates.create(self.context["request"].user, **validated_data)

    def update(self, instance: ImageTemplate, validated_data: dict[str, Any]) -> ImageTemplate:
        return templates.change(instance, self.context["request"].user, **validated_data)


class RenderSerializer(StrictSerializer):
    data = serializers.DictField(required=False, default=dict)  # type: ignore[assignment]
    alt_text = serializers.CharField(
        max_length=1500,
        help_text=_("What the picture shows; names of fields are replaced: {{ title }}."),
    )
    size = serializers.CharField(required=False, allow_blank=True, max_length=40)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class PreviewSerializer(CodeSerializer):
    """With html, css, fields or sizes: as if they were saved."""

    data = serializers.DictField(required=False, default=dict)  # type: ignore[assignment]
    size = serializers.CharField(required=False, allow_blank=True, max_length=40)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)


class CopySerializer(StrictSerializer):
    name = serializers.CharField(required=False, allow_blank=True, max_length=120)


# -- what is answered; these describe and do not convert ------------------------------------------


class DesignSerializer(serializers.Serializer):
    """A starter design."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    html = serializers.CharField()
    css = serializers.CharField()
    fields = FieldSerializer(many=True)  # type: ignore[assignment]
    sizes = SizeSerializer(many=True)
    alt_text = serializers.CharField()


class SourceSerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()


class ItemSerializer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()
    values = serializers.DictField()
    data = serializers.DictField(
        allow_null=True, help_text=_("For the fields of `template`, when one is named.")
    )


class SourcesSerializer(serializers.Serializer):
    sources = SourceSerializer(many=True)
    items = ItemSerializer(many=True)


class SourcesAsked(StrictSerializer):
    source = serializers.CharField(required=False, max_length=40)
    q = serializers.CharField(required=False, allow_blank=True, max_length=200)
    template = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
