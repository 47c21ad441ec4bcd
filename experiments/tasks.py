"""Celery tasks: ids in, one service call, no rules.

The services come late: numpy and scipy take 60 MB, which workers that never evaluate need not have.
"""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone


@shared_task(name="experiments.evaluate_tests", soft_time_limit=900, time_limit=960)
def evaluate_tests() -> dict[str, int]:
    from experiments.services import evaluating

    return evaluating.evaluate_all(timezone.now())


@shared_task(name="experiments.recycle_posts", soft_time_limit=900, time_limit=960)
def recycle_posts() -> dict[str, int]:
    from experiments.services.recycling import planning

    return planning.plan_all(timezone.now())


@shared_task(name="experiments.learn_recycling", soft_time_limit=900, time_limit=960)
def learn_recycling() -> dict[str, Any]:
    from experiments.services.recycling import learning

    return learning.learn(timezone.now())
