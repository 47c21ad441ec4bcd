"""Reports, who gets them, and what became of each delivery."""

from __future__ import annotations

from django.contrib import admin

from analytics.models import AnalyticsReport
from socialhub.admin.base import ReadOnlyAdmin


@admin.register(AnalyticsReport)
class AnalyticsReportAdmin(ReadOnlyAdmin):
    pass
