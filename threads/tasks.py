"""Celery tasks: ids in, one service call, no rules."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task(name="threads.tend_pictures")
def tend_pictures() -> dict[str, int]:
    from threads.services.pictures import batches, previews

    now = timezone.now()
    pruned = {**previews.prune(now), "batches": batches.prune(now)}
    return {**pruned, "revived": batches.revive(now)}
