"""Pictures that are only looked at: kept for a quarter of an hour, for the one who asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from socialhub.models import JobRun, JobState

FOLDER = "previews"
KEPT = timedelta(minutes=15)
# A preview's job holds the HTML of that moment: not kept as long as other jobs.
JOBS_KEPT = timedelta(days=1)
KIND = "preview_template"


def store(job: JobRun, png: bytes) -> None:
    """Keep the picture of a job."""
    name = _name(job)
    if default_storage.exists(name):
        default_storage.delete(name)
    default_storage.save(name, ContentFile(png))


def content(job: JobRun, user: Any, now: datetime | None = None) -> bytes | None:
    """The picture for its owner while it is kept, else None."""
    now = now or timezone.now()
    asked = job.finished_at or job.started_at or job.created_at
    if job.owner_id is None or job.owner_id != user.pk or asked < now - KEPT:
        return None
    try:
        with default_storage.open(_name(job)) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def _name(job: JobRun) -> str:
    return f"{FOLDER}/{job.pk}.png"


def prune(now: datetime) -> dict[str, int]:
    """Delete old previews, and the jobs that made them."""
    try:
        names = default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:
        names = []
    old = [
        path
        for name in names
        if default_storage.get_modified_time(path := f"{FOLDER}/{name}") < now - KEPT
    ]
    for path in old:
        default_storage.delete(path)
    ended = JobRun.objects.filter(kind=KIND, state__in=(JobState.DONE, JobState.FAILED))
    gone = ended.filter(finished_at__lt=now - JOBS_KEPT).delete()[0]
    return {"files": len(old), "jobs": gone}
