"""Filters of the lists. A value that makes no sense is an error, never ignored."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from socialhub.api.fields import MAX_ID
from socialhub.models import (
    Account,
    AccountStatus,
    Campaign,
    ContentType,
    Interaction,
    InteractionKind,
    JobRun,
    JobState,
    MediaAsset,
    Post,
    PostStatus,
    Publication,
    PublicationStatus,
    TrackedLink,
)


class IdFilter(filters.Filter):
    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)


class ChoiceInFilter(filters.BaseInFilter, filters.ChoiceFilter):
    """`?status=failed,missed`."""


class YesNoFilter(filters.TypedChoiceFilter):
    """true or false; also 1, 0, True, False."""

    def __init__(self, **kwargs: Any) -> None:
        names = ("true", "false", "True", "False", "1", "0")
        kwargs["choices"] = [(name, name) for name in names]
        kwargs["coerce"] = lambda value: value.lower() in ("true", "1")
        super().__init__(**kwargs)


def after(field: str) -> filters.IsoDateTimeFilter:
    return filters.IsoDateTimeFilter(field_name=field, lookup_expr="gte")


def before(field: str) -> filters.IsoDateTimeFilter:
    return filters.IsoDateTimeFilter(field_name=field, lookup_expr="lt")


class AccountFilter(filters.FilterSet):
    platform = filters.CharFilter()
    status = ChoiceInFilter(choices=AccountStatus.choices)

    class Meta:
        model = Account
        fields: list[str] = []


class PostFilter(filters.FilterSet):
    """Archived posts are shown only when asked for."""

    status = ChoiceInFilter(choices=PostStatus.choices)
    content_type = ChoiceInFilter(choices=ContentType.choices)
    language = filters.CharFilter()
    author = IdFilter(field_name="author_id")
    campaign = IdFilter(field_name="campaign_id")
    account = IdFilter(method="on_account")
    platform = filters.CharFilter(method="on_platform")
    archived = YesNoFilter(field_name="is_archived")
    due_after = after("planned_at")
    due_before = before("planned_at")
    created_after = after("created_at")
    created_before = before("created_at")

    class Meta:
        model = Post
        fields: list[str] = []

    def on_account(self, rows: QuerySet[Post], name: str, value: int) -> QuerySet[Post]:
        return self._with_publication(rows, account_id=value)

    def on_platform(self, rows: QuerySet[Post], name: str, value: str) -> QuerySet[Post]:
        return self._with_publication(rows, account__platform=value)

    def _with_publication(self, rows: QuerySet[Post], **wanted: Any) -> QuerySet[Post]:
        """Only publications this user may see, or a hidden account would show in the answer."""
        seen = Publication.objects.visible_to(self.request.user).filter(**wanted)
        return rows.filter(pk__in=seen.values("post_id"))

    def filter_queryset(self, queryset: QuerySet[Post]) -> QuerySet[Post]:
        found: QuerySet[Post] = super().filter_queryset(queryset)
        return found if self.data.get("archived") else found.filter(is_archived=False)


class PublicationFilter(filters.FilterSet):
    status = ChoiceInFilter(choices=PublicationStatus.choices)
    account = IdFilter(field_name="account_id")
    post = IdFilter(field_name="post_id")
    parent = IdFilter(field_name="parent_id")
    platform = filters.CharFilter(field_name="account__platform")
    campaign = IdFilter(field_name="post__campaign_id")
    needs_person = YesNoFilter()
    due_after = after("due_at")
    due_before = before("due_at")
    published_after = after("published_at")
    published_before = before("published_at")

    class Meta:
        model = Publication
        fields: list[str] = []


class MediaFilter(filters.FilterSet):
    sha256 = filters.CharFilter()
    mime = filters.CharFilter()

    class Meta:
        model = MediaAsset
        fields: list[str] = []


class InteractionFilter(filters.FilterSet):
    answered = YesNoFilter(field_name="answered_at", method="is_set")
    archived = YesNoFilter(field_name="archived_at", method="is_set")
    account = IdFilter(field_name="account_id")
    platform = filters.CharFilter(field_name="account__platform")
    publication = IdFilter(field_name="publication_id")
    post = IdFilter(field_name="publication__post_id")
    campaign = IdFilter(field_name="publication__post__campaign_id")
    assignee = IdFilter(field_name="assignee_id")
    kind = ChoiceInFilter(choices=InteractionKind.choices)
    created_after = after("created_at")
    created_before = before("created_at")

    class Meta:
        model = Interaction
        fields: list[str] = []

    def is_set(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return rows.filter(**{f"{name}__isnull": not value})


class CampaignFilter(filters.FilterSet):
    archived = YesNoFilter(field_name="is_archived")

    class Meta:
        model = Campaign
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Campaign]) -> QuerySet[Campaign]:
        found: QuerySet[Campaign] = super().filter_queryset(queryset)
        return found if self.data.get("archived") else found.filter(is_archived=False)


class LinkFilter(filters.FilterSet):
    slug = filters.CharFilter()
    post = IdFilter(field_name="post_id")
    publication = IdFilter(field_name="publication_id")
    campaign = IdFilter(field_name="campaign_id")
    active = YesNoFilter(field_name="is_active")

    class Meta:
        model = TrackedLink
        fields: list[str] = []


class JobFilter(filters.FilterSet):
    kind = filters.CharFilter()
    state = ChoiceInFilter(choices=JobState.choices)

    class Meta:
        model = JobRun
        fields: list[str] = []
