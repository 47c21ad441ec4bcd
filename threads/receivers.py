"""Signals in, a service call out."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from socialhub.signals import demo_removing
from threads.services import removing


@receiver(demo_removing)
def forget(sender: Any, publication_ids: list[int], account_ids: list[int], **kwargs: Any) -> None:
    """Series hold on to posts and accounts: they go before these rows are deleted."""
    removing.forget(publication_ids, account_ids)
