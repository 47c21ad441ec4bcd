"""Signals in, tasks out. A lost message costs minutes: `crm.tend_leads` finds the comment."""

from __future__ import annotations

import logging
from typing import Any

from django.dispatch import receiver
from kombu.exceptions import OperationalError

from crm.services import removing
from socialhub.signals import demo_removing, interaction_received

log = logging.getLogger(__name__)


@receiver(interaction_received)
def follow(sender: Any, interaction_id: int, **kwargs: Any) -> None:
    """A later word of somebody who is a lead belongs to that lead."""
    from crm import tasks

    try:
        tasks.follow_interaction.apply_async((interaction_id,), expires=60)
    except OperationalError as exc:
        log.warning("the broker does not answer, the sweep will find it: %s", exc)


@receiver(demo_removing)
def forget(sender: Any, publication_ids: list[int], account_ids: list[int], **kwargs: Any) -> None:
    """Leads hold on to publications: they go before these rows are deleted."""
    removing.forget(publication_ids, account_ids)
