"""The posts of a running test: whether they are still what was approved, and calling them off."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, Q

from experiments.models import ABTest, ABTestPublication, ABTestState, Design
from experiments.services import splitting
from socialhub.models import CHANGEABLE, IN_FLIGHT, Publication, PublicationStatus
from socialhub.services import publishing
from socialhub.services.errors import ServiceError

if TYPE_CHECKING:
    from experiments.statistics.plans import Broken


def sweep(test: ABTest, now: datetime) -> bool:
    """Find what no signal told us: a post that was edited, or is gone. True: the test is broken."""
    if test.broken_at is not None:
        return True
    if test.stopped_at is not None:
        return False
    if test.design == Design.SPLIT:
        return not splitting.is_intact(test) and _break(test, "variant_edited", now)
    gone = _gone(test, now)
    if gone is not None:
        return _break(test, "variant_deleted", gone)
    if _edited(test):
        return _break(test, "variant_edited", now)
    return False


def _gone(test: ABTest, now: datetime) -> datetime | None:
    """Since when a post of the test is missing: gone from its network, called off, deleted."""
    missing = test.publications.filter(
        Q(publication__isnull=True)
        | Q(publication__status=PublicationStatus.CANCELLED)
        | Q(publication__stats__gone_at__lte=now)
    )
    moments = missing.values_list("publication__stats__gone_at", flat=True)
    return min((moment or now for moment in moments), default=None)


def _edited(test: ABTest) -> bool:
    parts = ABTestPublication.objects.filter(test=test, post__isnull=False).exclude(content_hash="")
    return parts.exclude(post__content_hash=F("content_hash")).exists()


def _break(test: ABTest, why: Broken, at: datetime) -> bool:
    """Conditional: the first break wins, and a decided test stays as it is."""
    ABTest.objects.filter(pk=test.pk, state=ABTestState.RUNNING, broken_at__isnull=True).update(
        broken_at=at, broken_why=why
    )
    test.refresh_from_db()
    return test.broken_at is not None


def lock_waiting(test: ABTest) -> None:
    """Lock what `call_off` will cancel. Publications come before the test: so do edits of posts."""
    parts = test.publications.filter(publication__isnull=False)
    waiting = Publication.objects.filter(
        pk__in=parts.values("publication_id"), status__in=CHANGEABLE
    )
    list(waiting.select_for_update().order_by("pk").values_list("pk", flat=True))


def call_off(test: ABTest) -> int:
    """Cancel what is still to go out of a test that is over, or ask it to stop; how many."""
    called_off = 0
    waiting = test.publications.filter(publication__status__in=[*CHANGEABLE, *IN_FLIGHT])
    for part in waiting.select_related("publication"):
        if part.publication is None:
            continue
        try:
            publishing.cancel(part.publication, None)
        except ServiceError:  # it went out at this moment
            continue
        called_off += 1
    return called_off
