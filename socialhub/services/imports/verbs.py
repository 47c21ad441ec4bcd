"""What a person does with a file of posts: hand it in, have it checked anew, import it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import ImportState, JobRun, JobState, PostImport
from socialhub.services import jobs
from socialhub.services.errors import Conflict, Invalid
from socialhub.services.imports.reading import MOST_BYTES

ORDERS = ("day", "month")
KEEP_DAYS = 90
_BUSY = (JobState.QUEUED, JobState.RUNNING)


@transaction.atomic
def upload(user: Any, file: Any) -> PostImport:
    """Keep a file and have it checked. Nothing is made. Raises Forbidden, Invalid."""
    policies.require(user, "write_post")
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        message = _("The file is larger than %(most)s MB. Send it in parts.")
        raise _bad("too_large", message % {"most": MOST_BYTES // 1_000_000})
    if not content:
        raise _bad("empty", _("The file is empty."))
    name = str(getattr(file, "name", "") or "posts").replace("\\", "/").rsplit("/", 1)[-1]
    batch = PostImport(user=user, name=name[:200])
    # Its own name decides nothing: not where it is kept, not how it is read.
    batch.file.save("posts.table", ContentFile(content), save=False)
    batch.save()
    return _checked_by(batch, "")


def check_again(batch: PostImport, user: Any, order: str = "") -> PostImport:
    """Check the same file once more, with "day" or "month" first in its dates.

    Raises Forbidden, Invalid, or Conflict when posts were made of it already.
    """
    policies.require(user, "write_post")
    if order and order not in ORDERS:
        message = _("Say “day” or “month”.")
        raise Invalid("bad_order", message, {"date_order": [message]})
    with transaction.atomic():
        batch = PostImport.objects.select_for_update().get(pk=batch.pk)
        _require_idle(batch)
        if batch.state in (ImportState.IMPORTING, ImportState.IMPORTED):
            raise Conflict("imported", _("Posts were made of this file. Send it as a new one."))
        return _checked_by(batch, order or str(batch.read_as.get("chosen_order", "")))


def _checked_by(batch: PostImport, order: str) -> PostImport:
    batch.state, batch.problem = ImportState.CHECKING, {}
    job = jobs.start("check_import", batch.user, {"import": batch.pk})
    batch.read_as = {"job": str(job.pk), "chosen_order": order}
    batch.save(update_fields=["state", "problem", "read_as"])
    return batch


def run(batch: PostImport, user: Any, *, only_good: bool = False) -> JobRun:
    """Make drafts of the rows without a problem, or go on where it stopped.

    `only_good` says that rows with problems may be left out. Raises Forbidden, Invalid, Conflict.
    """
    policies.require(user, "write_post")
    with transaction.atomic():
        batch = PostImport.objects.select_for_update().get(pk=batch.pk)
        _require_idle(batch)
        if batch.state in (ImportState.CHECKING, ImportState.REFUSED):
            raise Conflict("not_checked", _("The file is not checked yet, or cannot be read."))
        _require_rows(batch, only_good)
        job = jobs.start("run_import", batch.user, {"import": batch.pk})
        batch.state = ImportState.IMPORTING
        batch.read_as = {**batch.read_as, "job": str(job.pk)}
        batch.save(update_fields=["state", "read_as"])
    return job


def _require_rows(batch: PostImport, only_good: bool) -> None:
    if not batch.rows.filter(problem_count=0, imported_at__isnull=True).exists():
        raise Conflict("nothing_to_import", _("There is no row to import."))
    if not only_good and batch.rows.filter(problem_count__gt=0).exists():
        message = _("Some rows have problems. Correct the file, or import only the good rows.")
        raise Invalid("has_problems", message, {"only_good": [message]})


def job_of(batch: PostImport) -> JobRun | None:
    """The latest work on this file."""
    job = batch.read_as.get("job")
    return JobRun.objects.filter(pk=str(job)).first() if job else None


def is_busy(batch: PostImport) -> bool:
    """Is a worker at it, or about to be?"""
    job = job_of(batch)
    return job is not None and job.state in _BUSY


def _require_idle(batch: PostImport) -> None:
    if is_busy(batch):
        raise Conflict("busy", _("The worker is still at this file. Wait a moment."))


def prune(now: datetime) -> int:
    """Delete files that were handed in long ago; the posts stay."""
    old = PostImport.objects.filter(created_at__lt=now - timedelta(days=KEEP_DAYS))
    for batch in old:
        batch.file.delete(save=False)
        batch.delete()
    return len(old)


def _bad(code: str, message: str) -> Invalid:
    return Invalid(code, message, {"file": [message]})
