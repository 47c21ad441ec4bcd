"""Opening a notice once per incident, and closing it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from socialhub.models import (
    Account,
    DeliveryState,
    Notice,
    NoticeDelivery,
    NoticeKind,
    Post,
    Publication,
)
from socialhub.services.notices import people

# Most lost answers are cleared up by the first look; nobody needs a mail about those.
PATIENCE = {NoticeKind.UNKNOWN: timedelta(seconds=60)}
CLOSED = Q(resolved_at__isnull=False) | Q(acknowledged_at__isnull=False)


def open_notice(
    kind: str,
    incident: str,
    *,
    post: Post | None = None,
    publication: Publication | None = None,
    account: Account | None = None,
) -> Notice:
    """Tell the people concerned of an incident, once: the same `incident` is the same notice.

    Works in the caller's transaction; messages leave after its commit.
    """
    if publication is not None:
        post, account = post or publication.post, account or publication.account
    notice = Notice(
        kind=kind,
        incident=incident,
        post=post,
        publication=publication,
        account=account,
        created_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            notice.save(force_insert=True)
    except IntegrityError:
        return Notice.objects.get(incident=incident)
    address(notice, people.concerned(notice))
    return notice


def address(notice: Notice, users: Iterable[Any]) -> None:
    """Write a delivery per person and channel; who has one already gets no second one."""
    now = timezone.now()
    start = now + PATIENCE.get(NoticeKind(notice.kind), timedelta(0))
    rows = []
    for user_id, channels in people.channels(users).items():
        for channel in channels:
            row = NoticeDelivery(notice=notice, user_id=user_id, channel=channel, next_try_at=start)
            if channel == people.APP:
                # The row itself is what the app shows.
                row.state, row.sent_at, row.next_try_at = DeliveryState.SENT, now, now
            rows.append(row)
    NoticeDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.state == DeliveryState.QUEUED for row in rows):
        transaction.on_commit(_ring, robust=True)


def _ring() -> None:
    from socialhub.tasks_operations import deliver_notices

    deliver_notices.apply_async(expires=60)


def open_for(user: Any) -> QuerySet[Notice]:
    """Notices this person has in the app and that are still open, newest first."""
    mine = NoticeDelivery.objects.filter(user=user, channel=people.APP).values("notice_id")
    return (
        Notice.objects.filter(pk__in=mine)
        .exclude(CLOSED)
        .select_related("post", "publication__account", "publication__post", "account")
    )


@transaction.atomic
def resolve(prefix: str) -> int:
    """The trouble of every open incident that begins with `prefix` is over; how many."""
    rows = Notice.objects.filter(incident__startswith=prefix, resolved_at__isnull=True)
    pks = list(rows.values_list("pk", flat=True))
    if pks:
        Notice.objects.filter(pk__in=pks).update(resolved_at=timezone.now())
        _drop(pks)
    return len(pks)


@transaction.atomic
def acknowledge(notice: Notice, user: Any) -> bool:
    """Somebody takes care of it: no more messages, no escalation. False: somebody else did."""
    now = timezone.now()
    NoticeDelivery.objects.filter(
        notice=notice, user=user, channel=people.APP, read_at__isnull=True
    ).update(read_at=now)
    taken = Notice.objects.filter(pk=notice.pk).exclude(CLOSED)
    if not taken.update(acknowledged_at=now, acknowledged_by=user):
        return False
    _drop([notice.pk])
    return True


def _drop(notice_ids: list[int]) -> None:
    NoticeDelivery.objects.filter(notice__in=notice_ids, state=DeliveryState.QUEUED).update(
        state=DeliveryState.DROPPED
    )
