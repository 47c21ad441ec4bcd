"""Thread series as JSON, and the arguments of their verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from socialhub.api.fields import MAX_ID, InstantField, RowsField
from socialhub.api.serializers.publications import ErrorSerializer
from socialhub.api.strict import StrictSerializer
from socialhub.models import Account, Campaign, MediaAsset, Publication
from socialhub.services import publishing
from threads.api.fields import ModesField, PartOverridesField
from threads.models import Numbering, SeriesState, SeriesStatus, ThreadPost, ThreadSeries
from threads.services import series as services
from threads.services.series import AccountChoice, PartData

# Sources of `generate/`.
SOURCES = [(name, name) for name in ("topic", "text", "url", "product", "service")]
MADE_BY = ("", "ai", "deterministic")


def accounts_of(user: Any) -> QuerySet[Account]:
    return Account.objects.visible_to(user)


def _media(user: Any) -> QuerySet[MediaAsset]:
    return MediaAsset.objects.visible_to(user)


class PartErrorSerializer(ErrorSerializer):
    """Why a part is not out."""


class PartPublicationSerializer(serializers.ModelSerializer):
    """A part on one account; more about it at /api/publications/{id}/."""

    platform = serializers.CharField(source="account.platform", read_only=True)
    text = serializers.CharField(
        source="full_text", read_only=True, help_text=_("With number, call to action and link.")
    )
    waiting_for = serializers.IntegerField(read_only=True, allow_null=True)
    error = serializers.SerializerMethodField()

    class Meta:
        model = Publication
        fields = [
            "id",
            "account",
            "platform",
            "status",
            "text",
            "parent",
            "root",
            "follows_as",
            "waiting_for",
            "due_at",
            "published_at",
            "remote_id",
            "permalink",
            "needs_person",
            "error",
        ]
        read_only_fields = fields

    @extend_schema_field(PartErrorSerializer(allow_null=True))
    def get_error(self, row: Publication) -> dict[str, str] | None:
        message = publishing.explain(row)
        if not message:
            return None
        code = row.error_code or row.status
        return {"code": code, "message": message, "detail": row.error_detail}


class PictureSerializer(StrictSerializer):
    """A picture still to be made from a template; then it is among `media`, and this is {}."""

    template = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    size = serializers.CharField(required=False, allow_blank=True, max_length=40)
    data = serializers.DictField(required=False)
    alt_text = serializers.CharField(required=False, allow_blank=True, max_length=500)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return dict(instance)


class PartSerializer(StrictSerializer):
    """What is written, without number and call to action; `publications` have the whole text."""

    id = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_ID,
        help_text=_("Keeps the part its row wherever it stands; without ids they keep by place."),
    )
    position = serializers.IntegerField(read_only=True)
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=100_000
    )
    link = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    track_link = serializers.BooleanField(required=False)
    media = RowsField(
        name="media",
        rows=_media,
        ids=lambda part: [item.media_id for item in part.part_media.all()],
        required=False,
        help_text=_("Ids of media, in the order shown."),
    )
    overrides = PartOverridesField(required=False, help_text=_("Another text: {account id: text}."))
    picture = PictureSerializer(required=False)
    post = serializers.IntegerField(source="post_id", read_only=True)
    publications = PartPublicationSerializer(source="post.publications", many=True, read_only=True)

    def _strange(self, data: Any) -> dict[str, list[Any]]:
        """What was read may be sent back."""
        errors = super()._strange(data)
        shown = ("position", "post", "publications")
        return {name: why for name, why in errors.items() if name not in shown}

    def to_internal_value(self, data: Any) -> PartData:
        return PartData(**super().to_internal_value(data))


class ThreadSeriesSerializer(StrictSerializer):
    """Written through the services; states are read-only."""

    id = serializers.IntegerField(read_only=True)
    state = serializers.ChoiceField(
        choices=SeriesState.choices, read_only=True, help_text=_("Where its parts are.")
    )
    status = serializers.ChoiceField(
        choices=SeriesStatus.choices, read_only=True, help_text=_("What people decided.")
    )
    title = serializers.CharField(max_length=200)
    topic = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    campaign = serializers.PrimaryKeyRelatedField(
        queryset=Campaign.objects.all(), required=False, allow_null=True
    )
    accounts = RowsField(
        name="account",
        rows=accounts_of,
        ids=lambda series: [one.account_id for one in series.series_accounts.all()],
        required=False,
        help_text=_("Ids of the accounts it goes to."),
    )
    modes = ModesField(
        required=False,
        help_text=_(
            "How the parts hang together: {account id: mode}. Without one they are replies."
        ),
    )
    due_at = InstantField(required=False, allow_null=True)
    numbering = serializers.ChoiceField(choices=Numbering.choices, required=False)
    numbers_first = serializers.BooleanField(required=False)
    closing = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=5_000,
        help_text=_("The call to action at the end of the last part."),
    )
    pace_seconds = serializers.IntegerField(required=False, min_value=0, max_value=86_400)
    made_by = serializers.ChoiceField(choices=MADE_BY, required=False, allow_blank=True)
    parts = PartSerializer(
        many=True,
        required=False,
        help_text=_("All parts in their order; what is left out of one is empty from then on."),
    )
    version = serializers.IntegerField(
        required=False,
        help_text=_("The version you saw; 409 when somebody changed the series since."),
    )
    review_comment = serializers.CharField(read_only=True)
    author = serializers.IntegerField(source="author_id", read_only=True, allow_null=True)
    author_name = serializers.CharField(
        source="author.username", read_only=True, allow_null=True, default=None
    )
    approved_by = serializers.IntegerField(source="approved_by_id", read_only=True, allow_null=True)
    approved_at = serializers.DateTimeField(read_only=True, allow_null=True)
    is_archived = serializers.BooleanField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if self.instance is None and "version" in data:
            message = _("A new series has no version yet.")
            raise serializers.ValidationError({"version": [message]})
        given = with_modes(data, self._present())
        if self.instance is not None and given.get("due_at") == self.instance.due_at:
            # Sent back as it was read: not a new choice, even when it has passed.
            given.pop("due_at", None)
        return given

    def _present(self) -> list[Account]:
        if self.instance is None:
            return []
        return [one.account for one in self.instance.series_accounts.all()]

    def create(self, validated_data: dict[str, Any]) -> ThreadSeries:
        return services.create(self.context["request"].user, **validated_data)

    def update(self, instance: ThreadSeries, validated_data: dict[str, Any]) -> ThreadSeries:
        return services.edit(instance, self.context["request"].user, **validated_data)


def with_modes(data: Mapping[str, Any], present: list[Account]) -> dict[str, Any]:
    """Accounts with the modes given for them; modes alone are those of the present accounts."""
    given = dict(data)
    modes = given.pop("modes", None)
    if modes is None and "accounts" not in given:
        return given
    accounts = given.get("accounts", present)
    if set(modes or {}) - {account.pk for account in accounts}:
        message = _("A mode is given for an account that is not chosen.")
        raise serializers.ValidationError({"modes": [message]})
    given["accounts"] = [AccountChoice(one, (modes or {}).get(one.pk, "")) for one in accounts]
    return given


class ReorderSerializer(StrictSerializer):
    """Every part once: by its id, or by the position it has now."""

    order = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID), max_length=100
    )

    @staticmethod
    def ids(series: ThreadSeries, order: list[int]) -> list[int]:
        """Part ids; numbers that are no ids of this series are positions."""
        parts = {part.position: part.pk for part in ThreadPost.objects.filter(series=series)}
        if set(order) <= set(parts.values()):
            return order
        return [parts.get(number, 0) for number in order]


class ResumeSerializer(StrictSerializer):
    account = serializers.PrimaryKeyRelatedField(
        queryset=Account.objects.none(),
        required=False,
        allow_null=True,
        help_text=_("Only there; without one on every account."),
    )

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            fields["account"].queryset = accounts_of(request.user)
        return fields


class ResumedSerializer(serializers.Serializer):
    publication = serializers.IntegerField(source="publication.pk")
    how = serializers.ChoiceField(
        choices=("sent", "looked"),
        help_text=_("looked: it got no answer, so the network is asked before anything is sent."),
    )


class ResumedSeriesSerializer(ThreadSeriesSerializer):
    """The series, and what was done with which publication."""

    resumed = ResumedSerializer(many=True, read_only=True)


class PreviewedSerializer(StrictSerializer):
    """What is to be previewed; of a stored series what is not given is as stored."""

    accounts = RowsField(name="account", rows=accounts_of, ids=lambda row: [], required=False)
    modes = ModesField(required=False)
    parts = PartSerializer(many=True, required=False)
    numbering = serializers.ChoiceField(choices=Numbering.choices, required=False)
    numbers_first = serializers.BooleanField(required=False)
    closing = serializers.CharField(required=False, allow_blank=True, max_length=5_000)


class PartPreviewSerializer(serializers.Serializer):
    position = serializers.IntegerField()
    text = serializers.CharField()
    count = serializers.IntegerField()
    unit = serializers.CharField()
    limit = serializers.IntegerField()
    bytes = serializers.IntegerField(allow_null=True)
    byte_limit = serializers.IntegerField(allow_null=True)
    ok = serializers.BooleanField()
    sentences = serializers.ListField(child=serializers.CharField())


class AccountPreviewSerializer(serializers.Serializer):
    account = serializers.IntegerField(source="account.pk")
    mode = serializers.CharField()
    refused = serializers.CharField(
        help_text=_("Why it cannot go out there like this, and what is possible instead.")
    )
    parts = PartPreviewSerializer(many=True)


class SeriesProblemSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField(source="sentence")
    position = serializers.IntegerField(allow_null=True)
    account = serializers.IntegerField(source="account.pk", allow_null=True, default=None)


class SeriesPreviewSerializer(serializers.Serializer):
    """The whole chain per account, and everything that is in the way."""

    accounts = AccountPreviewSerializer(many=True)
    problems = SeriesProblemSerializer(many=True)


class GenerateSeriesSerializer(StrictSerializer):
    """What the series is made of: a topic, a text, an address, or the id of a product."""

    source = serializers.ChoiceField(choices=SOURCES)
    value = serializers.CharField(max_length=100_000)
    accounts = RowsField(name="account", rows=accounts_of, ids=lambda row: [])
    parts = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=25)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    numbering = serializers.ChoiceField(choices=Numbering.choices, required=False)
    closing = serializers.CharField(required=False, allow_blank=True, max_length=5_000)
