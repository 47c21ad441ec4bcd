"""Starting renderings from a request, and what the worker does of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import JobRun, MediaAsset, Organisation
from socialhub.services import jobs, media
from socialhub.services.errors import Invalid
from threads.models import ImageTemplate, ImageTemplateVersion, RenderedImage
from threads.rendering import RenderFailed
from threads.services.pictures import drawing, previews, samples, templates, values
from threads.services.pictures.templates import Source

JSON = dict[str, Any]
URL_LIFE = timedelta(days=1)


# -- a request's side --------------------------------------------------------------------------


def start_render(
    user: Any,
    template: ImageTemplate,
    *,
    size: str = "",
    data: Mapping[str, Any],
    alt_text: str,
    language: str | None = None,
    version: int | None = None,
) -> JobRun:
    """Check everything that can be checked now, and leave the drawing to a worker.

    Raises Forbidden, Invalid. The job's result is described by `shown`.
    """
    policies.require(user, "render_template")
    row = templates.version_of(template, version)
    source = templates.source_of(row)
    templates.require_drawable(source)
    source.size(size)
    language = language_or_default(language)
    found = values.clean(source.fields, data, user, language)
    drawing.alt_text_of(alt_text, source, found)
    arguments = {"version": row.pk, "size": size, "data": found.data}
    return jobs.start(
        "render_template", user, {**arguments, "alt_text": alt_text, "language": language}
    )


def start_preview(
    user: Any,
    *,
    template: ImageTemplate | None = None,
    html: str | None = None,
    css: str | None = None,
    fields: Sequence[JSON] | None = None,
    sizes: Sequence[JSON] | None = None,
    size: str | JSON = "",
    data: Mapping[str, Any] | None = None,
    language: str | None = None,
) -> JobRun:
    """Draw what an editor holds, with stand-ins for what is empty. Nothing is stored in the media.

    What is not given is the template's own. `size` is a name, or {"name", "width", "height"}.
    Raises Forbidden, Invalid. The result is {"url", "width", "height", "overflow"}.
    """
    is_edited = any(given is not None for given in (html, css, fields, sizes))
    policies.require(user, "change_template" if is_edited else "render_template")
    if not isinstance(size, str):
        sizes, size = [size], ""
    source = _edited(template, html, css, fields, sizes)
    source.size(size)
    language = language_or_default(language)
    # An editor shows where everything goes; who fills a template in sees what comes out.
    missing = source.fields if is_edited else samples.wanted(source.fields, data or {})
    completed = samples.completed(missing, data or {}, language)
    values.clean(optional(source.fields), completed, user, language)
    arguments = {
        "html": source.html,
        "css": source.css,
        "fields": list(source.fields),
        "sizes": list(source.sizes),
    }
    return jobs.start(
        previews.KIND,
        user,
        {
            **arguments,
            "size": size,
            "data": completed,
            "language": language,
            "design": template.design if template else "",
            "missing": [one["name"] for one in missing],
        },
    )


def start_sample(user: Any, template: ImageTemplate) -> JobRun:
    """Draw the picture of a template in the gallery."""
    return jobs.start("sample_template", user, {"template": template.pk})


def language_or_default(given: str | None) -> str:
    language = given or Organisation.get().language
    if language not in dict(settings.LANGUAGES):
        message = _("There is no such language.")
        raise Invalid("no_such_language", message, {"language": [message]})
    return language


def _edited(
    template: ImageTemplate | None,
    html: str | None,
    css: str | None,
    fields: Sequence[JSON] | None,
    sizes: Sequence[JSON] | None,
) -> Source:
    given = (html, css, fields, sizes)
    if template is None:
        return templates.unsaved(html, css, fields, sizes)
    own = (template.html, template.css, template.fields, template.sizes)
    return templates.unsaved(*(b if a is None else a for a, b in zip(given, own, strict=True)))


def optional(fields: Sequence[JSON]) -> list[JSON]:
    """The same fields, none of them needed: a preview has stand-ins."""
    return [{**one, "required": False} for one in fields]


# -- the worker's side --------------------------------------------------------------------------


@jobs.job("render_template", render=True)
def _render(job: JobRun) -> JSON:
    told = job.arguments
    version = ImageTemplateVersion.objects.select_related("template").get(pk=told["version"])
    try:
        image = drawing.draw(
            job.owner, version, told["size"], told["data"], told["alt_text"], told["language"]
        )
    except drawing.TooLong as exc:
        previews.store(job, exc.picture.png)
        raise jobs.JobFailed(*[{**one, "url": preview_url(job)} for one in exc.errors]) from None
    except RenderFailed as exc:
        raise drawing.failed(exc) from exc
    return shown(image)


def shown(image: RenderedImage) -> JSON:
    """A picture as the API tells it."""
    return {
        "media": image.media_id,
        "url": media.signed_url(image.media, URL_LIFE.total_seconds()),
        "width": image.width,
        "height": image.height,
        "sha256": image.sha256,
        "renderer": image.renderer,
        "version": image.version.number,
        "template": image.version.template_id,
        "alt_text": image.media.alt_text,
    }


def preview_url(job: JobRun) -> str:
    """Where the owner of a preview sees it."""
    return reverse("api-threads:preview-file", args=[job.pk])


@jobs.job(previews.KIND, render=True)
def _preview(job: JobRun) -> JSON:
    told = job.arguments
    source = Source(told["html"], told["css"], told["fields"], told["sizes"])
    language, size = told["language"], source.size(told["size"])
    found = values.clean(optional(source.fields), told["data"], job.owner, language)
    try:
        missing = [one for one in source.fields if one["name"] in told["missing"]]
        picture = drawing.preview(source, size, found, language, told["design"], missing)
    except RenderFailed as exc:
        raise drawing.failed(exc) from exc
    previews.store(job, picture.png)
    return {
        "url": preview_url(job),
        "width": size["width"],
        "height": size["height"],
        "overflow": drawing.TooLong(source, picture).errors,
        "milliseconds": picture.milliseconds,
    }


@jobs.job("sample_template", render=True)
def _sample(job: JobRun) -> JSON | None:
    template = ImageTemplate.objects.filter(pk=job.arguments["template"]).first()
    if template is None:
        return None
    source, language = templates.source_of(template), Organisation.get().language
    with translation.override(language):
        sample = samples.of_design(template.design, language)
        # The template may have moved on from its design.
        wrong = values.check(optional(source.fields), sample, job.owner, language)[1]
        sample = {name: value for name, value in sample.items() if name not in wrong}
        data = samples.completed(samples.wanted(source.fields, sample), sample, language)
        found = values.clean(optional(source.fields), data, job.owner, language)
        try:
            picture = drawing.preview(source, source.size(""), found, language, template.design)
        except RenderFailed as exc:
            raise drawing.failed(exc) from exc
    size = (template.width, template.height)
    asset = media.keep(job.owner, picture.png, size, template.name, f"{template.name}.png")
    return _set_sample(template, asset)


@transaction.atomic
def _set_sample(template: ImageTemplate, asset: MediaAsset) -> JSON:
    """The newest picture; the one before goes unless something else shows it."""
    row = ImageTemplate.objects.select_for_update().get(pk=template.pk)
    old = row.sample
    if row.is_demo:
        MediaAsset.objects.filter(pk=asset.pk).update(is_demo=True)
    ImageTemplate.objects.filter(pk=row.pk).update(sample=asset)
    if (
        old is not None
        and old.pk != asset.pk
        and not RenderedImage.objects.filter(media=old).exists()
    ):
        _forget(old)
    return {"media": asset.pk}


def _forget(asset: MediaAsset) -> None:
    try:
        with transaction.atomic():
            asset.delete()
    except ProtectedError:
        return
    name = str(asset.file.name)
    transaction.on_commit(lambda: asset.file.storage.delete(name), robust=True)
