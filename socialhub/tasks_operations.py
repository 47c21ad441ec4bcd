"""Tasks of jobs, notices, webhooks, links. Importing the services registers their jobs."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from socialhub.services import accounts, jobs, links, notices, webhooks


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


@shared_task(name="socialhub.tidy")
def tidy() -> None:
    """Remove what no longer means anything: half-made connections, old deliveries and jobs."""
    now = timezone.now()
    accounts.remove_abandoned(now)
    webhooks.prune(now)
    jobs.prune(now)
