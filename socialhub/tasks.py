"""Celery tasks: ids in, one service call, no rules."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

# Celery looks for tasks in this module.
from socialhub import tasks_collecting, tasks_operations  # noqa: F401
from socialhub.models import Heartbeat
from socialhub.services import publishing


@shared_task(name="socialhub.publish_due")
def publish_due() -> int:
    """Ring for every due row. One message per row; messages expire, rows do not."""
    return len(publishing.ring(timezone.now(), _ring_for))


def _ring_for(publication_id: int) -> None:
    publish_publication.apply_async((publication_id,), expires=60)


@shared_task(name="socialhub.publish_publication")
def publish_publication(publication_id: int) -> str:
    return publishing.publish(publication_id)


@shared_task(name="socialhub.settle")
def settle() -> dict[str, int]:
    return publishing.settle_due(timezone.now())


@shared_task(name="socialhub.reap")
def reap() -> dict[str, int]:
    return publishing.reap(timezone.now())


@shared_task(name="socialhub.heartbeat_publish")
def heartbeat_publish() -> None:
    _beat("queue:publish")


@shared_task(name="socialhub.heartbeat_sync")
def heartbeat_sync() -> None:
    _beat("queue:sync")


def _beat(part: str) -> None:
    Heartbeat.objects.update_or_create(part=part, defaults={"at": timezone.now()})
