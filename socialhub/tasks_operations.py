"""Tasks of the operations services: jobs, notices, webhooks, links."""

from __future__ import annotations

from celery import shared_task

from socialhub.services import jobs


@shared_task(name="socialhub.run_job")
def run_job(job_id: str) -> None:
    jobs.run(job_id)


@shared_task(name="socialhub.render_job")
def render_job(job_id: str) -> None:
    jobs.run(job_id)


@shared_task(name="socialhub.sweep_jobs")
def sweep_jobs() -> None:
    jobs.sweep()
