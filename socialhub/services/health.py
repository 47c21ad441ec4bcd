"""Which parts of the installation are alive. /healthz, /readyz and the System page ask here."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _
from django_celery_beat.models import PeriodicTask

from socialhub.models import (
    DeliveryState,
    Heartbeat,
    JobRun,
    JobState,
    NoticeDelivery,
    WebhookDelivery,
)

# A part without a sign of life for this long counts as dead.
MAX_AGE = timedelta(minutes=2)
# Queues that must be served; the render queue counts from its first sign of life on.
QUEUES = ("publish", "sync")
LEAST_FREE_BYTES = 1_000_000_000
BROKER_SECONDS = 2
RECENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `seen` is its last sign of life, None when it has none to give."""

    key: str
    name: str
    ok: bool
    seen: datetime | None = None
    note: str = ""


def required(now: datetime) -> list[Part]:
    """What publishing needs: database, broker, beat and a worker per queue. Never raises."""
    if not _database_answers():
        return [Part("database", _("Database"), False, note=_("It does not answer."))]
    found = [Part("database", _("Database"), True, note=connection.vendor), _broker()]
    for read in (_beat, _queues):
        try:
            found.extend(read(now))
        except DatabaseError:
            note = _("Its table cannot be read. Run the migrations.")
            found.append(Part(read.__name__.strip("_"), read.__name__.strip("_"), False, note=note))
    return found


def dead(parts: list[Part]) -> list[str]:
    """Keys of the parts that are not alive."""
    return [part.key for part in parts if not part.ok]


def others(now: datetime) -> list[Part]:
    """What a person should know besides: disk, notices, webhooks, jobs."""
    return [_disk(), _notices(now), _webhooks(now), _jobs(now)]


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    except DatabaseError:
        return False


def _broker() -> Part:
    name = _("Broker")
    if not settings.REDIS_URL:
        folder = str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"])
        ok = os.access(folder, os.W_OK)
        note = _("a folder") if ok else _("Its folder cannot be written.")
        return Part("broker", name, ok, note=note)
    import redis

    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS
        )
        client.ping()
    except redis.RedisError:
        return Part("broker", name, False, note=_("Redis does not answer."))
    return Part("broker", name, True, note="Redis")


def _beat(now: datetime) -> list[Part]:
    """Beat writes last_run_at after every run; the shortest period is seconds."""
    seen = PeriodicTask.objects.filter(enabled=True).aggregate(last=Max("last_run_at"))["last"]
    return [_alive("beat", _("Scheduler (beat)"), seen, now)]


def _queues(now: datetime) -> list[Part]:
    rows = {row.part: row.at for row in Heartbeat.objects.filter(part__startswith="queue:")}
    keys = [f"queue:{queue}" for queue in QUEUES]
    keys += sorted(set(rows) - set(keys))
    return [
        _alive(key, _("Worker for “%(queue)s”") % {"queue": key.split(":")[1]}, rows.get(key), now)
        for key in keys
    ]


def _alive(key: str, name: str, seen: datetime | None, now: datetime) -> Part:
    if seen is None:
        return Part(key, name, False, note=_("It has never given a sign of life."))
    ok = now - seen < MAX_AGE
    return Part(key, name, ok, seen, "" if ok else _("No sign of life since then."))


def _disk() -> Part:
    usage = shutil.disk_usage(settings.VAR_DIR)
    free = _("%(free)s GB free of %(total)s GB") % {
        "free": round(usage.free / 1e9, 1),
        "total": round(usage.total / 1e9, 1),
    }
    return Part("disk", _("Disk"), usage.free > LEAST_FREE_BYTES, note=free)


def _notices(now: datetime) -> Part:
    rows = NoticeDelivery.objects.filter(
        state=DeliveryState.FAILED, next_try_at__gte=now - RECENT
    ).aggregate(n=Count("pk"), first=Min("next_try_at"))
    return _failing("notices", _("Notices to people"), rows)


def _webhooks(now: datetime) -> Part:
    rows = WebhookDelivery.objects.filter(
        state=DeliveryState.FAILED, created_at__gte=now - RECENT
    ).aggregate(n=Count("pk"), first=Min("created_at"))
    return _failing("webhooks", _("Webhooks"), rows)


def _jobs(now: datetime) -> Part:
    rows = JobRun.objects.filter(created_at__gte=now - RECENT).aggregate(
        running=Count("pk", filter=Q(state__in=[JobState.QUEUED, JobState.RUNNING])),
        n=Count("pk", filter=Q(state=JobState.FAILED)),
        first=Min("created_at", filter=Q(state=JobState.FAILED)),
    )
    note = _("%(running)s at work, %(failed)s failed in 24 hours") % {
        "running": rows["running"],
        "failed": rows["n"],
    }
    return Part("jobs", _("Jobs"), not rows["n"], rows["first"], note)


def _failing(key: str, name: str, rows: dict[str, object]) -> Part:
    n = rows["n"]
    note = _("%(n)s could not be delivered in 24 hours") % {"n": n} if n else _("all delivered")
    first = rows["first"]
    return Part(key, name, not n, first if isinstance(first, datetime) else None, note)
