"""When a series goes out: all its accounts begin at one time, part after part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import Post, Publication, PublicationStatus
from socialhub.services import history
from socialhub.services.errors import Conflict, Invalid
from socialhub.services.posts import planning
from threads.models import SeriesStatus, ThreadSeries
from threads.services.series import access, overlapping

Chains = Mapping[int, Sequence[Publication]]


@transaction.atomic
def schedule(series: ThreadSeries, user: Any, due_at: datetime | None = None) -> ThreadSeries:
    """Put an approved series on the queue; no time means now. With a time also move one that
    has not begun. Conflict "overlaps" names another series that is in the way."""
    policies.require(user, "schedule_post")
    access.require_accounts(user, series)
    series = ThreadSeries.objects.select_for_update().get(pk=series.pk)
    if series.status != SeriesStatus.APPROVED:
        raise Conflict("not_approved", _("This series is not approved yet. Submit it first."))
    now = timezone.now()
    if due_at is not None and due_at < now:
        raise passed()
    overlapping.lock_accounts(row.account_id for row in access.accounts_of(series))
    if due_at is not None and due_at != series.due_at:
        _call_back(series)
    if not _waiting(access.chains_of(series)):
        raise Conflict("nothing_to_schedule", _("Every part of this series has its time."))
    series.due_at = due_at or now
    put_on_queue(series, user, series.due_at)
    series.version += 1
    history.sign(series, user, "scheduled")
    series.save()
    return series


def put_on_queue(series: ThreadSeries, user: Any, at: datetime) -> None:
    """Schedule every draft part from `at` on, in order. The caller holds the series' lock."""
    waiting = _waiting(access.chains_of(series))
    accounts = overlapping.lock_accounts(waiting)
    steps = {account: len(rows) for account, rows in waiting.items()}
    overlapping.require_free(series, at, steps, accounts)
    for rows in waiting.values():
        for step, row in enumerate(rows):
            due = at + timedelta(seconds=step * series.pace_seconds)
            planning.put_on_queue(row, due, user)
    Post.objects.filter(thread_part__series=series).update(planned_at=series.due_at)


def passed() -> Invalid:
    message = _("This time has passed. Choose a later one.")
    return Invalid("due_passed", message, {"due_at": [message]})


# -- helpers ---------------------------------------------------------------------------


def _waiting(chains: Chains) -> dict[int, list[Publication]]:
    """account → its draft rows in order; accounts without one are left out."""
    found = {
        account: [row for row in chain if row.status == PublicationStatus.DRAFT]
        for account, chain in chains.items()
    }
    return {account: rows for account, rows in found.items() if rows}


def _call_back(series: ThreadSeries) -> None:
    """Chains of which every part still waits get another time; what has begun goes on."""
    idle = (PublicationStatus.SCHEDULED, PublicationStatus.DRAFT, PublicationStatus.CANCELLED)
    for chain in access.chains_of(series).values():
        if all(row.status in idle for row in chain):
            for row in chain:
                # The worker may be faster: then this one has begun, and stays.
                changed = Publication.objects.filter(
                    pk=row.pk, status=PublicationStatus.SCHEDULED
                ).update(status=PublicationStatus.DRAFT, not_before=None, rung_at=None)
                if not changed and row.status == PublicationStatus.SCHEDULED:
                    raise Conflict("in_flight", _("It has just begun to go out. Look again."))
