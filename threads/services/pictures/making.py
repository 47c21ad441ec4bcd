"""The worker's side of a bulk run: row after row, each once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from socialhub import registries
from socialhub.models import ContentType, JobRun, Post
from socialhub.services import jobs, leases, posts
from socialhub.services.errors import ServiceError
from threads.models import BatchState, ImageBatch, ImageBatchRow, RenderedImage, RowState
from threads.rendering import RenderFailed
from threads.services.pictures import drawing, running, values
from threads.services.pictures.drawing import TooLong

JSON = dict[str, Any]
# 500 rows at a second each, with room.
SECONDS = 1_500


@jobs.job(running.KIND, seconds=SECONDS, render=True)
def _render_batch(job: JobRun) -> JSON:
    batch = (
        ImageBatch.objects.select_related("version__template", "campaign", "owner")
        .prefetch_related("accounts")
        .get(pk=job.arguments["batch"])
    )
    key, seconds = running.lease_key(batch), running.SILENCE.total_seconds()
    owner = leases.take(key, seconds)
    if owner is None:
        raise _elsewhere()
    try:
        _make_all(job, batch, lambda: leases.extend(key, owner, seconds))
    finally:
        leases.release(key, owner)
    ImageBatch.objects.filter(pk=batch.pk, job=job).update(state=BatchState.DONE)
    states = list(batch.rows.values_list("state", flat=True))
    return {
        "batch": batch.pk,
        "done": states.count(RowState.DONE),
        "failed": states.count(RowState.FAILED),
    }


def _make_all(job: JobRun, batch: ImageBatch, is_ours: Callable[[], bool]) -> None:
    rows = list(batch.rows.filter(state=RowState.WAITING).order_by("position"))
    known = _pictures(batch, job.owner, rows)
    jobs.progress(job, 0, len(rows))
    for done, row in enumerate(rows, 1):
        # Stood still so long that another worker goes on.
        if not is_ours():
            raise _elsewhere()
        make(batch, row, job.owner, known)
        jobs.progress(job, done, len(rows))


def _elsewhere() -> jobs.JobFailed:
    message = _("Another worker goes on with this bulk run.")
    return jobs.JobFailed({"code": "elsewhere", "message": message})


def _pictures(batch: ImageBatch, user: Any, rows: list[ImageBatchRow]) -> dict[int, Any]:
    names = [one["name"] for one in batch.version.fields if one["type"] == "image"]
    given = (values.media_id(row.data["values"].get(name)) for row in rows for name in names)
    return values.visible(user, {pk for pk in given if pk is not None})


def make(batch: ImageBatch, row: ImageBatchRow, user: Any, known: dict[int, Any]) -> None:
    """Make one row, or note why it cannot be made. `known` are pictures this person may use."""
    try:
        image = drawing.draw(
            user,
            batch.version,
            batch.size,
            row.data["values"],
            row.data["alt_text"],
            batch.language,
            known=known,
        )
        _finish(batch, row, user, image)
    except TooLong as exc:
        _fail(row, {one["field"]: one["message"] for one in exc.errors})
    except RenderFailed as exc:
        _fail(row, {"": drawing.failed(exc).errors[0]["message"]})
    except ServiceError as exc:
        told = {name.removeprefix("data."): why[0] for name, why in exc.fields.items()}
        _fail(row, told or {"": exc.message})


@transaction.atomic
def _finish(batch: ImageBatch, row: ImageBatchRow, user: Any, image: RenderedImage) -> None:
    """Draft and row in one transaction: a worker that dies leaves both or neither."""
    locked = ImageBatchRow.objects.select_for_update().get(pk=row.pk)
    if locked.state == RowState.DONE:
        return
    post = _draft(batch, row, user, image) if _makes_posts(batch) else None
    ImageBatchRow.objects.filter(pk=row.pk).update(
        state=RowState.DONE, errors={}, image=image, post=post
    )


def _makes_posts(batch: ImageBatch) -> bool:
    return bool(batch.post_text.strip() or batch.accounts.all())


def _draft(batch: ImageBatch, row: ImageBatchRow, user: Any, image: RenderedImage) -> Post:
    post = posts.create(
        user,
        text=row.data["post_text"],
        language=batch.language,
        content_type=ContentType.IMAGE,
        media=[image.media],
        accounts=list(batch.accounts.all()),
        campaign=batch.campaign,
    )
    if row.data["about"]:
        # As the composer tells it: whoever owns products notes which posts are about them.
        sent = QueryDict(mutable=True)
        sent.setlist("about", [row.data["about"]])
        registries.post_saved(post, sent, user)
    return post


def _fail(row: ImageBatchRow, errors: dict[str, str]) -> None:
    ImageBatchRow.objects.filter(pk=row.pk).exclude(state=RowState.DONE).update(
        state=RowState.FAILED, errors=errors
    )
