"""Changing an alt text. It is part of what was approved, so a shown picture gets a new row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import MediaAsset
from socialhub.services.errors import Invalid


def with_alt_text(asset: MediaAsset, user: Any, alt_text: str) -> MediaAsset:
    """The picture with this alt text: the row itself while no post shows it, else another row.

    Raises Forbidden, Invalid.
    """
    alt_text = alt_text.strip()
    if alt_text == asset.alt_text:
        return asset
    policies.require(user, "manage_media")
    limit = MediaAsset._meta.get_field("alt_text").max_length or 0
    if len(alt_text) > limit:
        message = _("The alt text is longer than %(limit)s characters.") % {"limit": limit}
        raise Invalid("alt_text_too_long", message, {"alt_text": [message]})
    if not asset.posts.exists():
        MediaAsset.objects.filter(pk=asset.pk).update(alt_text=alt_text)
        asset.alt_text = alt_text
        return asset
    same = MediaAsset.objects.filter(
        sha256=asset.sha256, alt_text=alt_text, uploaded_by=asset.uploaded_by
    ).first()
    return same or _copy(asset, alt_text)


def _copy(asset: MediaAsset, alt_text: str) -> MediaAsset:
    return MediaAsset.objects.create(
        file=asset.file.name,
        name=asset.name,
        sha256=asset.sha256,
        mime=asset.mime,
        size=asset.size,
        width=asset.width,
        height=asset.height,
        alt_text=alt_text,
        uploaded_by=asset.uploaded_by,
        is_demo=asset.is_demo,
    )


def forget_replaced(assets: Iterable[MediaAsset]) -> None:
    """Delete rows that no post shows any more; another row has the file."""
    for asset in assets:
        others = MediaAsset.objects.filter(file=asset.file.name).exclude(pk=asset.pk)
        if others.exists() and not asset.posts.exists():
            MediaAsset.objects.filter(pk=asset.pk).delete()
