"""Signals in, tasks out. A lost message costs a minute: the sweep finds the publication."""

from __future__ import annotations

import logging
from typing import Any

from django.dispatch import receiver
from kombu.exceptions import OperationalError

from analytics import tasks
from socialhub.signals import publication_published

log = logging.getLogger(__name__)


@receiver(publication_published)
def measure(sender: Any, publication_id: int, **kwargs: Any) -> None:
    """Have its numbers collected from now on."""
    try:
        tasks.ensure_stats.apply_async((publication_id,), expires=60)
    except OperationalError as exc:
        log.warning("the broker does not answer, the sweep will find it: %s", exc)
