"""Celery tasks: ids in, one service call, no rules."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from analytics.services import audience, collecting, tracking


@shared_task(name="analytics.ensure_stats")
def ensure_stats(publication_id: int) -> int:
    return tracking.ensure_stats([publication_id])


@shared_task(name="analytics.sweep_stats")
def sweep_stats() -> int:
    return tracking.sweep()


@shared_task(name="analytics.collect_metrics")
def collect_metrics() -> dict[str, Any]:
    return collecting.collect(timezone.now())


@shared_task(name="analytics.collect_audience")
def collect_audience() -> dict[str, Any]:
    return audience.collect(timezone.now())
