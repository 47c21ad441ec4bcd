"""Before the start: how much a test needs on these accounts, and what it could find at all.

Nothing here is written. What is not known from the accounts' own posts may be given by hand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from experiments.models import ABTest, Design, Metric, MetricKind
from experiments.queries import past as pasts
from experiments.queries.past import Past
from experiments.services import counting, plan_sentences
from socialhub.models import Account

if TYPE_CHECKING:
    from experiments.statistics.planning import Question

# As experiments.statistics.planning, which would bring numpy along.
LONGEST_DAYS = 28
# A paired test may take half a year: its posts are the account's usual ones.
LONGEST_WEEKS = 26
# What is this many times out of reach is refused.
REFUSED_FROM = 5
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """What a test needs and may find. None: not known.

    `unit` of `needed` (per variant, blocks in all): "impressions", "visitors", "engagements",
    "blocks". `achievable_effect`: the smallest effect that the longest test finds;
    `achievable_in_28_days`: the same in four weeks. `refused`: five times out of reach.
    """

    unit: str
    needed: int | None
    weeks: float | None
    posts: int | None
    feasible: bool | None
    refused: bool
    achievable_effect: float | None
    achievable_in_28_days: float | None
    sentence: str
    history_n: int = 0
    baseline: float | None = None
    luck_sd: float | None = None
    impressions_per_post: float | None = None
    engagements_per_post: float | None = None
    blocks_per_week: float | None = None
    phi: float = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to find."""

    accounts: tuple[Account, ...]
    design: str
    metric: str
    kind: str
    variants: int
    confidence: float
    power: float
    effect: float
    washout: timedelta


def plan_for(
    *,
    accounts: Sequence[Account],
    design: str,
    metric: str,
    variants: int,
    confidence: float,
    power: float,
    smallest_effect: float,
    now: datetime,
    blocks_per_week: float | None = None,
    daily: float | None = None,
    baseline: float | None = None,
    washout_hours: int = 48,
) -> Planned:
    """The plan from the accounts' own history.

    By hand: `baseline` (the control's rate), `daily` (impressions or visitors per variant and
    day), `blocks_per_week` (finished blocks). Raises Invalid for numbers that cannot be planned
    with.
    """
    test = ABTest(design=design, metric=metric)
    kind = counting.kind_of(test, accounts)
    wanted = Wanted(
        tuple(accounts),
        design,
        metric,
        kind,
        variants,
        confidence,
        power,
        smallest_effect,
        timedelta(hours=washout_hours),
    )
    from experiments.statistics.counts import InvalidCounts

    try:
        if design == Design.SPLIT:
            return _split(wanted, baseline, daily)
        known = pasts.past(accounts, metric, kind, now)
        if design == Design.PAIRED:
            return _paired(wanted, known, blocks_per_week)
        return _single(wanted, known, baseline, daily)
    except InvalidCounts as exc:
        raise plan_sentences.refused(exc.field) from exc


# -- paired slots -----------------------------------------------------------------------------


def looks_of(blocks: int) -> int:
    """How many times a paired test of this size is looked at; see ab_tests.starting."""
    from experiments.services.ab_tests import starting

    return len(starting.looks_of(blocks)) + 1


def _paired(wanted: Wanted, known: Past | None, per_week: float | None) -> Planned:
    from experiments.statistics import blocks

    if per_week is None:
        per_week = blocks_per_week(wanted.accounts, wanted.variants, wanted.washout)
    if known is None:
        return _unknown("blocks", blocks_per_week=per_week)
    sd = _slot_sd(wanted, known)
    asked = (wanted.variants, wanted.confidence, wanted.power, looks_of)
    needed = blocks.needed(_distance(wanted, wanted.effect) / sd, *asked)

    def found(slots: float) -> float | None:
        distance = blocks.distance(math.floor(slots), *asked)
        return None if distance is None else _effect(wanted, distance * sd)

    most = per_week * LONGEST_WEEKS
    weeks = needed / per_week if needed and per_week else None
    planned = Planned(
        unit="blocks",
        needed=needed,
        weeks=weeks,
        posts=needed * wanted.variants if needed else None,
        feasible=bool(needed and needed <= most),
        refused=not needed or needed > REFUSED_FROM * most,
        achievable_effect=found(most),
        achievable_in_28_days=found(per_week * LONGEST_DAYS / 7),
        sentence="",
        blocks_per_week=per_week,
        **_facts(known),
    )
    return _worded(planned, wanted)


def _slot_sd(wanted: Wanted, known: Past) -> float:
    """Spread of one slot's difference: of log rates, or of values in units of the mean."""
    from experiments.statistics import planning

    if wanted.metric == Metric.REVENUE:
        # Posts that all brought the same leave no spread to plan with.
        return max(math.sqrt(2) * known.value_sd / known.value, 0.01)
    return planning.paired_sd(known.luck_sd, known.done_per_post)


def _distance(wanted: Wanted, effect: float) -> float:
    return effect if wanted.metric == Metric.REVENUE else math.log1p(effect)


def _effect(wanted: Wanted, distance: float) -> float:
    # Beyond any use, but a number.
    return distance if wanted.metric == Metric.REVENUE else math.expm1(min(distance, 20.0))


def blocks_per_week(accounts: Sequence[Account], variants: int, washout: timedelta) -> float:
    """Blocks that the posting slots finish in a week: each takes a slot as many weeks as there
    are variants, and slots next to each other must be the washout apart."""
    return sum(_apart(account, washout) for account in accounts) / variants


def _apart(account: Account, washout: timedelta) -> int:
    """The most posting slots of a week that are so far apart, round the week."""
    at = sorted(
        timedelta(days=slot.weekday, hours=slot.time.hour, minutes=slot.time.minute)
        for slot in account.slots.all()
    )
    best = 0
    for first in at:
        taken = [first]
        for one in [
            *(one for one in at if one > first),
            *(one + WEEK for one in at if one < first),
        ]:
            if one - taken[-1] >= washout and first + WEEK - one >= washout:
                taken.append(one)
        best = max(best, len(taken))
    return best


# -- one post each ------------------------------------------------------------------------------


def _single(
    wanted: Wanted, known: Past | None, baseline: float | None, daily: float | None
) -> Planned:
    from experiments.statistics import planning

    counts = wanted.kind == MetricKind.COUNT
    unit = "engagements" if counts else "impressions"
    rate = baseline if baseline is not None else known.baseline if known else None
    if wanted.kind == MetricKind.PER_POST or (rate is None and not counts):
        return _unknown(unit)
    question = planning.Question(
        # Of numbers without impressions only their ratio matters.
        baseline=1.0 if counts else rate or 0.0,
        confidence=wanted.confidence,
        power=wanted.power,
        variants=wanted.variants,
        phi=known.phi if known else 1.0,
        kind="proportion" if wanted.kind == MetricKind.PROPORTION else "rate",
    )
    # With numbers alone a unit is an engagement of the average variant.
    scale = 1 + wanted.effect / 2 if counts else 1.0
    needed = math.ceil(scale * _to_win(question, wanted.effect))
    course = _Course(known, daily)
    most = course.by(LONGEST_DAYS)
    if most is None:
        return _unknown(unit, needed=needed)
    days = course.days(needed)
    reachable = planning.achievable_mde(question, most / scale)
    planned = Planned(
        unit=unit,
        needed=needed,
        weeks=None if days is None else days / 7,
        posts=len(wanted.accounts) * wanted.variants,
        feasible=needed <= most,
        refused=needed > REFUSED_FROM * most,
        achievable_effect=reachable,
        achievable_in_28_days=reachable,
        sentence="",
        **_facts(known),
    )
    return _worded(planned, wanted)


def _to_win(question: Question, effect: float) -> int:
    """For the winner to beat every other, as a started test has to."""
    from experiments.statistics import planning

    least = planning.n_per_variant(question, effect)
    return planning.size_to_win(question, effect) if question.variants > 2 else least


class _Course:
    """What one variant has earned after so many days: of its posts, or by hand so much a day."""

    def __init__(self, known: Past | None, daily: float | None) -> None:
        self.known, self.daily = known, daily

    def by(self, days: float) -> float | None:
        if self.daily is not None:
            return self.daily * days
        if self.known is None:
            return None
        ages, shares = (0, *pasts.AGES, LONGEST_DAYS), (0.0, *self.known.course, 1.0)
        place = next((at for at, age in enumerate(ages) if age >= days), len(ages) - 1)
        if place == 0:
            return 0.0
        part = (days - ages[place - 1]) / (ages[place] - ages[place - 1])
        share = shares[place - 1] + min(part, 1.0) * (shares[place] - shares[place - 1])
        return self.known.earned_at_once * share

    def days(self, needed: float) -> int | None:
        """None: not in four weeks."""
        return next(
            (day for day in range(1, LONGEST_DAYS + 1) if (self.by(day) or 0) >= needed), None
        )


# -- a split audience ----------------------------------------------------------------------------


def _split(wanted: Wanted, baseline: float | None, daily: float | None) -> Planned:
    """Of the visitors nobody knows beforehand: the numbers come by hand."""
    from experiments.statistics import planning

    if baseline is None or wanted.kind == MetricKind.PER_POST:
        return _unknown("visitors")
    question = planning.Question(
        baseline=baseline,
        confidence=wanted.confidence,
        power=wanted.power,
        variants=wanted.variants,
    )
    needed = _to_win(question, wanted.effect)
    if daily is None:
        return _unknown("visitors", needed=needed, baseline=baseline)
    days = math.ceil(needed / daily) if daily else None
    reachable = planning.achievable_mde(question, LONGEST_DAYS * daily)
    planned = Planned(
        unit="visitors",
        needed=needed,
        weeks=None if days is None else days / 7,
        posts=None,
        feasible=days is not None and days <= LONGEST_DAYS,
        refused=days is None or days > REFUSED_FROM * LONGEST_DAYS,
        achievable_effect=reachable,
        achievable_in_28_days=reachable,
        sentence="",
        baseline=baseline,
    )
    return _worded(planned, wanted)


# -- the answer -------------------------------------------------------------------------------


def _facts(known: Past | None) -> dict[str, Any]:
    if known is None:
        return {}
    return {
        "history_n": known.posts,
        "baseline": known.baseline,
        "luck_sd": known.luck_sd,
        "impressions_per_post": known.impressions_per_post,
        "engagements_per_post": known.done_per_post,
        "phi": known.phi,
    }


def _unknown(unit: str, needed: int | None = None, **facts: Any) -> Planned:
    """Without a history: what can be said all the same."""
    return Planned(
        unit=unit,
        needed=needed,
        weeks=None,
        posts=None,
        feasible=None,
        refused=False,
        achievable_effect=None,
        achievable_in_28_days=None,
        sentence=plan_sentences.by_hand(unit),
        **facts,
    )


def _worded(planned: Planned, wanted: Wanted) -> Planned:
    return replace(planned, sentence=plan_sentences.sentence(planned, wanted.effect))
