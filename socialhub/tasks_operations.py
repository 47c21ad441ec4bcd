"""Tasks of jobs, notices, webhooks, links. Importing the services registers their jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from socialhub import broker
from socialhub.services import (  # noqa: F401
    accounts,
    imports,
    jobs,
    links,
    notices,
    webhooks,
    writing,
)

# Of the file broker: what was read.
MESSAGES_KEPT = timedelta(hours=1)


@shared_task(name="socialhub.run_job")
def run_job(job_id: str) -> None:
    jobs.run(job_id)


@shared_task(name="socialhub.render_job")
def render_job(job_id: str) -> None:
    jobs.run(job_id)


@shared_task(name="socialhub.sweep_jobs")
def sweep_jobs() -> None:
    jobs.sweep()


@shared_task(name="socialhub.deliver_notices")
def deliver_notices() -> None:
    notices.deliver()


@shared_task(name="socialhub.escalate_notices")
def escalate_notices() -> None:
    notices.escalate()


@shared_task(name="socialhub.deliver_webhooks")
def deliver_webhooks() -> None:
    webhooks.deliver()


@shared_task(name="socialhub.aggregate_visits")
def aggregate_visits() -> None:
    links.aggregate_visits()


@shared_task(name="socialhub.refresh_logins")
def refresh_logins() -> dict[str, Any]:
    return accounts.renew_due(timezone.now())


@shared_task(name="socialhub.tidy")
def tidy() -> None:
    """Remove what no longer means anything: half-made connections, old messages and jobs."""
    now = timezone.now()
    accounts.remove_abandoned(now)
    webhooks.prune(now)
    jobs.prune(now)
    imports.prune(now)
    broker.prune(settings.QUEUE_DIR, now - MESSAGES_KEPT)
