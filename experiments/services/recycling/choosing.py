"""Which post for which slot: the rules of an account's line of posts, and the greedy choice.

Works on what was loaded, and writes nothing: the daily job stores its picks, the preview does not.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import Q

from experiments.models import RecycledPost, RecyclingRule
from experiments.recycling import similarity
from experiments.recycling.similarity import Runs
from experiments.services.recycling import candidates, eligibility, loading
from experiments.services.recycling.candidates import READ, Rated
from experiments.services.recycling.eligibility import Terms
from experiments.services.recycling.loading import History
from socialhub.models import Account, Publication, PublicationStatus
from socialhub.services import queue

if TYPE_CHECKING:
    from experiments.services.recycling.rating import Rater, Rating

S = PublicationStatus
# A slot needs this much time ahead, for a person to approve; and no slot is filled earlier than
# so many days before, so that what people queue has room.
LEAD, AHEAD = timedelta(hours=2), timedelta(days=3)
# Neighbours further back than this do not count as the post before.
BACK = timedelta(days=60)
# Posts of others that will be seen, or were.
FIRM = (S.SCHEDULED, S.PUBLISHING, S.PUBLISHED, S.UNKNOWN)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A publication in the account's line."""

    at: datetime
    recycled: bool


@dataclass(frozen=True, slots=True)
class Pick:
    """What goes where, and by which rule."""

    at: datetime
    account: Account
    rated: Rated
    terms: Terms


# The first publication of the chain a text is of, None for other posts; and its runs of letters.
Compared = tuple[int | None, Runs]


@dataclass(slots=True)
class Desk:
    """One account as it is planned: its line of posts, its slots, its texts."""

    history: History
    rater: Rater
    slots: list[datetime]
    taken: set[datetime]
    line: list[Mark]
    # Times of all repetitions. A missed one is no neighbour, but uses up its week's share: it is
    # not made up for.
    again: list[datetime]
    compared: list[Compared]
    # By first publication.
    texts: dict[int, str]
    # Chains that could not be written, by first publication.
    dropped: set[int] = field(default_factory=set)

    @property
    def account(self) -> Account:
        return self.history.account


def desks(accounts: Sequence[Account], now: datetime, until: datetime) -> list[Desk]:
    """Everything a plan from now until then needs; hand in accounts with slots prefetched."""
    from experiments.services.recycling import rating

    histories = loading.load(accounts, now)
    lines = _lines(accounts, now, until)
    learned = rating.learned()
    texts = loading.texts(root for history in histories.values() for root in history.chains)
    found = []
    for history in histories.values():
        line = lines[history.account.pk]
        start = _week_start(now, history)
        # Whole weeks: the share is that of a week.
        slots = queue.slot_times(history.account, start, until + WEEK, history.home)
        found.append(
            Desk(
                history=history,
                rater=rating.rater(history, learned, now),
                slots=slots,
                taken={at for at, _recycled, _counts in line},
                line=sorted(Mark(at, recycled) for at, recycled, counts in line if counts),
                again=[at for at, recycled, _counts in line if recycled],
                compared=candidates.window(history),
                texts={root: texts.get(root, "") for root in history.chains},
            )
        )
    return found


def _lines(
    accounts: Sequence[Account], now: datetime, end: datetime
) -> dict[int, list[tuple[datetime, bool, bool]]]:
    """(when, recycled, counts as a neighbour) of what is not cancelled, by account.

    Posts of others count when they are sure to be seen, or were; repetitions also while they may
    still go out.
    """
    rows = (
        Publication.objects.filter(account__in=accounts, answers__isnull=True)
        .filter(
            Q(published_at__range=(now - BACK, end)) | Q(due_at__range=(now - BACK, end + WEEK))
        )
        .exclude(status=S.CANCELLED)
    )
    again = set(
        RecycledPost.objects.filter(publication__in=rows.values("pk")).values_list(
            "publication_id", flat=True
        )
    )
    found: dict[int, list[tuple[datetime, bool, bool]]] = {a.pk: [] for a in accounts}
    for pk, account, status, due_at, published_at in rows.values_list(
        "pk", "account_id", "status", "due_at", "published_at"
    ):
        at = due_at or published_at
        if at is not None:
            is_again = pk in again
            counts = status in FIRM or (is_again and at >= now)
            found[account].append((at, is_again, counts))
    return found


def picks(
    desk: Desk, rules: Sequence[RecyclingRule], now: datetime, end: datetime
) -> Iterable[Pick]:
    """The free slots until then, each with its best post.

    After each pick call `took` or `drop`; a slot whose post was dropped gets the next best.
    """
    terms = [Terms.of(rule) for rule in rules]
    most = max((one.share for one in rules), default=0.0)
    pool = None
    for at in desk.slots:
        if not now + LEAD <= at < end or at in desk.taken or not _may_be_recycled(desk, at):
            continue
        if not _room(desk, at, most):
            continue
        if pool is None:
            pool = _pool(desk, terms, now)
        while (pick := _best(desk, pool, at)) is not None:
            yield pick
            if pick.at in desk.taken:
                break


def took(desk: Desk, pick: Pick) -> None:
    """The pick is planned: it takes its slot, and counts among what others are compared with."""
    chain = pick.rated.chain
    desk.taken.add(pick.at)
    insort(desk.line, Mark(pick.at, True))
    desk.again.append(pick.at)
    desk.dropped.add(chain.root)
    desk.compared.append((chain.root, similarity.runs(desk.texts[chain.root])))


def drop(desk: Desk, pick: Pick) -> None:
    """It cannot be written; another one may."""
    desk.dropped.add(pick.rated.chain.root)


# -- the line ------------------------------------------------------------------------


def _may_be_recycled(desk: Desk, at: datetime) -> bool:
    """Not beside a recycled one, and the account is not paused."""
    paused = desk.account.paused_until
    if paused is not None and at < paused:
        return False
    before = [mark for mark in desk.line if mark.at <= at]
    after = next((mark for mark in desk.line if mark.at > at), None)
    beside = [*before[-1:], *([after] if after is not None else [])]
    return not any(mark.recycled for mark in beside)


def _room(desk: Desk, at: datetime, share: float) -> bool:
    """Is there room for one more on this day and in this week?

    The day's share keeps what an outage left out from being made up at once.
    """
    week, day = _week_start(at, desk.history), _day(at, desk.history)
    slots = [slot for slot in desk.slots if week <= slot < week + WEEK]
    this_week = sum(_week_start(one, desk.history) == week for one in desk.again)
    today = sum(_day(one, desk.history) == day for one in desk.again)
    slots_today = sum(_day(slot, desk.history) == day for slot in slots)
    return this_week < per_week(share, len(slots)) and today < math.ceil(share * slots_today)


def per_week(share: float, slots: int) -> int:
    """How many of a week's slots may be recycled: 0.3 of 10 are 3, whatever binary says."""
    return math.floor(share * slots + 1e-9)


def _day(at: datetime, history: History) -> date:
    return at.astimezone(history.home).date()


def _week_start(at: datetime, history: History) -> datetime:
    """Monday 00:00 of the organisation; the same object for every moment of a week."""
    local = at.astimezone(history.home)
    monday = local.date() - timedelta(days=local.weekday())
    return datetime.combine(monday, datetime.min.time(), history.home)


# -- the choice ----------------------------------------------------------------------


def _pool(desk: Desk, terms: Sequence[Terms], now: datetime) -> list[tuple[Terms, list[Rated]]]:
    """By rule: what is eligible, best first, its text read and compared."""
    ratings = desk.rater.rate(now)
    scale = sorted(rating.raw for rating in ratings.values())
    best = sorted(ratings.items(), key=lambda item: -item[1].raw)
    return [(one, list(islice(_able(desk, one, best, scale, now), READ))) for one in terms]


def _able(
    desk: Desk,
    terms: Terms,
    best: Sequence[tuple[int, Rating]],
    scale: Sequence[float],
    now: datetime,
) -> Iterable[Rated]:
    """What is eligible but for its text, best first; one by one, most are not needed."""
    for root, rating in best:
        chain = desk.history.chains[root]
        if root in desk.dropped or rating.tired or not terms.covers(chain):
            continue
        if not eligibility.check(chain, terms, desk.history, now, measured=desk.rater.measured):
            yield Rated(chain, rating, [], scale=scale)


def _best(desk: Desk, pool: Sequence[tuple[Terms, list[Rated]]], at: datetime) -> Pick | None:
    """The best post of all rules that have room and take it on that day."""
    day = _day(at, desk.history)
    options = []
    for terms, able in pool:
        if terms.rule is None or not terms.holds_on(day):
            continue
        if _room(desk, at, terms.rule.share):
            options += [(rated, terms) for rated in _still(desk, able, terms, day)]
    if not options:
        return None
    rated, terms = min(options, key=lambda option: candidates.order(option[0]))
    return Pick(at, desk.account, rated, terms)


def _still(desk: Desk, able: list[Rated], terms: Terms, day: date) -> Iterable[Rated]:
    """Those that are left, compared with what was picked meanwhile."""
    for rated in able:
        if rated.chain.root in desk.dropped or not eligibility.on_day(rated.chain, terms, day):
            continue
        rated.why.clear()
        candidates.compare(rated, desk.texts[rated.chain.root], desk.compared)
        if not rated.why:
            yield rated
