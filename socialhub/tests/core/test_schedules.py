"""Periodic jobs are rows; what an operator changed survives the next deploy."""

from __future__ import annotations

import pytest
from django_celery_beat.models import PeriodicTask

from socialhub import schedules

pytestmark = pytest.mark.django_db


def test_every_job_is_in_the_table_and_names_a_task_that_exists():
    from socialhub.celery import app

    app.loader.import_default_modules()
    found = dict(PeriodicTask.objects.values_list("name", "task"))

    for name, entry in schedules.all_schedules().items():
        assert found[name] == entry["task"]
        assert entry["task"] in app.tasks


def test_an_operators_edit_survives():
    PeriodicTask.objects.filter(name="settle").update(enabled=False, expire_seconds=7)

    schedules.upsert()

    task = PeriodicTask.objects.get(name="settle")
    assert (task.enabled, task.expire_seconds) == (False, 7)
    assert PeriodicTask.objects.filter(name="settle").count() == 1


def test_a_renamed_task_is_brought_up_to_date():
    PeriodicTask.objects.filter(name="settle").update(task="old.name")

    schedules.upsert()

    assert PeriodicTask.objects.get(name="settle").task == "socialhub.settle"
