"""Filters of the list of series. A value that makes no sense is an error, never ignored."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet

from socialhub.api.filters import ChoiceInFilter, IdFilter, YesNoFilter, after, before
from socialhub.models import Account
from threads.models import SeriesState, ThreadAccount, ThreadSeries


class ThreadSeriesFilter(filters.FilterSet):
    """Archived series are shown only when asked for."""

    state = ChoiceInFilter(choices=SeriesState.choices, field_name="state_now")
    account = IdFilter(method="on_account")
    campaign = IdFilter(field_name="campaign_id")
    author = IdFilter(field_name="author_id")
    archived = YesNoFilter(field_name="is_archived")
    due_after = after("due_at")
    due_before = before("due_at")
    created_after = after("created_at")
    created_before = before("created_at")

    class Meta:
        model = ThreadSeries
        fields: list[str] = []

    def on_account(
        self, rows: QuerySet[ThreadSeries], name: str, value: int
    ) -> QuerySet[ThreadSeries]:
        """Only accounts this user may see, or a hidden one would show in the answer."""
        seen = Account.objects.visible_to(self.request.user).filter(pk=value)
        on_it = ThreadAccount.objects.filter(account_id__in=seen.values("pk"))
        return rows.filter(pk__in=on_it.values("series_id"))

    def filter_queryset(self, queryset: QuerySet[ThreadSeries]) -> QuerySet[ThreadSeries]:
        found: QuerySet[ThreadSeries] = super().filter_queryset(queryset)
        asked = self.form.cleaned_data.get("archived")
        return found if asked not in (None, "") else found.filter(is_archived=False)
