"""What the lists export. Every field is named here, so a new column is never exported by chance."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from import_export.fields import Field
from import_export.resources import ModelResource

from socialhub.models import Account, Interaction, Organisation, Post, Publication
from socialhub.services import exports
from socialhub.services.tables import harmless


class Export(ModelResource):
    """Texts that no spreadsheet runs, and moments on the organisation's clock."""

    def __init__(self, user: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = user

    @cached_property
    def zone(self) -> ZoneInfo:
        return Organisation.get().zone

    def export_field(self, field: Field, instance: Any, **kwargs: Any) -> Any:
        if field.attribute and isinstance(at := field.get_value(instance), datetime):
            return exports.local(at, self.zone)
        return harmless(super().export_field(field, instance, **kwargs))


class PostExport(Export):
    """The same table as the API gives; what a person chose of it."""

    class Meta:
        model = Post
        fields = exports.POST

    id, status, text, link = (Field(column_name=name) for name in exports.POST[:4])
    accounts, planned_at, language, content_type = (
        Field(column_name=name) for name in exports.POST[4:8]
    )
    campaign, media, evergreen, track_link = (
        Field(column_name=name) for name in exports.POST[8:12]
    )
    author, approved_by, created_at = (Field(column_name=name) for name in exports.POST[12:])

    def before_export(
        self, queryset: QuerySet[Post], export_fields: list[str] | None = None, **kwargs: Any
    ) -> None:
        self._own: dict[str, Account] = {}
        # An empty choice is everything.
        if export_fields and "text" not in export_fields:
            return
        for account in exports.own_texts(self.user, queryset):
            name = exports.text_column(account)
            self._own[name] = account
            self.fields[name] = Field(column_name=name)
            if export_fields:
                export_fields.append(name)

    def filter_export(self, queryset: QuerySet[Post], **kwargs: Any) -> QuerySet[Post]:
        return exports.with_parts(self.user, queryset)

    def export_resource(
        self, instance: Post, selected_fields: list[str] | None = None, **kwargs: Any
    ) -> list[Any]:
        values = exports.post_values(instance, self.zone)
        own = exports.texts_of(instance)
        values.update({name: own.get(one.pk, "") for name, one in self._own.items()})
        names = [str(field.column_name) for field in self.get_export_fields(selected_fields)]
        return [harmless(values[name]) for name in names]


class PublicationExport(Export):
    account = Field("account__handle", "account")
    platform = Field("account__platform", "platform")
    text = Field("full_text", "text")
    campaign = Field("post__campaign__name", "campaign")

    class Meta:
        model = Publication
        fields = tuple(exports.PUBLICATION)


class InteractionExport(Export):
    account = Field("account__handle", "account")
    platform = Field("account__platform", "platform")
    assignee = Field("assignee__username", "assignee")

    class Meta:
        model = Interaction
        fields = (
            "id",
            "platform",
            "account",
            "publication",
            "kind",
            "author_handle",
            "text",
            "permalink",
            "created_at",
            "answered_at",
            "archived_at",
            "assignee",
        )
