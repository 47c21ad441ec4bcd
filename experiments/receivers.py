"""Signals in, a service call out. What no signal tells is found before the next evaluation."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from experiments.services import removing
from experiments.services.ab_tests import editing_guard
from socialhub.models import Post
from socialhub.signals import demo_removing


@receiver(post_save, sender=Post)
def guard_variant(sender: Any, instance: Post, **kwargs: Any) -> None:
    """A post of a test that says something else now makes its test invalid.

    After the commit: the edit holds locks that the test's own publications may need too.
    """
    if instance.variant_key and instance.content_hash != instance.approved_hash:
        note = partial(editing_guard.note_edit, instance.pk)
        transaction.on_commit(note, robust=True)


@receiver(demo_removing)
def forget(sender: Any, publication_ids: list[int], account_ids: list[int], **kwargs: Any) -> None:
    """Tests and repetitions hold on to publications: they go before these rows are deleted."""
    removing.forget(publication_ids, account_ids)
