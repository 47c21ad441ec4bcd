"""Locks with an owner and an end, in the database so that every host sees them.

The end counts by the clock of the host that asks: keep the hosts' clocks together (NTP) and
leases longer than any difference between them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from socialhub.models import Lease


def take(key: str, seconds: float) -> uuid.UUID | None:
    """The owner's token when the lock is ours for `seconds`; None while somebody has it."""
    now = timezone.now()
    owner, until = uuid.uuid4(), now + timedelta(seconds=seconds)
    # One statement decides: only one of several callers can find the old end in the past.
    if Lease.objects.filter(key=key, expires_at__lte=now).update(owner=owner, expires_at=until):
        return owner
    if Lease.objects.filter(key=key).exists():
        return None
    try:
        with transaction.atomic():
            Lease.objects.create(key=key, owner=owner, expires_at=until)
    except IntegrityError:
        return None
    return owner


def extend(key: str, owner: uuid.UUID, seconds: float) -> bool:
    """Keep the lock for `seconds` from now; False when it is not ours any more."""
    until = timezone.now() + timedelta(seconds=seconds)
    return bool(Lease.objects.filter(key=key, owner=owner).update(expires_at=until))


def release(key: str, owner: uuid.UUID) -> None:
    """Give the lock back; does nothing when it ran out and belongs to somebody else now."""
    Lease.objects.filter(key=key, owner=owner).delete()


@contextmanager
def held(key: str, seconds: float) -> Iterator[bool]:
    """True inside the block when the lock is ours, False when somebody else has it."""
    owner = take(key, seconds)
    try:
        yield owner is not None
    finally:
        if owner is not None:
            release(key, owner)
