"""Signals in, tasks out. A lost message costs a minute: the sweep finds the publication."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from kombu.exceptions import OperationalError

from analytics import tasks
from analytics.models import DataVersion
from analytics.services import rebuilding, removing
from socialhub.models import Organisation
from socialhub.signals import demo_removing, publication_published

log = logging.getLogger(__name__)


@receiver(publication_published)
def measure(sender: Any, publication_id: int, **kwargs: Any) -> None:
    """Have its numbers collected from now on."""
    try:
        tasks.ensure_stats.apply_async((publication_id,), expires=60)
    except OperationalError as exc:
        log.warning("the broker does not answer, the sweep will find it: %s", exc)


@receiver(post_save, sender=Organisation)
def move_days(sender: Any, instance: Organisation, **kwargs: Any) -> None:
    """Another time zone has other days; the sweep would notice within a minute.

    What was never built is left to the sweep: a new installation has nothing to show yet.
    """
    if DataVersion.objects.exclude(timezone__in=("", instance.timezone)).exists():
        transaction.on_commit(rebuilding.ensure_built, robust=True)


@receiver(demo_removing)
def forget(sender: Any, publication_ids: list[int], account_ids: list[int], **kwargs: Any) -> None:
    """Take the numbers of these rows out of every sum, before they are deleted."""
    removing.forget(publication_ids, account_ids)
