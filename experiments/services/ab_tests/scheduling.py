"""When each showing of a test goes out.

A block is one posting slot (weekday, hour, account) in as many of its occurrences as there are
variants; which variant takes which is drawn at random. So the variants meet the same audience at
the same hour, and neither the week nor a trend can favour one of them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from experiments.models import ABTest, ABTestVariant
from socialhub.models import Account, Organisation
from socialhub.services import queue
from socialhub.services.errors import Invalid

# A paired test that would take longer is refused: half a year is long enough to wait.
HORIZON = timedelta(weeks=26)
WEEK = timedelta(weeks=1)
# Between the start and the first showing, so that a person can still stop it.
NOTICE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Showing:
    """One variant on one account at one time; `order` is its place in the block."""

    block: int
    order: int
    variant: ABTestVariant
    account: Account
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """An account and the times of one block on it."""

    account: Account
    times: tuple[datetime, ...]


def plan_slots(
    test: ABTest, blocks: int, now: datetime, rng: random.Random | None = None
) -> list[Showing]:
    """The showings of a paired test, in order of time. Raises Invalid when there is no room.

    Only free posting slots are taken; two showings on one account are at least the washout
    apart. `rng` draws the order in each block.
    """
    accounts = list(test.accounts.prefetch_related("slots").order_by("pk"))
    variants = list(test.variants.order_by("position"))
    start = max(test.first_at or now, now) + NOTICE
    free = queue.free_slots_of(accounts, start, start + HORIZON)
    zone = Organisation.get().zone
    found = [
        Place(account, times)
        for account in accounts
        for times in _blocks(free[account.pk], len(variants), test.washout, zone)
    ]
    # Those that are over first; of them the first to begin is block 0.
    chosen = sorted(found, key=lambda place: (place.times[-1], place.account.pk))[:blocks]
    if len(chosen) < blocks:
        raise _no_room(len(chosen), blocks)
    chosen.sort(key=lambda place: (place.times[0], place.account.pk))
    return _shown(chosen, variants, rng or SystemRandom())


def plan_single(test: ABTest, now: datetime, rng: random.Random | None = None) -> list[Showing]:
    """One post of each variant on each account: in its next free slots, the washout apart.

    On an account without posting slots they begin at the time chosen. Order is drawn at random.
    """
    accounts = list(test.accounts.prefetch_related("slots").order_by("pk"))
    variants = list(test.variants.order_by("position"))
    start = max(test.first_at or now, now) + NOTICE
    free = queue.free_slots_of(accounts, start, start + HORIZON)
    chosen = []
    for account in accounts:
        times = _apart(free[account.pk], test.washout)[: len(variants)]
        if not account.slots.all():
            times = [start + n * test.washout for n in range(len(variants))]
        if len(times) < len(variants):
            raise _no_room(0, 1)
        chosen.append(Place(account, tuple(times)))
    drawn = _shown(chosen, variants, rng or SystemRandom())
    return [Showing(0, one.order, one.variant, one.account, one.due_at) for one in drawn]


# -- helpers ---------------------------------------------------------------------


def _shown(
    places: Sequence[Place], variants: Sequence[ABTestVariant], rng: random.Random
) -> list[Showing]:
    showings = []
    for block, place in enumerate(places):
        drawn = rng.sample(variants, len(variants))
        showings += [
            Showing(block, order, variant, place.account, at)
            for order, (variant, at) in enumerate(zip(drawn, place.times, strict=True))
        ]
    return sorted(showings, key=lambda one: (one.due_at, one.account.pk))


def _blocks(
    free: Sequence[datetime], variants: int, washout: timedelta, zone: ZoneInfo
) -> list[tuple[datetime, ...]]:
    """The blocks of one account: occurrences of one slot, taken together as they come."""
    slots = _weekly(free, washout, zone)
    taken = _apart([at for at in free if _slot(at, zone) in slots], washout)
    found = []
    for slot in slots:
        own = [at for at in taken if _slot(at, zone) == slot]
        whole = len(own) - len(own) % variants
        found += [tuple(own[n : n + variants]) for n in range(0, whole, variants)]
    return found


Slot = tuple[int, int]


def _slot(at: datetime, zone: ZoneInfo) -> Slot:
    """Weekday and second of the local day: the same in summer and in winter."""
    local = at.astimezone(zone)
    return local.weekday(), local.hour * 3600 + local.minute * 60 + local.second


def _weekly(free: Sequence[datetime], washout: timedelta, zone: ZoneInfo) -> list[Slot]:
    """The most slots of a week that are the washout apart, also from one week to the next."""
    slots = list(dict.fromkeys(_slot(at, zone) for at in free))
    best: list[Slot] = []
    # Choosing the earliest that fits is best on a line; in a circle the first one is tried.
    for first in slots:
        chosen = [first]
        for slot in sorted(slots, key=lambda one: _after(first, one)):
            since = _after(first, slot) - _after(first, chosen[-1])
            left = WEEK - _after(first, slot)
            if since >= washout and left >= washout:
                chosen.append(slot)
        best = max(best, chosen, key=len)
    return best


def _after(first: Slot, slot: Slot) -> timedelta:
    return timedelta(days=slot[0] - first[0], seconds=slot[1] - first[1]) % WEEK


def _apart(times: Sequence[datetime], washout: timedelta) -> list[datetime]:
    """Those that are at least so far apart; a clock put forward makes a day shorter."""
    kept: list[datetime] = []
    for at in times:
        # Of one zone, datetimes subtract wall clocks: compare instants.
        if not kept or at.timestamp() - kept[-1].timestamp() >= washout.total_seconds():
            kept.append(at)
    return kept


def _no_room(found: int, wanted: int) -> Invalid:
    message = _(
        "The free posting slots of half a year hold %(found)d of %(wanted)d blocks. Add posting "
        "slots or accounts, or shorten the time between two posts."
    ) % {"found": found, "wanted": wanted}
    return Invalid("no_room", message, {"accounts": [message]})
