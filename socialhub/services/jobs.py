"""Work for the worker that a person can watch: outbound calls, imports, rendering.

A service registers a function with `@job("kind")` and starts it with `start`. The row is the
queue of record; the message only rings. A message that is lost is sent again by `sweep`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from socialhub.logs import redact
from socialhub.models import JobRun, JobState, Organisation, Preferences
from socialhub.platforms.errors import PlatformError
from socialhub.services.errors import ServiceError

log = logging.getLogger(__name__)

JSON = dict[str, Any]
Run = Callable[[JobRun], JSON | None]

# A message waits this long for a worker; the sweep sends another one before.
MESSAGE_SECONDS = 60
RING_AGAIN_SECONDS = 30
# Between a job's own limit and the moment its worker counts as dead.
GRACE_SECONDS = 60
DEFAULT_SECONDS = 170
KEEP_DAYS = 90


@dataclass(frozen=True, slots=True)
class Kind:
    """A registered function, its time limit in seconds, and whether it is for the render queue."""

    run: Run
    seconds: int
    render: bool


KINDS: dict[str, Kind] = {}


class JobFailed(Exception):
    """A job ends as failed with these errors: dicts with "code" and "message"."""

    def __init__(self, *errors: JSON) -> None:
        super().__init__("; ".join(str(error["code"]) for error in errors))
        self.errors = list(errors)


def job(kind: str, *, seconds: int = DEFAULT_SECONDS, render: bool = False) -> Callable[[Run], Run]:
    """Register the function that does jobs of this kind; what it returns is the job's result.

    It may raise JobFailed, ServiceError or PlatformError: their code and message are shown.
    `render` runs it on the render queue.
    """

    def register(run: Run) -> Run:
        KINDS[kind] = Kind(run, seconds, render)
        return run

    return register


def start(kind: str, owner: Any, arguments: JSON | None = None) -> JobRun:
    """Note the job and ring for it when the transaction commits. Arguments: ids, no secrets."""
    if kind not in KINDS:
        raise LookupError(f"no job of kind {kind!r} is registered")
    row = JobRun.objects.create(kind=kind, owner=owner, arguments=arguments or {})
    # A broker that is down must not undo the caller's work; the sweep rings again.
    transaction.on_commit(partial(_ring, row), robust=True)
    return row


def _ring(row: JobRun) -> None:
    from socialhub import tasks_operations as tasks

    kind = KINDS[row.kind]
    task = tasks.render_job if kind.render else tasks.run_job
    task.apply_async(
        (str(row.pk),),
        expires=MESSAGE_SECONDS,
        soft_time_limit=kind.seconds,
        time_limit=kind.seconds + GRACE_SECONDS // 2,
    )


def progress(row: JobRun, done: int, total: int) -> None:
    """Show how far a running job is."""
    JobRun.objects.filter(pk=row.pk, state=JobState.RUNNING).update(done=done, total=total)


def wait(row: JobRun, seconds: float) -> JobRun:
    """The row once it is finished, or as it is after `seconds`.

    Inside a transaction no worker can see the row yet: it comes back at once.
    """
    deadline, pause = time.monotonic() + seconds, 0.05
    row.refresh_from_db()
    while (
        row.state not in (JobState.DONE, JobState.FAILED)
        and not connection.in_atomic_block
        and time.monotonic() < deadline
    ):
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
        row.refresh_from_db()
    return row


# -- the worker's side ------------------------------------------------------------


def run(job_id: str | UUID) -> None:
    """Do a job once: of several messages for it only one finds it waiting."""
    claimed_at = timezone.now()
    waiting = JobRun.objects.filter(pk=job_id, state=JobState.QUEUED)
    if not waiting.update(state=JobState.RUNNING, started_at=claimed_at):
        return
    row = JobRun.objects.select_related("owner").get(pk=job_id)
    with translation.override(language_of(row.owner)):
        try:
            result, errors = KINDS[row.kind].run(row), []
        except Exception as exc:  # whatever broke, the row must say so
            result, errors = None, _errors(row, exc)
    # A row that was given up in the meantime keeps that state.
    JobRun.objects.filter(pk=row.pk, state=JobState.RUNNING, started_at=claimed_at).update(
        state=JobState.FAILED if errors else JobState.DONE,
        result=result,
        errors=errors,
        finished_at=timezone.now(),
    )


def _errors(row: JobRun, exc: Exception) -> list[JSON]:
    """What a person reads. Only expected errors are quoted; others are in the log."""
    if isinstance(exc, JobFailed):
        return exc.errors
    if isinstance(exc, ServiceError):
        return [{"code": exc.code, "message": exc.message}]
    if isinstance(exc, PlatformError):
        return [{"code": exc.code, "message": redact(exc.message)}]
    if isinstance(exc, SoftTimeLimitExceeded):
        return [
            {
                "code": "too_slow",
                "message": _("It took too long and was stopped. Try again."),
            }
        ]
    log.error("job %s (%s) broke", row.pk, row.kind, exc_info=exc)
    message = _("Something went wrong inside SocialHub. The log names it by job %(id)s.")
    return [{"code": "internal", "message": message % {"id": row.pk}}]


def language_of(user: Any) -> str:
    """The language a person reads: their own choice, else the organisation's."""
    chosen = Preferences.objects.filter(user=user).values_list("language", flat=True).first()
    return chosen or Organisation.get().language


def sweep(now: datetime | None = None) -> JSON:
    """Ring again for jobs whose message was lost; give up jobs whose worker died.

    Returns {"rung": n, "given_up": n}.
    """
    now = now or timezone.now()
    lost = JobRun.objects.filter(
        state=JobState.QUEUED,
        kind__in=KINDS,
        created_at__lte=now - timedelta(seconds=RING_AGAIN_SECONDS),
    )
    rung = 0
    for row in lost:
        _ring(row)
        rung += 1
    return {"rung": rung, "given_up": _give_up(now)}


def _give_up(now: datetime) -> int:
    given_up = 0
    running = JobRun.objects.filter(state=JobState.RUNNING).select_related("owner")
    for row in running:
        kind = KINDS.get(row.kind)
        limit = (kind.seconds if kind else DEFAULT_SECONDS) + GRACE_SECONDS
        if row.started_at is None or row.started_at > now - timedelta(seconds=limit):
            continue
        with translation.override(language_of(row.owner)):
            message = _("The worker stopped in the middle of it. Start it again.")
        given_up += JobRun.objects.filter(
            pk=row.pk, state=JobState.RUNNING, started_at=row.started_at
        ).update(
            state=JobState.FAILED,
            errors=[{"code": "worker_lost", "message": message}],
            finished_at=now,
        )
    return given_up


def prune(now: datetime) -> int:
    """Delete jobs that ended long ago."""
    ended = JobRun.objects.filter(state__in=(JobState.DONE, JobState.FAILED))
    return ended.filter(finished_at__lt=now - timedelta(days=KEEP_DAYS)).delete()[0]
