"""Freezing what is sent, so that repeating an attempt repeats the same request."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from socialhub.models import Outcome, PayloadGeneration, Publication
from socialhub.platforms.base import Connection, Payload
from socialhub.platforms.errors import Unavailable
from socialhub.services import drafts

if TYPE_CHECKING:
    from socialhub.platforms.base import PlatformAdapter

# An older payload is made anew: uploads expire on the networks, and so does "just now".
FRESH = timedelta(minutes=30)


def freeze(
    publication: Publication, adapter: PlatformAdapter, connection: Connection
) -> PayloadGeneration:
    """The generation to send now: the latest while it may be out or is fresh, else a new one.

    Calls the network (uploads, mentions). Raises PlatformError; nothing is out then.
    """
    latest = publication.generations.order_by("-number").first()
    if latest is not None and (_may_be_out(latest) or _is_current(latest, publication)):
        return latest
    # Read before preparing: an edit in between makes the fence refuse this generation.
    content = publication.post.content_hash
    now = timezone.now()
    key = uuid.uuid4()
    payload = adapter.prepare(connection, drafts.build(publication, str(key), now))
    try:
        with transaction.atomic():
            return PayloadGeneration.objects.create(
                publication=publication,
                number=(latest.number if latest else 0) + 1,
                content_hash=content,
                client_key=key,
                text=payload.text,
                parent_id_sent=payload.parent_id,
                body=payload.body,
                frozen_at=now,
            )
    except IntegrityError:
        # This worker stood still, lost its claim, and the next one froze its own.
        raise Unavailable("another worker took this publication over") from None


def payload_of(generation: PayloadGeneration) -> Payload:
    """The frozen payload as the adapter made it."""
    return Payload(
        key=str(generation.client_key),
        text=generation.text,
        body=generation.body,
        parent_id=generation.parent_id_sent,
        created_at=generation.frozen_at,
    )


def _may_be_out(generation: PayloadGeneration) -> bool:
    return generation.attempts.filter(outcome__in=["", Outcome.UNKNOWN, Outcome.ACCEPTED]).exists()


def _is_current(generation: PayloadGeneration, publication: Publication) -> bool:
    return (
        generation.content_hash == publication.post.content_hash
        and timezone.now() - generation.frozen_at < FRESH
    )
