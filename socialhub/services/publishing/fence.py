"""The last look at our own rows before a request leaves, and the record that it did."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from socialhub.http import RequestNotSent
from socialhub.models import (
    PayloadGeneration,
    Post,
    PostStatus,
    Publication,
    PublicationAttempt,
    PublicationStatus,
)


class TooLate(RequestNotSent):
    """This worker stood still too long; its row may belong to somebody else by now."""


@transaction.atomic
def pass_fence(
    publication: Publication, token: uuid.UUID, generation: PayloadGeneration, newest_id: str
) -> PublicationAttempt | None:
    """Insert the attempt if the row is still ours, approved as frozen, and not to be stopped.

    The post's lock is the one an edit takes: either the edit sees the attempt, or we see it.
    """
    post = Post.objects.select_for_update().get(pk=publication.post_id)
    if post.status != PostStatus.APPROVED or post.content_hash != generation.content_hash:
        return None
    # Also a lock: nobody takes the row away between this check and the insert.
    ours = Publication.objects.filter(
        pk=publication.pk,
        status=PublicationStatus.PUBLISHING,
        claim_token=token,
        cancel_requested_at__isnull=True,
    ).update(updated_at=timezone.now())
    if ours != 1:
        return None
    return PublicationAttempt.objects.create(
        publication=publication,
        generation=generation,
        number=publication.attempts.count() + 1,
        claim_token=token,
        started_at=timezone.now(),
        newest_id_before=newest_id,
    )


def send_guard(started: float) -> Callable[[], None]:
    """Refuse to send when too much time went by since `started` (monotonic seconds).

    A stopped and continued worker finds its row reaped and sent by somebody else; the clock
    tells it before the first byte leaves.
    """

    def guard() -> None:
        if time.monotonic() - started > settings.PUBLISH_SEND_WINDOW:
            raise TooLate("the time to send had passed")

    return guard
