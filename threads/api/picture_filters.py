"""Filters of the lists of templates and bulk runs."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet

from socialhub.api.filters import ChoiceInFilter, IdFilter, YesNoFilter
from threads.models import BatchState, ImageBatch, ImageTemplate


class TemplateFilter(filters.FilterSet):
    """Archived templates are shown only when asked for."""

    archived = YesNoFilter(field_name="is_archived")
    author = IdFilter(field_name="author_id")
    design = filters.CharFilter()

    class Meta:
        model = ImageTemplate
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[ImageTemplate]) -> QuerySet[ImageTemplate]:
        if self.form.cleaned_data.get("archived") in (None, ""):
            queryset = queryset.filter(is_archived=False)
        return super().filter_queryset(queryset)


class BatchFilter(filters.FilterSet):
    state = ChoiceInFilter(choices=BatchState.choices)
    template = IdFilter(field_name="version__template_id")

    class Meta:
        model = ImageBatch
        fields: list[str] = []
