"""Periodic jobs as data, upserted into django-celery-beat so that operators' edits survive.

`every` is seconds, `crontab` is (minute, hour, day of week) in UTC.
`expires` is how long a message may wait for a worker; the next tick brings a new one.
Other apps bring a SCHEDULES dict in their own schedules.py.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps

SCHEDULES: dict[str, dict[str, Any]] = {
    "publish_due": {"task": "socialhub.publish_due", "every": 10, "expires": 30},
    "settle": {"task": "socialhub.settle", "every": 30, "expires": 30},
    "reap": {"task": "socialhub.reap", "every": 30, "expires": 30},
    "sweep_jobs": {"task": "socialhub.sweep_jobs", "every": 30, "expires": 30},
    "deliver_notices": {"task": "socialhub.deliver_notices", "every": 20, "expires": 20},
    "escalate_notices": {"task": "socialhub.escalate_notices", "every": 60, "expires": 60},
    "deliver_webhooks": {"task": "socialhub.deliver_webhooks", "every": 20, "expires": 20},
    "aggregate_visits": {
        "task": "socialhub.aggregate_visits",
        "crontab": ("20", "3", "*"),
        "expires": 3600,
    },
    "refresh_logins": {"task": "socialhub.refresh_logins", "every": 600, "expires": 600},
    "tidy": {"task": "socialhub.tidy", "every": 900, "expires": 900},
    "collect_interactions": {
        "task": "socialhub.collect_interactions",
        "every": 20,
        "expires": 20,
    },
    "heartbeat_publish": {"task": "socialhub.heartbeat_publish", "every": 30, "expires": 30},
    "heartbeat_sync": {"task": "socialhub.heartbeat_sync", "every": 30, "expires": 30},
}


def all_schedules() -> dict[str, dict[str, Any]]:
    """Every app's periodic jobs, by name."""
    found = dict(SCHEDULES)
    for config in apps.get_app_configs():
        name = f"{config.name}.schedules"
        if config.name == "socialhub":
            continue
        try:
            found.update(import_module(name).SCHEDULES)
        except ModuleNotFoundError as exc:
            if exc.name != name:
                raise
    return found


def upsert(using: str = "default") -> None:
    """Create missing jobs. One that exists keeps its interval and its on/off switch.

    Only the task's name is brought up to date, since an old one could not run any more.
    """
    from django.db import connections
    from django_celery_beat.models import PeriodicTask

    if PeriodicTask._meta.db_table not in connections[using].introspection.table_names():
        return
    existing = {task.name: task for task in PeriodicTask.objects.using(using).all()}
    for name, entry in all_schedules().items():
        task = existing.get(name)
        if task is None:
            PeriodicTask.objects.using(using).create(
                name=name,
                task=entry["task"],
                expire_seconds=entry.get("expires"),
                description=entry.get("description", ""),
                **_timing(entry, using),
            )
        elif task.task != entry["task"]:
            task.task = entry["task"]
            task.save(using=using)


def _timing(entry: dict[str, Any], using: str) -> dict[str, Any]:
    from django_celery_beat.models import CrontabSchedule, IntervalSchedule

    if "every" in entry:
        interval, _created = IntervalSchedule.objects.using(using).get_or_create(
            every=entry["every"], period=IntervalSchedule.SECONDS
        )
        return {"interval": interval}
    minute, hour, weekday = entry["crontab"]
    crontab, _created = CrontabSchedule.objects.using(using).get_or_create(
        minute=minute,
        hour=hour,
        day_of_week=weekday,
        day_of_month="*",
        month_of_year="*",
        timezone="UTC",
    )
    return {"crontab": crontab}
