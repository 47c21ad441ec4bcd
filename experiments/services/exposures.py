"""Who saw which variant of our own page: drawn once, stored once per visitor."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.utils import timezone

from experiments.models import ABTest, ABTestExposure, ABTestState, ABTestVariant, SplitBy
from socialhub.services import links

log = logging.getLogger(__name__)

# As long as single visits of links; the counts themselves stay in the looks.
KEEP_DAYS = 90
BATCH = 1000


def find(slug: str) -> ABTest | None:
    """The test with a page at this address, once it has started."""
    rows = ABTest.objects.select_related("link").prefetch_related("variants")
    started = (ABTestState.RUNNING, ABTestState.DECIDED)
    return rows.filter(page_slug=slug, split_by=SplitBy.PAGE, state__in=started).first()


def is_open(test: ABTest) -> bool:
    """Are visitors drawn and counted? Not when it was stopped or broken: it is being decided."""
    over = test.stopped_at is not None or test.broken_at is not None
    return test.state == ABTestState.RUNNING and not over


def final(test: ABTest) -> ABTestVariant:
    """What everybody sees after the end: the winner, else the control."""
    variants = test.variants.all()
    return next(
        (one for one in variants if one.pk == test.winner_id),
        min(variants, key=lambda one: one.position),
    )


def draw(test: ABTest, visitor: uuid.UUID) -> ABTestVariant:
    """The variant of this visitor: always the same one, in shares as the weights say."""
    by_key = {one.key: one for one in test.variants.all()}
    weights = {key: one.weight for key, one in by_key.items()}
    return by_key[links.share_out(f"page:{test.pk}", weights, visitor)]


def see(test: ABTest, visitor: uuid.UUID, *, is_bot: bool) -> ABTestVariant:
    """Note that the page is shown to somebody, and which variant that is.

    Crawlers are marked each time; people are stored once, however many requests come at once.
    Counting never stands in the way of the page.
    """
    drawn, now = draw(test, visitor), timezone.now()
    told = {"test": test, "visitor": visitor, "is_bot": is_bot}
    try:
        if is_bot:
            ABTestExposure.objects.create(**told, variant=drawn, at=now)
        else:
            # Who was here before is only asked for: that takes no lock.
            ABTestExposure.objects.get_or_create(**told, defaults={"variant": drawn, "at": now})
    except DatabaseError:
        log.exception("a visit of the page of test %s could not be counted", test.pk)
    return drawn


def click(test: ABTest, visitor: uuid.UUID) -> bool:
    """Count the first click of somebody who was shown the page. False: they were not."""
    seen = ABTestExposure.objects.filter(test=test, visitor=visitor, is_bot=False)
    try:
        first = seen.filter(clicked_at__isnull=True).update(clicked_at=timezone.now())
        return bool(first) or seen.exists()
    except DatabaseError:
        log.exception("a click on the page of test %s could not be counted", test.pk)
        return False


def target(test: ABTest, variant: ABTestVariant, *, marked: bool) -> str:
    """Where the button leads. `marked`: a lead of this visitor belongs to the variant."""
    if test.link is None:
        return variant.link
    marks = links.marks_of(test.link, variant.key, variant.link) if marked else {}
    return links.with_utm(test.link, variant.link, marks)


def forget(now: datetime) -> int:
    """Remove the exposures of tests decided long ago; how many. The looks keep the counts."""
    limit = now - timedelta(days=KEEP_DAYS)
    old = ABTestExposure.objects.filter(test__decided_at__lt=limit).order_by("pk")
    gone = 0
    while ids := list(old.values_list("pk", flat=True)[:BATCH]):
        gone += _delete(ids)
    return gone


def _delete(ids: Sequence[int]) -> int:
    return ABTestExposure.objects.filter(pk__in=ids).delete()[0]
