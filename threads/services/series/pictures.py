"""Pictures of parts that are made from templates: drawn by a worker, then media of the part."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import JobRun, MediaAsset, Post
from socialhub.services import jobs
from socialhub.services.errors import Conflict, Invalid, ServiceError
from threads.models import (
    ImageTemplate,
    ImageTemplateVersion,
    ThreadPost,
    ThreadPostMedia,
    ThreadSeries,
)
from threads.rendering import RenderFailed
from threads.services.pictures import drawing, templates, values
from threads.services.series import access, writing

KIND = "draw_series"
JSON = dict[str, Any]


def render_pictures(series: ThreadSeries, user: Any) -> JobRun:
    """Have every picture drawn that is still to be made. A part takes its own over when done.

    Raises Invalid naming the part whose template, size or values cannot be drawn.
    """
    policies.require(user, "write_thread")
    policies.require(user, "render_template")
    access.require_accounts(user, series)
    pending = _pending(series)
    if not pending:
        raise Conflict("nothing_to_draw", _("Every picture of this series is made."))
    for part in pending:
        _check(part, series.language, user)
    return jobs.start(KIND, user, {"series": series.pk})


@jobs.job(KIND, seconds=600, render=True)
def _draw(job: JobRun) -> JSON:
    series = ThreadSeries.objects.filter(pk=job.arguments["series"]).first()
    if series is None:
        return {"pictures": 0}
    pending, errors, made = _pending(series), list[JSON](), 0
    for n, part in enumerate(pending, 1):
        failed = _draw_one(series, part, job.owner)
        errors += failed
        made += not failed
        jobs.progress(job, n, len(pending))
    if errors:
        raise jobs.JobFailed(*errors)
    return {"pictures": made}


def _draw_one(series: ThreadSeries, part: ThreadPost, user: Any) -> list[JSON]:
    """Draw it and hand it to its part; what a person reads when that fails."""
    told = part.picture
    try:
        image = drawing.draw(
            user, _version(part), told["size"], told["data"], told["alt_text"], series.language
        )
        take_over(series, user, part, image.media)
    except drawing.TooLong as exc:
        return [_named(part, str(one["code"]), str(one["message"])) for one in exc.errors]
    except RenderFailed as exc:
        found = drawing.failed(exc)
        return [_named(part, str(one["code"]), str(one["message"])) for one in found.errors]
    except ServiceError as exc:
        return [_named(part, exc.code, exc.message)]
    return []


@transaction.atomic
def take_over(series: ThreadSeries, user: Any, part: ThreadPost, media: MediaAsset) -> None:
    """The picture becomes a media file of its part, unless somebody wants another meanwhile."""

    def change(row: ThreadSeries) -> tuple[set[int], list[Post]]:
        now = ThreadPost.objects.filter(series=row, pk=part.pk).first()
        if now is not None and now.picture == part.picture:
            place = now.part_media.count() + 1
            ThreadPostMedia.objects.create(part=now, media=media, position=place)
            ThreadPost.objects.filter(pk=now.pk).update(picture={})
        return set(), []

    writing.changed(series, user, None, change)


def _pending(series: ThreadSeries) -> list[ThreadPost]:
    rows = ThreadPost.objects.filter(series=series).order_by("position")
    return [part for part in rows if part.picture]


def _version(part: ThreadPost) -> ImageTemplateVersion:
    """The newest one: what is drawn is what the template says now."""
    template = ImageTemplate.objects.filter(pk=part.picture["template"]).first()
    if template is None:
        raise Invalid("no_such_template", _("There is no such image template."))
    return templates.version_of(template, None)


def _check(part: ThreadPost, language: str, user: Any) -> None:
    told = part.picture
    try:
        source = templates.source_of(_version(part))
        templates.require_drawable(source)
        source.size(told["size"])
        found = values.clean(source.fields, told["data"], user, language)
        drawing.alt_text_of(told["alt_text"], source, found)
    except Invalid as exc:
        message = str(_named(part, exc.code, exc.message)["message"])
        raise Invalid(exc.code, message, {"parts": [message]}) from exc


def _named(part: ThreadPost, code: str, reason: str) -> JSON:
    message = _("Part %(position)s: %(reason)s") % {"position": part.position, "reason": reason}
    return {"code": code, "message": message, "position": part.position}
