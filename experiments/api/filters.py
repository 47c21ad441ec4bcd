"""Filters of the lists. A value that makes no sense is an error, never ignored."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet

from experiments.models import ABTest, ABTestState, Design, Metric, Outcome
from socialhub.api.filters import ChoiceInFilter, IdFilter, after, before
from socialhub.models import Account


class ABTestFilter(filters.FilterSet):
    state = ChoiceInFilter(choices=ABTestState.choices)
    outcome = ChoiceInFilter(choices=Outcome.choices)
    design = ChoiceInFilter(choices=Design.choices)
    metric = ChoiceInFilter(choices=Metric.choices)
    account = IdFilter(method="on_account")
    campaign = IdFilter(field_name="campaign_id")
    source_post = IdFilter(field_name="source_post_id")
    author = IdFilter(field_name="author_id")
    created_after = after("created_at")
    created_before = before("created_at")

    class Meta:
        model = ABTest
        fields: list[str] = []

    def on_account(self, rows: QuerySet[ABTest], name: str, value: int) -> QuerySet[ABTest]:
        """Only accounts this user may see, or a hidden one would show in the answer."""
        seen = Account.objects.visible_to(self.request.user).filter(pk=value)
        on_it = ABTest.accounts.through.objects.filter(account_id__in=seen.values("pk"))
        return rows.filter(pk__in=on_it.values("abtest_id"))
