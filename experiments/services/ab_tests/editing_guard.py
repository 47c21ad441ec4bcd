"""A running variant that was changed, or is gone, makes the test invalid.

Signals only shorten the wait: `watching.sweep` looks for the same before every evaluation.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.db import transaction
from django.utils import timezone

from experiments.models import ABTest, ABTestPublication, ABTestState
from experiments.services import watching
from socialhub.models import Post
from socialhub.services import history

Why = Literal["variant_edited", "variant_deleted"]


@transaction.atomic
def break_test(test: ABTest, why: Why, at: datetime | None = None) -> bool:
    """Mark a running test as broken and take its other showings off; False: it was not running.

    The first reason stays. The next evaluation decides "invalid" of it.
    """
    watching.lock_waiting(test)
    changed = ABTest.objects.filter(
        pk=test.pk,
        state=ABTestState.RUNNING,
        broken_at__isnull=True,
        stopped_at__isnull=True,
    ).update(broken_at=at or timezone.now(), broken_why=why)
    if changed:
        history.record(test, None, why.replace("_", " "))
        watching.call_off(test)
    return changed == 1


def note_edit(post_id: int) -> bool:
    """A post of a test was saved: does it still say what was approved? True: no, it is broken."""
    rows = ABTestPublication.objects.select_related("test", "post")
    part = rows.filter(post=post_id, test__state=ABTestState.RUNNING).first()
    if part is None or part.post is None or part.content_hash == part.post.content_hash:
        return False
    return break_test(part.test, "variant_edited")


def running_part(post: Post) -> ABTestPublication | None:
    """The showing of a running test that this post is; for the composer's warning."""
    if not post.variant_key:
        return None
    rows = ABTestPublication.objects.select_related("test", "variant")
    return rows.filter(post=post, test__state=ABTestState.RUNNING).first()
