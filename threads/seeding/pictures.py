"""Demo templates, and a draft with a picture of a product."""

from __future__ import annotations

from django.contrib.auth.models import User

from socialhub import registries
from socialhub.models import ContentType, MediaAsset, Post
from socialhub.services import posts
from threads.models import ImageTemplate
from threads.services.pictures import binding, drawing, templates

DESIGNS = ("product", "quote", "number-of-the-week", "carousel-cover")
LANGUAGE = "es"


def seed(user: User) -> None:
    """Copy some designs of the gallery; their samples are drawn by the worker."""
    copies = {slug: templates.copy_design(user, slug, is_demo=True) for slug in DESIGNS}
    _draft(user, copies["product"])


def _draft(user: User, template: ImageTemplate) -> None:
    """A post about the first product on offer, with its picture; none without products."""
    source = registries.data_source("product")
    items = source.find(user, "", 1) if source else ()
    if not items:
        return
    item = items[0]
    data = binding.bind(template, "product", item.key, user)
    image = drawing.draw(
        user, templates.current(template), "square", data, f"{item.label}", LANGUAGE
    )
    MediaAsset.objects.filter(pk=image.media_id).update(is_demo=True)
    post = posts.create(
        user,
        text=f"{item.values['title']}\n\n{item.values.get('text') or ''}".strip(),
        language=LANGUAGE,
        content_type=ContentType.IMAGE,
        media=[image.media],
    )
    Post.objects.filter(pk=post.pk).update(is_demo=True)
