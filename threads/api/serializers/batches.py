"""Bulk runs as JSON."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from socialhub.api.fields import RowsField
from socialhub.api.strict import StrictSerializer
from socialhub.models import Account, Campaign
from socialhub.services import media
from threads.models import BatchState, ImageBatch, ImageBatchRow, RowState
from threads.models.batches import MOST_ROWS
from threads.services.pictures import jobs


class BulkSerializer(StrictSerializer):
    """A CSV file, or `source` and `ids`."""

    file = serializers.FileField(required=False, allow_empty_file=True)
    source = serializers.CharField(required=False, max_length=20)
    ids = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=MOST_ROWS
    )
    mapping = serializers.JSONField(
        required=False, help_text=_("{field: column} where their names differ.")
    )
    size = serializers.CharField(required=False, allow_blank=True, max_length=40)
    alt_text = serializers.CharField(
        max_length=500, help_text=_("With names of fields or columns: {{ title }}.")
    )
    post_text = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=20_000,
        help_text=_(
            "The text of a draft for each picture, with names; empty and no accounts: none."
        ),
    )
    accounts = RowsField(
        name="account",
        rows=Account.objects.visible_to,
        ids=lambda row: [],
        required=False,
    )
    campaign = serializers.PrimaryKeyRelatedField(
        queryset=Campaign.objects.all(), required=False, allow_null=True
    )
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    dry_run = serializers.BooleanField(
        required=False, default=False, help_text=_("Only check; `start/` of the batch makes it.")
    )
    skip_bad = serializers.BooleanField(
        required=False, default=False, help_text=_("Make the rows that are right.")
    )

    def validate_mapping(self, given: Any) -> dict[str, str]:
        if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
            raise serializers.ValidationError(_("Give columns by the names of fields."))
        return given

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("file" in data) == ("source" in data):
            raise serializers.ValidationError({"file": [_("Send a file, or source and ids.")]})
        if "source" in data and not data.get("ids"):
            raise serializers.ValidationError({"ids": [_("Name at least one.")]})
        return data


class RowProblemSerializer(serializers.Serializer):
    row = serializers.IntegerField()
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class BulkStartedSerializer(serializers.Serializer):
    """`job` is null after a dry run."""

    job = serializers.UUIDField(allow_null=True)
    batch = serializers.IntegerField()
    rows = serializers.IntegerField()
    problems = RowProblemSerializer(many=True)


class BatchRowImageSerializer(serializers.Serializer):
    media = serializers.IntegerField()
    url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    sha256 = serializers.CharField()


class BatchRowSerializer(serializers.Serializer):
    position = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RowState.choices)
    data = serializers.SerializerMethodField()
    alt_text = serializers.SerializerMethodField()
    post_text = serializers.SerializerMethodField()
    errors = serializers.DictField(help_text=_("Sentences by field; “” is the row."))
    image = serializers.SerializerMethodField()
    post = serializers.IntegerField(source="post_id", allow_null=True)

    def get_data(self, row: ImageBatchRow) -> dict[str, Any]:
        return dict(row.data.get("values", {}))

    def get_alt_text(self, row: ImageBatchRow) -> str:
        return str(row.data.get("alt_text", ""))

    def get_post_text(self, row: ImageBatchRow) -> str:
        return str(row.data.get("post_text", ""))

    @extend_schema_field(BatchRowImageSerializer(allow_null=True))
    def get_image(self, row: ImageBatchRow) -> dict[str, Any] | None:
        image = row.image
        if image is None:
            return None
        return {
            "media": image.media_id,
            "url": media.signed_url(image.media, jobs.URL_LIFE.total_seconds()),
            "width": image.width,
            "height": image.height,
            "sha256": image.sha256,
        }


class BatchSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    template = serializers.IntegerField(source="version.template_id")
    version = serializers.IntegerField(source="version.number")
    size = serializers.CharField()
    source = serializers.CharField()
    state = serializers.ChoiceField(choices=BatchState.choices)
    job = serializers.UUIDField(source="job_id", allow_null=True)
    alt_text = serializers.CharField()
    post_text = serializers.CharField()
    accounts = serializers.SerializerMethodField()
    campaign = serializers.IntegerField(source="campaign_id", allow_null=True)
    language = serializers.CharField()
    owner = serializers.IntegerField(source="owner_id", allow_null=True)
    created_at = serializers.DateTimeField()
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()

    def get_accounts(self, batch: ImageBatch) -> list[int]:
        return [account.pk for account in batch.accounts.all()]


class WholeBatchSerializer(BatchSerializer):
    rows = BatchRowSerializer(many=True)
