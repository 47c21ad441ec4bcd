"""Demo series, templates and pictures, before the posts and accounts they hold on to go."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from socialhub.models import MediaAsset
from threads.models import (
    ImageBatch,
    ImageTemplate,
    RenderedImage,
    ThreadAccount,
    ThreadPost,
    ThreadSeries,
)


def forget(publication_ids: Sequence[int], account_ids: Sequence[int]) -> None:
    """Delete every demo row of this app, in the caller's transaction.

    A series of real work stays and loses the demo accounts. Its parts keep their posts.
    """
    found = ThreadSeries.objects.filter(is_demo=True)
    ids = list(found.values_list("pk", flat=True))
    ThreadPost.objects.filter(series__in=ids).update(post=None)
    ThreadSeries.objects.filter(pk__in=ids).delete()
    ThreadSeries.history.filter(id__in=ids).delete()
    ThreadAccount.objects.filter(account__in=account_ids).delete()
    _templates()


def _templates() -> None:
    templates = ImageTemplate.objects.filter(is_demo=True)
    ids = list(templates.values_list("pk", flat=True))
    of_them = Q(version__template__in=ids)
    drawn = RenderedImage.objects.filter(of_them)
    # What somebody took into a post of their own stays there as a picture.
    media = MediaAsset.objects.filter(
        Q(rendered__in=drawn) | Q(pk__in=templates.values("sample")), postmedia__isnull=True
    )
    media.update(is_demo=True)
    ImageBatch.objects.filter(of_them).delete()
    drawn.delete()
    templates.delete()
    ImageTemplate.history.filter(id__in=ids).delete()
