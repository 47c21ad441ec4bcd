"""Parts of a series: each waits for the one before, and none goes out past a gap."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from socialhub.models import CHANGEABLE, FollowsAs, Publication, PublicationStatus
from socialhub.services import history, notices

# The next part follows this long after the one before, unless its series says otherwise.
PACE = timedelta(seconds=5)


def release(row: Publication, at: datetime) -> None:
    """`row` is out since `at`: its next part is due after the pace, or when a person chose."""
    for part in row.children.filter(status=PublicationStatus.SCHEDULED):
        pace = PACE if part.pace_seconds is None else timedelta(seconds=part.pace_seconds)
        Publication.objects.filter(pk=part.pk, status=PublicationStatus.SCHEDULED).update(
            not_before=max(part.not_before or at, at + pace),
            # It could not go earlier, so it is not late.
            due_at=max(part.due_at or at, at + pace),
            rung_at=None,
        )


def hold(row: Publication) -> list[Publication]:
    """`row` is out, but not where it belongs: the next part stops until a person has looked.

    Returns what was stopped. A part that stands alone hangs on nothing and goes on.
    """
    stopped = []
    waiting = row.children.filter(status=PublicationStatus.SCHEDULED)
    for part in waiting.exclude(follows_as=FollowsAs.ALONE).select_related("account", "post"):
        changed = Publication.objects.filter(pk=part.pk, status=PublicationStatus.SCHEDULED).update(
            status=PublicationStatus.FAILED, error_code="parent_lost", rung_at=None
        )
        if changed:
            part.status, part.error_code = PublicationStatus.FAILED, "parent_lost"
            stopped.append(part)
    return stopped


def cancel_later(row: Publication, actor: Any) -> int:
    """`row` will not go out: neither will the parts after it. How many were cancelled."""
    cancelled, above = 0, [row.pk]
    while above:
        later = list(Publication.objects.filter(parent_id__in=above).values_list("pk", flat=True))
        for pk in later:
            changed = Publication.objects.filter(pk=pk, status__in=CHANGEABLE).update(
                status=PublicationStatus.CANCELLED, rung_at=None, updated_at=timezone.now()
            )
            if changed:
                cancelled += 1
                history.event(pk, "cancelled_with_part", actor=actor)
                notices.resolve(f"publication:{pk}:")
        above = later
    return cancelled
