"""Tasks that fetch what happened on the networks."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from socialhub.services import collecting_interactions


@shared_task(name="socialhub.collect_interactions")
def collect_interactions() -> dict[str, Any]:
    return collecting_interactions.collect(timezone.now())
