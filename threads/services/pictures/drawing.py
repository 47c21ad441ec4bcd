"""Making pictures. For the worker only: a web request starts a job (jobs.py)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import JobRun, MediaAsset
from socialhub.services import media
from socialhub.services.errors import Invalid
from socialhub.services.jobs import JobFailed
from threads import rendering
from threads.models import ImageTemplateVersion, RenderedImage
from threads.rendering import Overflow, Page, Picture, RenderFailed
from threads.services.pictures import (
    brand,
    previews,
    samples,
    sentences,
    templates,
    values,
    wording,
)
from threads.services.pictures.templates import Source
from threads.services.pictures.values import Values

JSON = dict[str, Any]


class TooLong(Exception):
    """Text did not fit its box. `picture` shows where."""

    def __init__(self, source: Source, picture: Picture) -> None:
        super().__init__("overflow")
        self.picture = picture
        self.errors = [_overflow_error(source, one) for one in picture.overflow]


def _overflow_error(source: Source, one: Overflow) -> JSON:
    labels = {field["name"]: field["label"] for field in source.fields}
    return {
        "code": "overflow",
        "message": sentences.overflow([labels.get(name, name) for name in one.fields], one.cut),
        "field": one.field,
    }


def draw(
    user: Any,
    version: ImageTemplateVersion,
    size_name: str,
    data: Mapping[str, Any],
    alt_text: str,
    language: str,
    *,
    known: Mapping[int, MediaAsset] | None = None,
) -> RenderedImage:
    """The picture of these values; the same again is the picture there is.

    `known` are pictures this person may use, when the caller has read them already.
    Raises Forbidden, Invalid, TooLong, RenderFailed.
    """
    policies.require(user, "render_template")
    source = templates.source_of(version)
    templates.require_drawable(source)
    size = source.size(size_name)
    found = values.clean(source.fields, data, user, language, media=known)
    told = alt_text_of(alt_text, source, found)
    work = _work(source, size, found, language)
    # The name of the version is in the answer, so it is part of what makes two pictures the same.
    digest = work.digest(version.pk)
    earlier = RenderedImage.objects.filter(input_hash=digest).select_related("media", "version")
    same = list(earlier.order_by("pk"))
    for image in same:
        if image.media.alt_text == told and _may_use(user, image.media):
            return image
    picture = (same and _earlier_picture(same[0])) or _fitting(source, work.render())
    return _stored(user, version, size, found, told, digest, work.renderer_name, picture)


def preview(
    source: Source,
    size: JSON,
    found: Values,
    language: str,
    design: str = "",
    missing: Sequence[JSON] | None = None,
) -> Picture:
    """A picture to look at, with stand-ins for pictures not chosen, and boxes that overflow.

    `missing` are the fields to stand in for, all without it.
    """
    more = samples.stand_ins(source.fields if missing is None else missing, found, design)
    return _work(source, size, found, language, more).render()


def preview_file(job: JobRun, user: Any) -> bytes | None:
    """The picture of a preview, or of a refused one, for its owner; None when it is gone."""
    return previews.content(job, user)


def alt_text_of(text: str, source: Source, found: Values) -> str:
    """The alt text with its names replaced. Raises Invalid when nothing is left of it."""
    unknown = wording.unknown(text, templates.names(source.fields))
    if unknown:
        message = _("There is no field “%(name)s”.") % {"name": unknown[0]}
        raise Invalid("unknown_name", message, {"alt_text": [message]})
    told = wording.filled(text, found.shown)
    if not told:
        message = _("Say what the picture shows, for people who cannot see it.")
        raise Invalid("alt_text_missing", message, {"alt_text": [message]})
    return told


def failed(exc: RenderFailed) -> JobFailed:
    """What a person reads when a renderer gave up."""
    return JobFailed({"code": exc.code, "message": sentences.failure(exc.code)})


# -- helpers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Work:
    page: Page
    renderer: rendering.Renderer

    @property
    def renderer_name(self) -> str:
        return self.renderer.name

    def digest(self, version: int) -> str:
        """Of all the picture depends on; names of images hold the hash of their bytes."""
        page = self.page
        told = [version, page.html, page.css, page.width, page.height, page.language]
        text = json.dumps([*told, sorted(page.images), self.renderer_name], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def render(self) -> Picture:
        return self.renderer.render(self.page)


def _work(
    source: Source,
    size: JSON,
    found: Values,
    language: str,
    more: Mapping[str, bytes] | None = None,
) -> _Work:
    """`more` are images by name that are no media."""
    ours, logo = brand.current()
    try:
        filled = rendering.fill(
            source.html, source.css, source.fields, found.shown, ours, size, language
        )
    except rendering.NotFilled as exc:
        message = sentences.meaning(exc.code, exc.params)
        raise Invalid("bad_template", message, {"html": [message]}) from exc
    files = {f"media:{asset.sha256}": asset for asset in found.media.values()}
    if logo is not None:
        files[ours.logo] = logo
    images = dict(more or {})
    images |= {
        name: media.file_for(files[name]).read() for name in filled.image_names if name in files
    }
    return _Work(filled.page(images), rendering.renderer(settings.RENDERER, settings.CHROMIUM_PATH))


def _may_use(user: Any, asset: MediaAsset) -> bool:
    return user is None or MediaAsset.objects.visible_to(user).filter(pk=asset.pk).exists()


def _earlier_picture(image: RenderedImage) -> Picture | None:
    """The same picture with another alt text, or somebody else's: its bytes are there."""
    try:
        content = media.file_for(image.media).read()
    except FileNotFoundError:
        return None
    return Picture(content, image.milliseconds or 0)


def _fitting(source: Source, picture: Picture) -> Picture:
    if picture.overflow:
        raise TooLong(source, picture)
    return picture


def _stored(
    user: Any,
    version: ImageTemplateVersion,
    size: JSON,
    found: Values,
    alt_text: str,
    digest: str,
    renderer: str,
    picture: Picture,
) -> RenderedImage:
    pixels = (size["width"], size["height"])
    asset = media.keep(user, picture.png, pixels, alt_text, f"{version.template.name}.png")
    return RenderedImage.objects.create(
        version=version,
        renderer=renderer,
        width=size["width"],
        height=size["height"],
        data=found.data,
        input_hash=digest,
        sha256=asset.sha256,
        media=asset,
        milliseconds=picture.milliseconds,
        user=user,
    )
