"""The periodic jobs of django-celery-beat in our shell."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from socialhub.admin.base import DeskAdmin

for model in (PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule):
    admin.site.unregister(model)


class TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    """beat's list of registered tasks with our looks."""


class PeriodicTaskForm(beat.PeriodicTaskForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Both are missing for somebody who may only look.
        if "task" in self.fields:
            self.fields["task"].widget = UnfoldAdminTextInputWidget()
            self.fields["regtask"].widget = TaskSelect()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(DeskAdmin, beat.PeriodicTaskAdmin):
    form = PeriodicTaskForm
    # beat's own template brings an inline script, which our policy forbids.
    change_form_template = None
    date_hierarchy = None
    list_display = ["name", "enabled", "scheduler", "last_run_at", "one_off"]
    list_filter = ["enabled", "one_off"]


class TaskInline(TabularInline, beat.PeriodicTaskInline):
    """Tasks that use a schedule."""


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(DeskAdmin, beat.IntervalScheduleAdmin):
    inlines = [TaskInline]


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(DeskAdmin, beat.CrontabScheduleAdmin):
    inlines = [TaskInline]


@admin.register(SolarSchedule)
class SolarScheduleAdmin(DeskAdmin, beat.SolarScheduleAdmin):
    inlines = [TaskInline]


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(DeskAdmin, beat.ClockedScheduleAdmin):
    inlines = [TaskInline]
