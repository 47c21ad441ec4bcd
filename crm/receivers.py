"""Signals in, tasks out. A lost message costs minutes: `crm.tend_leads` finds the comment."""

from __future__ import annotations

import logging
from typing import Any

from django.dispatch import receiver
from kombu.exceptions import OperationalError

from socialhub.signals import interaction_received

log = logging.getLogger(__name__)


@receiver(interaction_received)
def follow(sender: Any, interaction_id: int, **kwargs: Any) -> None:
    """A later word of somebody who is a lead belongs to that lead."""
    from crm import tasks

    try:
        tasks.follow_interaction.apply_async((interaction_id,), expires=60)
    except OperationalError as exc:
        log.warning("the broker does not answer, the sweep will find it: %s", exc)
