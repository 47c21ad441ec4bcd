"""Filters of the lists. A value that makes no sense is an error, never ignored."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from crm.models import (
    Direction,
    Lead,
    LeadSource,
    LeadState,
    LogOutcome,
    OdooSyncLog,
    OdooSyncRun,
    Outcome,
    RunState,
    SyncKind,
)
from socialhub.api.filters import ChoiceInFilter, IdFilter, YesNoFilter, after, before


class LeadFilter(filters.FilterSet):
    state = ChoiceInFilter(choices=LeadState.choices)
    outcome = ChoiceInFilter(choices=Outcome.choices)
    source = ChoiceInFilter(choices=LeadSource.choices)
    account = IdFilter(field_name="account_id")
    post = IdFilter(field_name="post_id")
    publication = IdFilter(field_name="publication_id")
    campaign = IdFilter(field_name="campaign_id")
    product = IdFilter(field_name="product_id")
    service = IdFilter(field_name="service_id")
    stage = filters.CharFilter(field_name="stage_name")
    variant_key = filters.CharFilter()
    odoo_id = IdFilter()
    erased = YesNoFilter(method="is_erased")
    created_after = after("created_at")
    created_before = before("created_at")

    class Meta:
        model = Lead
        fields: list[str] = []

    def is_erased(self, rows: QuerySet[Lead], name: str, value: bool) -> QuerySet[Lead]:
        return rows.filter(erased_at__isnull=not value)


class RunFilter(filters.FilterSet):
    connection = IdFilter(field_name="connection_id")
    kind = ChoiceInFilter(choices=SyncKind.choices)
    state = ChoiceInFilter(choices=RunState.choices)

    class Meta:
        model = OdooSyncRun
        fields: list[str] = []


class LogFilter(filters.FilterSet):
    """`lead=12` is what happened to this lead; `object_type` and `object_id` for others."""

    run = IdFilter(field_name="run_id")
    connection = IdFilter(field_name="connection_id")
    lead = IdFilter(method="about_lead")
    object_type = filters.CharFilter()
    object_id = IdFilter()
    odoo_model = filters.CharFilter()
    odoo_id = IdFilter()
    operation = filters.CharFilter()
    direction = ChoiceInFilter(choices=Direction.choices)
    outcome = ChoiceInFilter(choices=LogOutcome.choices)
    error_class = filters.CharFilter()
    since = after("at")
    until = before("at")

    class Meta:
        model = OdooSyncLog
        fields: list[str] = []

    def about_lead(self, rows: QuerySet[Any], name: str, value: int) -> QuerySet[Any]:
        return rows.filter(object_type="lead", object_id=value)
