"""Posts that are parts of a series: people change them through it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from socialhub.registries import PostOwner
from threads.models import ThreadPost
from threads.services.series import telling


def series_of(post_ids: Sequence[int]) -> dict[int, PostOwner]:
    """post id → its series; posts of their own are absent."""
    parts = ThreadPost.objects.filter(post_id__in=post_ids).select_related("series")
    return {
        part.post_id: PostOwner(
            sentence=_(
                "This is part %(position)s of the thread series “%(title)s”. Change it there."
            )
            % {"position": part.position, "title": part.series.title},
            path=telling.path_of(part.series_id),
        )
        for part in parts
        if part.post_id is not None
    }
