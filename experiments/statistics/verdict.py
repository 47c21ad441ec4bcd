"""What a test has shown by now. The same history always gives the same verdict.

Hybrid: of the error allowed a fifth belongs to an always-valid test at every look, the rest to
one ordinary test at the planned end, so the sum bounds the chance of a false winner whatever the
number of looks (union bound). A winner beats every other variant, after Holm. A decision is the
first one the history leads to; later looks cannot change it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from experiments.statistics import mismatch, replicated
from experiments.statistics.claims import claim
from experiments.statistics.outcome import DECIDED, Event, Reason, State, Verdict, unmeasured
from experiments.statistics.pairs import Ranking, comparisons, pooled, ranked
from experiments.statistics.plans import SHORTEST, History, Look, Plan
from experiments.statistics.replay import Replay, replay
from experiments.statistics.sequential import LOOKS_SHARE

# After the planned end, the longest wait for counts that are not late.
PATIENCE = timedelta(days=7)


def evaluate(history: History | Sequence[Look], plan: Plan, now: datetime) -> Verdict:
    """The verdict at a time, from everything seen until then."""
    seen = history if isinstance(history, History) else History.of(history, len(plan.variants))
    seen = seen.until(now)
    if plan.replicated:
        breaks = [*_breaks(plan, now, seen), *_visitors_mismatch(seen, plan)]
        return replicated.evaluate(seen, plan, now, breaks)
    if not len(seen.at):
        return _without_looks(plan, now, seen)
    errors = errors_of(plan)
    course = replay(seen, plan, errors.looks)
    events = [
        *_breaks(plan, now, seen),
        *_mismatch(seen, course),
        *_ends(seen, plan, course, errors),
    ]
    if not events:
        return _running(seen, plan, course, errors)
    # Guards first: of two events of one time the order above decides.
    return _told(seen, plan, course, errors, min(events, key=lambda event: event.at))


class Errors(NamedTuple):
    """The error of all looks together, and of the final one."""

    looks: float
    final: float


def errors_of(plan: Plan) -> Errors:
    if plan.ends_at is None:
        return Errors(plan.alpha, 0.0)
    return Errors(LOOKS_SHARE * plan.alpha, (1 - LOOKS_SHARE) * plan.alpha)


def _breaks(plan: Plan, now: datetime, seen: History) -> list[Event]:
    def event(at: datetime, state: State, reason: Reason) -> Event:
        look = int(np.searchsorted(seen.at, at.timestamp(), side="right")) - 1
        return Event(at.timestamp(), max(look, 0), state, reason)

    found = []
    if plan.broken_at and plan.broken_why and plan.broken_at <= now:
        found.append(event(plan.broken_at, "invalid", plan.broken_why))
    if plan.stopped_at and plan.stopped_at <= now:
        found.append(event(plan.stopped_at, "stopped", "stopped"))
    return found


def _mismatch(seen: History, course: Replay) -> list[Event]:
    broken = np.flatnonzero(course.mismatch_log_p < math.log(mismatch.LIMIT))
    return [Event(float(seen.at[look]), int(look), "invalid", "mismatch") for look in broken[:1]]


def _visitors_mismatch(seen: History, plan: Plan) -> list[Event]:
    """The same where values per visitor are compared."""
    if plan.design != "split" or not len(seen.at):
        return []
    log_p = mismatch.log_p(seen.impressions, plan.shares)
    broken = np.flatnonzero(log_p < math.log(mismatch.LIMIT))
    return [Event(float(seen.at[look]), int(look), "invalid", "mismatch") for look in broken[:1]]


def _ends(seen: History, plan: Plan, course: Replay, errors: Errors) -> list[Event]:
    """The winner, the sameness or the end that the counts lead to first."""
    end = plan.end
    final = None if end is None else _first_look(seen, course, end)
    over = None
    if end and plan.extended_to and plan.extended_to > end:
        over = _first_look(seen, course, plan.extended_to)
    elif final is not None:
        over = final
    found = []
    given_up = _given_up(seen, plan, over)
    if given_up is not None:
        wait = course.guards.reason(given_up) or "planned_end"
        found.append(_event(seen, given_up, "inconclusive", wait))
    last = min(one for one in (len(seen.at) - 1, over, given_up) if one is not None)
    for look in _crossings(course, errors.looks, last):
        found.append(_event(seen, look, "winner", "sequential", _sequential(course, look)))
        break
    if final is not None and not course.guards.too_few[final]:
        ranking = pooled(seen, plan, course, final)
        if ranking.wins(errors.final):
            found.append(_event(seen, final, "winner", "planned_end", ranking))
    for look in np.flatnonzero(_same(seen, plan, course, errors)[: last + 1])[:1]:
        found.append(_event(seen, int(look), "no_meaningful_difference", "equivalence"))
    if over is not None:
        reason: Reason = "planned_end" if over == final else "extended_end"
        if course.guards.too_few[over]:
            reason = "too_few"
        found.append(_event(seen, over, "inconclusive", reason))
    return found


def _event(
    seen: History, look: int, state: State, reason: Reason, ranking: Ranking | None = None
) -> Event:
    return Event(float(seen.at[look]), look, state, reason, ranking)


def _first_look(seen: History, course: Replay, end: datetime) -> int | None:
    """The final look: the first whose counts are what the network had at or after the end."""
    there = np.flatnonzero((seen.at >= end.timestamp()) & ~course.guards.late)
    return int(there[0]) if len(there) else None


def _given_up(seen: History, plan: Plan, over: int | None) -> int | None:
    """The look at which nobody waits any longer for counts that are what the network has."""
    if plan.end is None:
        return None
    end = max(plan.end, plan.extended_to or plan.end) + PATIENCE
    look = int(np.searchsorted(seen.at, end.timestamp()))
    return look if look < len(seen.at) and (over is None or look < over) else None


def _crossings(course: Replay, alpha: float, last: int) -> list[int]:
    """The first look at which the leader beats every other variant, in a list of at most one."""
    rows = np.arange(last + 1)
    leader = course.leader[: last + 1]
    own = course.log_p[rows, leader]
    own[rows, leader] = -np.inf
    # Holm only raises p, so the other looks need no ranking.
    near = np.flatnonzero((own.max(axis=1) < math.log(alpha)) & course.guards.usable[: last + 1])
    for look in near:
        if _sequential(course, int(look)).wins(alpha):
            return [int(look)]
    return []


def _sequential(course: Replay, look: int) -> Ranking:
    return ranked(course.log_p[look], int(course.leader[look]))


def _same(seen: History, plan: Plan, course: Replay, errors: Errors) -> np.ndarray:
    """Looks, a week in, at which the leader is within the smallest effect of every other."""
    if not plan.smallest_effect or plan.kind == "count":
        return np.zeros(len(seen.at), dtype=bool)
    control, shown = seen.engagements[:, 0], seen.impressions[:, 0]
    base = np.divide(control, shown, out=np.zeros_like(control), where=shown > 0)
    inside = course.inside(plan.smallest_effect * base, errors.looks / (len(plan.variants) - 1))
    return inside & (seen.at >= (plan.starts_at + SHORTEST).timestamp())


def _running(seen: History, plan: Plan, course: Replay, errors: Errors) -> Verdict:
    look = len(seen.at) - 1
    wait = course.guards.reason(look)
    waited = wait is not None and not course.guards.usable.any()
    state: State = "insufficient_data" if waited else "running"
    event = Event(0.0, look, state, wait or "between_looks")
    return _told(seen, plan, course, errors, event)


def _told(seen: History, plan: Plan, course: Replay, errors: Errors, event: Event) -> Verdict:
    """An event with its evidence. The intervals are of the test that decided."""
    look = min(event.look, len(seen.at) - 1)
    at_end = event.reason == "planned_end"
    ranking = event.ranking
    if ranking is None:
        ranking = pooled(seen, plan, course, look) if at_end else _sequential(course, look)
    alpha = errors.final if at_end else errors.looks
    decided = event.state in DECIDED
    compared = bool(course.guards.usable[: look + 1].any())
    return Verdict(
        state=event.state,
        reason=event.reason,
        winner=plan.variants[ranking.leader] if event.state == "winner" else None,
        claim=claim(plan.design, plan.kind),
        decided_at=datetime.fromtimestamp(event.at, UTC) if decided else None,
        look=look,
        counts=_counts(seen, look),
        phi=float(course.phi[look]),
        pairs=comparisons(seen, plan, course, ranking, look, alpha, end=at_end),
        log10_mismatch=float(course.mismatch_log_p[: look + 1].min()) / math.log(10),
        conditional_power=None if decided else _conditional_power(seen, plan, course, errors),
        leader=plan.variants[ranking.leader] if seen.engagements[look].any() else None,
        log10_p=_sequential(course, look).log10_p if compared else None,
        log10_bound=math.log10(errors.looks) if compared else None,
    )


def _counts(seen: History, look: int) -> tuple[tuple[int, int], ...]:
    rows = zip(seen.engagements[look], seen.impressions[look], strict=True)
    return tuple((int(x), int(n)) for x, n in rows)


def _conditional_power(seen: History, plan: Plan, course: Replay, errors: Errors) -> float | None:
    """Chance that the final look still separates the leader from the next, if the trend goes on.

    With B = z √t at information t the rest is normal with mean B (1 - t) / t and variance 1 - t
    (Lan & Wittes 1988, Biometrics 44:579). None before a tenth of the plan is seen, or at its end.
    """
    look = len(seen.at) - 1
    units = seen.engagements if plan.kind == "count" else seen.impressions
    part = float(units[look].mean()) / plan.planned
    if not errors.final or not 0.1 <= part < 1 or not course.guards.usable[look]:
        return None
    leader = int(course.leader[look])
    z = np.abs(course.difference[look][leader]) / course.sd[look][leader]
    trend = float(np.delete(z, leader).min()) / math.sqrt(part)
    needed = -float(ndtri(errors.final / 2))
    return float(ndtr((trend - needed) / math.sqrt(1 - part)))


def _without_looks(plan: Plan, now: datetime, seen: History) -> Verdict:
    """Before the first look only the guards can end a test."""
    waiting = Event(0.0, 0, "insufficient_data", "too_young")
    event = min(_breaks(plan, now, seen), key=lambda event: event.at, default=waiting)
    return unmeasured(plan, event)
