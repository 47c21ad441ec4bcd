"""What a test has counted so far, from the numbers of its publications or visitors.

Posts are compared at the same age. A showing of a paired test is counted once, at a fixed age;
single posts are counted at the age of the youngest; of a split the visitors are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from django.db.models import Max

from experiments.models import (
    ABTest,
    ABTestPublication,
    ABTestVariant,
    Design,
    Metric,
    MetricKind,
)
from experiments.services import readings, splitting
from experiments.services.readings import Numbers
from socialhub.models import Account, Publication, PublicationStatus

if TYPE_CHECKING:
    from experiments.statistics.counts import Kind
    from experiments.statistics.plans import Block, Broken, Count, History, Plan
    from experiments.statistics.plans import Design as PlanDesign

# A post earns almost all of its reach in three days; an order takes longer to come.
MATURE_AFTER = timedelta(hours=72)
MATURE_AFTER_REVENUE = timedelta(days=14)
# A showing that went out further than this from its slot met another audience.
MOVED = timedelta(hours=2)
# After the last showing is old enough, the time to read it: the planned end of a paired test is
# not before its last due time + matures_after + this.
TIME_TO_READ = timedelta(hours=24)


def kind_of(test: ABTest, accounts: Iterable[Account] | None = None) -> MetricKind:
    """What the metric is divided by: it follows from the design and what the networks report."""
    if test.metric == Metric.REVENUE:
        return MetricKind.PER_POST
    if test.design == Design.SPLIT:
        return MetricKind.PROPORTION
    chosen = list(test.accounts.all() if accounts is None else accounts)
    if not all("impressions" in account.capabilities.metrics for account in chosen):
        return MetricKind.COUNT
    return MetricKind.PROPORTION if test.metric == Metric.CLICKS else MetricKind.RATE


def matures_after(test: ABTest) -> timedelta:
    """The age at which each showing of a paired test is counted."""
    return MATURE_AFTER_REVENUE if test.metric == Metric.REVENUE else MATURE_AFTER


# -- the plan -------------------------------------------------------------------------------


def plan_of(test: ABTest) -> Plan:
    """The plan fixed at the start, as the statistics take it."""
    from experiments.statistics.plans import SHORTEST, Plan

    variants = variants_of(test)
    starts, ends = _live_at(test), test.ends_at
    if ends is not None and test.design == Design.SINGLE:
        # Posts went out late: a whole week is seen all the same.
        ends = max(ends, starts + SHORTEST)
    return Plan(
        variants=tuple(variant.name for variant in variants),
        planned=test.planned_size or 1,
        starts_at=starts,
        ends_at=ends,
        kind=cast("Kind", test.kind),
        design=cast("PlanDesign", test.design),
        confidence=test.confidence,
        smallest_effect=test.smallest_effect,
        weights=tuple(float(one.weight) for one in variants) if _is_split(test) else (),
        extended_to=test.extended_to,
        paired_looks=tuple(test.paired_looks or ()),
        stopped_at=test.stopped_at,
        broken_at=test.broken_at,
        broken_why=cast("Broken | None", test.broken_why or None),
    )


def variants_of(test: ABTest) -> list[ABTestVariant]:
    """In order of position: index 0 is the control."""
    return list(test.variants.order_by("position"))


def _is_split(test: ABTest) -> bool:
    return test.design == Design.SPLIT


def _live_at(test: ABTest) -> datetime:
    """When the last variant went live; while one is not out, when the last one is due."""
    assert test.starts_at is not None  # a constraint: started means planned
    if test.design != Design.SINGLE:
        return test.starts_at
    groups = _complete(_out(test), test.variants.count())
    if groups:
        return max(one.at for group in groups for one in group)
    due = test.publications.aggregate(last=Max("due_at"))["last"]
    return max(test.starts_at, due) if due else test.starts_at


# -- showings -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A showing that is out."""

    part: ABTestPublication
    publication: Publication
    at: datetime


def _out(test: ABTest) -> list[Shown]:
    parts = test.publications.select_related("variant", "publication__stats")
    found = []
    for part in parts.order_by("block", "account_id", "order"):
        one = part.publication
        if one is not None and one.status == PublicationStatus.PUBLISHED and one.published_at:
            found.append(Shown(part, one, one.published_at))
    return found


def _complete(shown: Iterable[Shown], variants: int) -> list[list[Shown]]:
    """Showings that stand beside each other, in order of the variants.

    Of a slot or account where one variant never came, the others say nothing.
    """
    found: dict[tuple[int, int], list[Shown]] = defaultdict(list)
    for one in sorted(shown, key=lambda one: one.part.variant.position):
        found[one.part.block, one.part.account_id].append(one)
    return [group for group in found.values() if len(group) == variants]


def freeze(test: ABTest, now: datetime) -> int:
    """Keep the counts of showings that are old enough and were read since; how many."""
    age, frozen = matures_after(test), 0
    for one in _out(test):
        mature_at, read_at = one.at + age, readings.read_at(one.publication)
        if one.part.counted_at or mature_at > now or read_at is None or read_at < mature_at:
            continue
        numbers = readings.numbers(test, one.publication, mature_at)
        frozen += ABTestPublication.objects.filter(pk=one.part.pk, counted_at__isnull=True).update(
            engagements=numbers.engagements,
            impressions=numbers.impressions,
            value=numbers.value,
            counted_at=now,
        )
    return frozen


def blocks_of(test: ABTest, until: datetime) -> tuple[Block, ...]:
    """Matched slots whose showings are all counted, each at the time of its last count.

    A slot one of whose showings was moved is no match any more and is left out.
    """
    found = []
    for group in _complete(_out(test), test.variants.count()):
        if any(abs(one.at - one.part.due_at) > MOVED for one in group):
            continue
        parts = [one.part for one in group]
        moments = [part.counted_at for part in parts if part.counted_at]
        if len(moments) == len(parts) and max(moments) <= until:
            found += _block(test, parts, max(moments))
    return tuple(found)


def _block(test: ABTest, parts: Sequence[ABTestPublication], at: datetime) -> list[Block]:
    """None where a number is missing that the others are compared by."""
    from experiments.statistics.plans import Block

    if test.kind == MetricKind.PER_POST:
        return [Block(at, ((0, None),) * len(parts), tuple(float(one.value or 0) for one in parts))]
    needs_impressions = test.kind != MetricKind.COUNT
    if any(one.engagements is None or (needs_impressions and not one.impressions) for one in parts):
        return []
    return [Block(at, tuple((one.engagements or 0, one.impressions) for one in parts))]


# -- a look ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of all variants at one time, when they were read last, and the finished blocks."""

    counts: tuple[Count, ...]
    synced_at: datetime | None
    blocks: tuple[Block, ...] = ()


def count(test: ABTest, now: datetime) -> Counted:
    """What is known now."""
    variants = variants_of(test)
    if test.design == Design.SPLIT:
        return Counted(_of_visitors(test, len(variants), now), None)
    if test.design == Design.PAIRED:
        blocks = blocks_of(test, now)
        return Counted(
            _summed(test, [block.counts for block in blocks], len(variants)), None, blocks
        )
    return _of_single_posts(test, len(variants), now)


def _of_visitors(test: ABTest, variants: int, now: datetime) -> tuple[Count, ...]:
    found = tuple((int(x), int(n)) for x, n in splitting.counts(test, until=now))
    return found or ((0, 0),) * variants


def _of_single_posts(test: ABTest, variants: int, now: datetime) -> Counted:
    """All posts at the age that the youngest has by now."""
    groups = _complete(_out(test), variants)
    if not groups:
        return Counted(_summed(test, [], variants), None)
    shown = [one for group in groups for one in group]
    age = max(now - max(one.at for one in shown), timedelta(0))
    rows = [
        [_count(readings.numbers(test, one.publication, one.at + age)) for one in group]
        for group in groups
    ]
    synced = min(readings.read_at(one.publication) or one.at for one in shown)
    return Counted(_summed(test, rows, variants), synced)


def _count(numbers: Numbers) -> Count:
    return numbers.engagements or 0, numbers.impressions


def _summed(test: ABTest, rows: Sequence[Sequence[Count]], variants: int) -> tuple[Count, ...]:
    """Per variant. Impressions are None where one is not known, or none are asked for."""
    sums: list[Count] = []
    for at in range(variants):
        engagements = sum(row[at][0] for row in rows)
        shown = [row[at][1] for row in rows]
        known = [one for one in shown if one is not None]
        whole = test.kind != MetricKind.COUNT and len(known) == len(shown)
        sums.append((engagements, sum(known) if whole else None))
    return tuple(sums)


def values_of(test: ABTest, until: datetime) -> tuple[tuple[float, ...], ...]:
    """Of a split by revenue: one value per visitor and variant."""
    if test.kind != MetricKind.PER_POST or test.design != Design.SPLIT:
        return ()
    return tuple(tuple(own) for own in splitting.values(test, until))


def history_of(test: ABTest, until: datetime, now: Counted | None = None) -> History:
    """All looks stored until then, with `now` as one more at that time.

    A paired test is judged by its blocks alone.
    """
    from experiments.statistics.plans import History, Look

    variants = test.variants.count()
    if test.design == Design.PAIRED:
        blocks = now.blocks if now is not None else blocks_of(test, until)
        return History.of([], variants, blocks=blocks)
    stored = test.looks.filter(at__lte=until).order_by("number")
    looks = [
        Look(at, tuple((x, n) for x, n in counts), synced_at)
        for at, synced_at, counts in stored.values_list("at", "synced_at", "counts")
    ]
    if now is not None:
        looks.append(Look(until, now.counts, now.synced_at))
    return History.of(looks, variants, posts=values_of(test, until))
