"""Verdicts of designs in which a variant has several posts and the post is the unit.

Paired slots are looked at after a number of finished blocks fixed at start, each time with the
same part of the error allowed (Bonferroni); single values per post once, at the planned end. No
dispersion is needed: the luck of posts is in the spread between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

import numpy as np

from experiments.statistics import paired, per_post
from experiments.statistics.counts import Variant
from experiments.statistics.outcome import DECIDED, Event, Reason, State, Verdict, unmeasured
from experiments.statistics.pairs import Comparison, Ranking, told
from experiments.statistics.plans import Array, Block, History, Plan

# With fewer blocks, or posts per variant, the spread between them is a guess.
FEWEST = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """One look: pairs a < b, `gap` above 0 where b is ahead, on the log scale where blocks are
    paired. `interval(levels)` gives both ends for an error per pair."""

    ranking: Ranking
    gap: Array
    interval: Callable[[Sequence[float]], tuple[Array, Array]]


def evaluate(seen: History, plan: Plan, now: datetime, breaks: Sequence[Event]) -> Verdict:
    """The first end that the blocks, the planned end or a broken guard lead to."""
    by_block = plan.design == "paired_slots"
    looks = _paired_looks(seen, plan, now) if by_block else _post_looks(seen, plan, now)
    error = plan.alpha / _number_of_looks(plan)
    events, shown = list(breaks), None
    for event, evidence in looks:
        shown = evidence or shown
        decided = _decided(event, evidence, plan, error)
        if decided is not None:
            events.append(decided)
            break
    if not events:
        started = len(seen.blocks) >= FEWEST
        state: State = "running" if started else "insufficient_data"
        events = [Event(0.0, 0, state, "between_looks" if started else "too_few_posts")]
    return _told(seen, plan, min(events, key=lambda event: event.at), shown, error)


# A look that came: when, whether it is the last, and what it shows (None: too little).
Planned = list[tuple[Event, Evidence | None]]


def _decided(event: Event, evidence: Evidence | None, plan: Plan, error: float) -> Event | None:
    last = event.state == "inconclusive"
    if evidence is None:
        return event if last else None
    if evidence.ranking.wins(error):
        return event._replace(state="winner", ranking=evidence.ranking)
    if last and _same(evidence, plan, error):
        return event._replace(state="no_meaningful_difference", reason="equivalence")
    return event if last else None


def _same(evidence: Evidence, plan: Plan, error: float) -> bool:
    """The leader is within the smallest effect of every other; known of log rates only."""
    if not plan.smallest_effect or plan.design != "paired_slots" or plan.kind == "per_post":
        return False
    low, high = evidence.interval(evidence.ranking.levels(error))
    bound, leader = math.log1p(plan.smallest_effect), evidence.ranking.leader
    mine = [leader in pair for pair in combinations(range(len(plan.variants)), 2)]
    return bool(np.all((low[mine] > -bound) & (high[mine] < bound)))


def _paired_looks(seen: History, plan: Plan, now: datetime) -> Planned:
    end = plan.ends_at
    done = [block for block in seen.blocks if end is None or block.at <= end]
    numbers = _numbers(plan)
    found: Planned = []
    for number in numbers:
        if len(done) >= number:
            state: State = "inconclusive" if number == numbers[-1] else "running"
            event = Event(done[number - 1].at.timestamp(), number, state, "planned_end")
            found.append((event, _of_blocks(done[:number], plan)))
    if end is not None and end <= now and len(done) < numbers[-1]:
        # Some posts never came; what is there is looked at with the last part of the error.
        reason: Reason = "planned_end" if len(done) >= FEWEST else "too_few_posts"
        event = Event(end.timestamp(), len(done), "inconclusive", reason)
        found.append((event, _of_blocks(done, plan)))
    return found


def _numbers(plan: Plan) -> list[int]:
    return sorted(
        {number for number in plan.paired_looks if number < plan.planned} | {plan.planned}
    )


def _number_of_looks(plan: Plan) -> int:
    return len(_numbers(plan)) if plan.design == "paired_slots" else 1


def _of_blocks(blocks: Sequence[Block], plan: Plan) -> Evidence | None:
    """Paired t on the log rates, or the values, of each pair of variants."""
    if len(blocks) < FEWEST:
        return None
    if plan.kind == "per_post":
        rates = np.array([block.values for block in blocks], dtype=np.float64)
    else:
        rates = np.array([[_log_rate(*count) for count in block.counts] for block in blocks])
    pairs = list(combinations(range(rates.shape[1]), 2))

    def compared(confidence: Sequence[float]) -> list[paired.Paired]:
        return [
            paired.of_differences((rates[:, b] - rates[:, a]).tolist(), level)
            for (a, b), level in zip(pairs, confidence, strict=True)
        ]

    def interval(levels: Sequence[float]) -> tuple[Array, Array]:
        ends = [one.ci or (-math.inf, math.inf) for one in compared([1 - part for part in levels])]
        return np.array([low for low, _ in ends]), np.array([high for _, high in ends])

    tests = compared([0.95] * len(pairs))
    # Slots that do not differ at all have no spread to judge by.
    p = [one.p if one.t is not None else 1.0 for one in tests]
    gap = np.array([one.mean for one in tests], dtype=np.float64)
    return Evidence(_ranking(p, int(np.argmax(rates.mean(axis=0)))), gap, interval)


def _log_rate(engagements: int, impressions: int | None) -> float:
    # Without impressions the exposure of both is taken as equal and drops out.
    return paired.log_rate(Variant("", engagements, impressions or 0))


def _post_looks(seen: History, plan: Plan, now: datetime) -> Planned:
    end = plan.ends_at
    if end is None or end > now:
        return []
    enough = len(seen.posts) == len(plan.variants) and min(map(len, seen.posts)) >= FEWEST
    reason: Reason = "planned_end" if enough else "too_few_posts"
    event = Event(end.timestamp(), 0, "inconclusive", reason)
    return [(event, _of_posts(seen.posts) if enough else None)]


def _of_posts(posts: Sequence[Sequence[float]]) -> Evidence:
    """Welch's t of each pair of variants."""
    pairs = list(combinations(posts, 2))

    def interval(levels: Sequence[float]) -> tuple[Array, Array]:
        tests = [per_post.welch(a, b, 1 - part) for (a, b), part in zip(pairs, levels, strict=True)]
        ends = [one.ci or (-math.inf, math.inf) for one in tests]
        return np.array([low for low, _ in ends]), np.array([high for _, high in ends])

    tests = [per_post.welch(a, b) for a, b in pairs]
    gap = np.array([one.difference for one in tests], dtype=np.float64)
    p = [one.test.p if one.test.statistic is not None else 1.0 for one in tests]
    return Evidence(_ranking(p, int(np.argmax([np.mean(own) for own in posts]))), gap, interval)


def _ranking(p: Sequence[float], leader: int) -> Ranking:
    log_p = tuple(math.log(one) if one > 0 else -745.0 for one in p)
    return Ranking(leader, log_p, (True,) * len(log_p))


def _told(seen: History, plan: Plan, event: Event, shown: Evidence | None, error: float) -> Verdict:
    pairs: tuple[Comparison, ...] = ()
    if shown is not None:
        levels = shown.ranking.levels(error)
        pairs = told(plan.variants, shown.gap, *shown.interval(levels), shown.ranking, levels)
    winner = event.ranking if event.state == "winner" else None
    return replace(
        unmeasured(plan, event),
        winner=plan.variants[winner.leader] if winner else None,
        look=event.look if event.state in DECIDED else len(seen.blocks),
        counts=_totals(seen.blocks, len(plan.variants)),
        pairs=pairs,
        leader=plan.variants[shown.ranking.leader] if shown else None,
        log10_p=shown.ranking.log10_p if shown else None,
        log10_bound=math.log10(error) if shown else None,
    )


def _totals(blocks: Sequence[Block], variants: int) -> tuple[tuple[int, int], ...]:
    return tuple(
        (
            sum(block.counts[at][0] for block in blocks),
            sum(block.counts[at][1] or 0 for block in blocks),
        )
        for at in range(variants)
    )
