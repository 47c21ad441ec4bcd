"""Numbers to look at and sort; they are written by the collector only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from analytics.models import PublicationStats
from analytics.queries import unmeasured
from analytics.templatetags.analytics import unmeasured as unread
from socialhub import badges
from socialhub.admin.base import ReadOnlyAdmin
from socialhub.admin.filters import AccountFilter


@admin.register(PublicationStats)
class PublicationStatsAdmin(ReadOnlyAdmin):
    list_display = [
        "excerpt",
        "profile",
        "published_at",
        "shown_impressions",
        "shown_engagements",
        "shown_rate",
        "measured",
    ]
    list_display_links = None
    list_filter = [
        AccountFilter,
        ("content_type", ChoicesDropdownFilter),
        ("published_at", RangeDateTimeFilter),
    ]
    search_fields = ["publication__post__text"]
    ordering = ["-published_at", "-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("publication__post", "account")

    @admin.display(description=_("publication"))
    def excerpt(self, row: PublicationStats) -> SafeString:
        url = reverse("admin:socialhub_publication_change", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, badges.excerpt(row.publication.post))

    @admin.display(description=_("account"))
    def profile(self, row: PublicationStats) -> SafeString:
        return badges.network(row.account)

    @admin.display(description=_("impressions"), ordering="impressions")
    def shown_impressions(self, row: PublicationStats) -> SafeString:
        return _shown(row, row.impressions)

    @admin.display(description=_("engagements"), ordering="engagements")
    def shown_engagements(self, row: PublicationStats) -> SafeString:
        return _shown(row, row.engagements)

    @admin.display(description=_("engagement rate"), ordering="engagement_rate")
    def shown_rate(self, row: PublicationStats) -> SafeString:
        shown = _shown(row, row.engagement_rate, 2)
        return shown if row.engagement_rate is None else format_html("{} %", shown)

    @admin.display(description=_("measured"), ordering="metrics_at")
    def measured(self, row: PublicationStats) -> SafeString:
        """With the reason where the last reading was left out."""
        shown = badges.ago(row.metrics_at)
        why = unmeasured.sentence(row.account, row.skipped_at)
        return format_html('<span title="{}">{} *</span>', why, shown) if why else shown


def _shown(row: PublicationStats, value: Any, decimals: int | None = None) -> SafeString:
    """A number, or that it was not read."""
    why = unmeasured.sentence(row.account, row.skipped_at) if value is None else ""
    return unread(why) if why else badges.number(value, decimals)
