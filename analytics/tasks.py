"""Celery tasks: ids in, one service call, no rules."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from analytics.services import audience, collecting, compacting, rebuilding, tracking
from analytics.services.reports import delivering, scheduling


@shared_task(name="analytics.ensure_stats")
def ensure_stats(publication_id: int) -> int:
    return tracking.ensure_stats([publication_id])


@shared_task(name="analytics.sweep_stats")
def sweep_stats() -> int:
    """Publications nobody told us of, and rollups that are missing or of another zone."""
    rebuilding.ensure_built()
    return tracking.sweep()


@shared_task(name="analytics.compact_snapshots")
def compact_snapshots() -> dict[str, Any]:
    return compacting.compact(timezone.now())


@shared_task(name="analytics.repair_rollups")
def repair_rollups() -> dict[str, Any]:
    return rebuilding.repair(timezone.now())


@shared_task(name="analytics.collect_metrics")
def collect_metrics() -> dict[str, Any]:
    return collecting.collect(timezone.now())


@shared_task(name="analytics.collect_audience")
def collect_audience() -> dict[str, Any]:
    return audience.collect(timezone.now())


@shared_task(name="analytics.weekly_report")
def weekly_report() -> dict[str, Any]:
    return scheduling.run_weekly(timezone.now())


@shared_task(name="analytics.monthly_report")
def monthly_report() -> dict[str, Any]:
    return scheduling.run_monthly(timezone.now())


# Longer than the outbox's round, a printing and a slow mail server together.
@shared_task(name="analytics.deliver_reports", time_limit=280)
def deliver_reports() -> dict[str, int]:
    return delivering.deliver(timezone.now())
