"""Background work, to look at."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AllValuesCheckboxFilter, ChoicesDropdownFilter

from socialhub import badges
from socialhub.admin.base import ReadOnlyAdmin
from socialhub.models import JobRun


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ["kind", "status", "progress", "owner", "created", "problem"]
    list_filter = [("state", ChoicesDropdownFilter), ("kind", AllValuesCheckboxFilter)]
    list_select_related = ["owner"]
    search_fields = ["kind", "owner__username"]
    fields = [
        ("kind", "state", "owner"),
        ("done", "total"),
        ("created_at", "started_at", "finished_at"),
        "arguments",
        "errors",
        "result",
    ]

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def status(self, job: JobRun) -> SafeString:
        return badges.status(job)

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, job: JobRun) -> str:
        return f"{job.done} / {job.total}" if job.total else "–"

    @admin.display(description=gettext_lazy("started"), ordering="created_at")
    def created(self, job: JobRun) -> SafeString:
        return badges.ago(job.created_at)

    @admin.display(description=gettext_lazy("what happened"))
    def problem(self, job: JobRun) -> SafeString:
        text = " ".join(str(error.get("message", "")) for error in job.errors)
        return format_html('<span class="sh-clamp sh-excerpt">{}</span>', text or "–")
