"""Saying how long a post stays true; the composer's "evergreen" follows."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from experiments.models import PostRecycling
from experiments.services.recycling import verbs
from experiments.services.recycling.lasting import Lasting
from socialhub.models import Post, Publication
from socialhub.services import history

_SENSITIVE = {Lasting.UNSAID: None, Lasting.STAYS: False, Lasting.DATED: True}


@transaction.atomic
def mark(publication: Publication, user: Any, lasting: Lasting, **said: Any) -> PostRecycling:
    """Say how long its post stays true, and with `said` what else `verbs.describe` takes."""
    row = verbs.describe(publication, user, time_sensitive=_SENSITIVE[lasting], **said)
    stays = lasting == Lasting.STAYS
    if row.post.is_evergreen != stays:
        # No new version: a composer that is open keeps what is typed in it.
        row.post.is_evergreen = stays
        Post.objects.filter(pk=row.post_id).update(is_evergreen=stays)
        history.record(row.post, user, "made evergreen" if stays else "not evergreen any more")
    return row
