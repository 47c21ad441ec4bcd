"""What is known about a picture before anybody looks at it."""

from __future__ import annotations

from typing import Any

from socialhub import registries
from socialhub.models import MediaAsset


def known(asset: MediaAsset, user: Any) -> str:
    """How it was described before (templates describe what they draw), else what it shows.

    "" when nobody ever said.
    """
    if asset.alt_text:
        return asset.alt_text
    same = MediaAsset.objects.filter(sha256=asset.sha256).exclude(alt_text="")
    seen = same if user is None else same.filter(pk__in=MediaAsset.objects.visible_to(user))
    earlier = seen.order_by("-pk").first()
    return earlier.alt_text if earlier else registries.picture_name(asset, user)
