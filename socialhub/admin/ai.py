"""What was asked of the AI, request by request, with the month above."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from socialhub import badges
from socialhub.admin.base import ReadOnlyAdmin
from socialhub.models import AICall, AIPurpose, Organisation
from socialhub.queries import ai_usage

# A request without an outcome for so long has lost its worker.
LONGEST = timedelta(hours=1)
# outcome → how it looks.
_LOOKS = {"accepted": "ok", "invalid": "warning", "refused": "warning", "failed": "failed"}


@admin.register(AICall)
class AICallAdmin(ReadOnlyAdmin):
    list_display = ["when", "purpose", "result", "reason", "asked", "answered", "price", "user"]
    list_display_links = ["when"]
    list_filter = [("purpose", ChoicesDropdownFilter), ("outcome", ChoicesDropdownFilter)]
    list_before_template = "socialhub/ai/usage.html"
    list_select_related = ["user"]
    search_fields = ["model", "prompt", "user__username"]
    ordering = ["-at", "-pk"]
    fields = [
        ("at", "user"),
        ("purpose", "prompt", "attempt"),
        "model",
        ("outcome", "reason"),
        ("reserved_tokens", "input_tokens", "output_tokens"),
        ("cost", "milliseconds"),
    ]

    @admin.display(description=gettext_lazy("when"), ordering="at")
    def when(self, call: AICall) -> SafeString:
        return badges.ago(call.at)

    @admin.display(description=gettext_lazy("outcome"), ordering="outcome")
    def result(self, call: AICall) -> SafeString:
        if call.outcome:
            return badges.badge(_LOOKS[call.outcome], call.get_outcome_display())
        if call.at < timezone.now() - LONGEST:
            return badges.badge("unknown", _("broke off"), _("The worker stopped meanwhile."))
        return badges.badge("running", _("under way"))

    @admin.display(description=gettext_lazy("input tokens"), ordering="input_tokens")
    def asked(self, call: AICall) -> SafeString:
        return _told(call.input_tokens)

    @admin.display(description=gettext_lazy("output tokens"), ordering="output_tokens")
    def answered(self, call: AICall) -> SafeString:
        return _told(call.output_tokens)

    @admin.display(description=gettext_lazy("cost"), ordering="cost")
    def price(self, call: AICall) -> SafeString:
        return _told(call.cost)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        month = ai_usage.report()
        purposes = [(AIPurpose(row["purpose"]).label, row) for row in month["by_purpose"]]
        months = [
            (date_format(row["month"], "YEAR_MONTH_FORMAT"), row)
            for row in ai_usage.months(Organisation.get())
        ]
        extra = {
            **(extra_context or {}),
            "ai_month": {**month, "cost": _told(month["cost"])},
            "ai_purposes": [_line(*each) for each in purposes],
            "ai_months": [_line(*each) for each in months],
        }
        return super().changelist_view(request, extra)


def _line(name: Any, row: dict[str, Any]) -> dict[str, Any]:
    sums = ("calls", "input_tokens", "output_tokens", "cost")
    return {"name": name, "cells": [_told(row[sum_]) for sum_ in sums]}


def _told(value: Any) -> SafeString:
    """A number, or "–": nobody told us."""
    if value is not None:
        return badges.number(value.normalize() if isinstance(value, Decimal) else value)
    hint = _("The endpoint did not tell, or there are no prices in the settings.")
    return format_html('<span class="sh-number sh-missing" title="{}">–</span>', hint)
