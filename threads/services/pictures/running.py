"""Bulk runs from the start to the end, also when a worker dies in between."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import JobRun, JobState, Lease
from socialhub.services import jobs
from socialhub.services.errors import Conflict
from threads.models import BatchState, ImageBatch, RowState

JSON = dict[str, Any]
KIND = "render_batch"
CHECKED_KEPT = timedelta(days=7)
# A worker that gave no sign of life for so long is dead: one row takes far less.
SILENCE = timedelta(minutes=3)
MOST_STARTS = 6
ACTIVE = (JobState.QUEUED, JobState.RUNNING)


@transaction.atomic
def start(batch: ImageBatch, user: Any) -> JobRun:
    """Make the rows that are right. Raises Conflict when it was started already or none is."""
    policies.require(user, "render_template")
    row = ImageBatch.objects.select_for_update().get(pk=batch.pk)
    if row.state != BatchState.CHECKED:
        raise Conflict("already_started", _("This bulk run was started already."))
    if not row.rows.filter(state=RowState.WAITING).exists():
        raise Conflict("nothing_to_do", _("There is no row without a problem. Change the table."))
    return _run(row, user)


@transaction.atomic
def retry(batch: ImageBatch, user: Any) -> JobRun:
    """Go on with what is missing: rows that failed, and rows a dead worker left.

    Raises Conflict while it is running or when nothing is missing.
    """
    policies.require(user, "render_template")
    row = ImageBatch.objects.select_for_update().get(pk=batch.pk)
    if row.state == BatchState.CHECKED:
        raise Conflict("not_started", _("This bulk run was not started yet."))
    job, now = row.job, timezone.now()
    if job is not None and job.state in ACTIVE and not _is_dead(row, job, now):
        raise Conflict("running", _("This bulk run is going on. Wait until it ends."))
    missing = row.rows.exclude(state=RowState.DONE)
    if not missing.exists():
        raise Conflict("nothing_to_do", _("Everything was made already."))
    _give_up(job, now)
    missing.update(state=RowState.WAITING, errors={})
    return _run(row, user)


def revive(now: datetime) -> int:
    """Go on with runs whose worker died or ran out of time. Returns how many."""
    found = ImageBatch.objects.filter(state=BatchState.RUNNING).values_list("pk", flat=True)
    return sum(_revive(pk, now) for pk in list(found))


@transaction.atomic
def _revive(pk: int, now: datetime) -> bool:
    row = ImageBatch.objects.select_for_update().get(pk=pk)
    job = row.job
    if row.state != BatchState.RUNNING or job is None or not _is_dead(row, job, now):
        return False
    # A row that kills every worker must not do so for ever.
    starts = JobRun.objects.filter(kind=KIND, arguments=_arguments(row)).count()
    if starts >= MOST_STARTS or not row.rows.filter(state=RowState.WAITING).exists():
        return False
    _give_up(job, now)
    _run(row, job.owner)
    return True


def _is_dead(batch: ImageBatch, job: JobRun, now: datetime) -> bool:
    """Its worker gives no sign of life, or was stopped before the end."""
    if job.state == JobState.FAILED:
        return {error["code"] for error in job.errors} <= {"worker_lost", "too_slow"}
    if job.state != JobState.RUNNING or (job.started_at or now) > now - SILENCE:
        return False
    return not Lease.objects.filter(key=lease_key(batch), expires_at__gt=now).exists()


def _give_up(job: JobRun | None, now: datetime) -> None:
    if job is not None:
        message = _("The worker stopped in the middle of it. Another one goes on.")
        JobRun.objects.filter(pk=job.pk, state=JobState.RUNNING).update(
            state=JobState.FAILED,
            errors=[{"code": "worker_lost", "message": message}],
            finished_at=now,
        )


def _run(batch: ImageBatch, user: Any) -> JobRun:
    job = jobs.start(KIND, user, _arguments(batch))
    ImageBatch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING, job=job)
    batch.state, batch.job = BatchState.RUNNING, job
    return job


def _arguments(batch: ImageBatch) -> JSON:
    return {"batch": batch.pk}


def lease_key(batch: ImageBatch) -> str:
    """What the worker of a run holds as long as it lives."""
    return f"image-batch:{batch.pk}"


def prune(now: datetime) -> int:
    """Delete runs that were only checked and never started."""
    old = ImageBatch.objects.filter(state=BatchState.CHECKED, created_at__lt=now - CHECKED_KEPT)
    ids = list(old.values_list("pk", flat=True))
    ImageBatch.objects.filter(pk__in=ids).delete()
    return len(ids)
