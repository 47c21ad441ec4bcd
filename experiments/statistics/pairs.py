"""Every variant against every other: the leader wins when all its comparisons hold after Holm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import log_ndtr, ndtri

from experiments.statistics import holm
from experiments.statistics.fixed import binomial
from experiments.statistics.plans import Array, History, Plan
from experiments.statistics.replay import Replay

LOG10 = math.log(10)


@dataclass(frozen=True, slots=True)
class Comparison:
    """b against a, a being nearer to the control: `difference` above 0 means b is ahead.

    `p` may be 0 where a float cannot hold it; `log10_p` still tells. The interval is at the level
    Holm held the pair against, so it leaves 0 out exactly when `p_holm` is below the error
    allowed; None where it is not known.
    """

    a: str
    b: str
    difference: float
    low: float | None
    high: float | None
    p: float
    log10_p: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The leader and, for each pair a < b in order, ln p and whether the p speaks for the one
    that leads now."""

    leader: int
    log_p: tuple[float, ...]
    with_leader: tuple[bool, ...]

    @property
    def p_values(self) -> list[float]:
        return [math.exp(value) for value in self.log_p]

    @property
    def p_holm(self) -> list[float]:
        return holm.adjust(self.p_values)

    @property
    def log10_p(self) -> float:
        """The largest adjusted p of the leader's comparisons; 0 where one speaks against it."""
        k, m = _variants(len(self.log_p)), len(self.log_p)
        highest, largest = -math.inf, -math.inf
        pairs = list(combinations(range(k), 2))
        for rank, at in enumerate(sorted(range(m), key=lambda index: self.log_p[index])):
            highest = max(highest, min(0.0, math.log(m - rank) + self.log_p[at]))
            if self.leader in pairs[at]:
                largest = max(largest, highest if self.with_leader[at] else 0.0)
        return largest / LOG10

    def levels(self, alpha: float) -> list[float]:
        return holm.levels(self.p_values, alpha)

    def wins(self, alpha: float) -> bool:
        """Whether the leader beats every other variant at this error."""
        k = _variants(len(self.log_p))
        own = [self.leader in pair for pair in combinations(range(k), 2)]
        judged = zip(self.p_holm, self.with_leader, own, strict=True)
        return all(p < alpha and with_leader for p, with_leader, mine in judged if mine)


def ranked(log_p: Array, leader: int) -> Ranking:
    """From ln p (k, k) of [a, b] = "a is ahead of b"."""
    a, b = np.triu_indices(len(log_p), 1)
    forward, backward = log_p[a, b], log_p[b, a]
    speaks = np.where(a == leader, forward <= backward, backward <= forward)
    other = (a != leader) & (b != leader)
    both = np.minimum(forward, backward)
    return Ranking(leader, tuple(both.tolist()), tuple((speaks | other).tolist()))


def pooled(seen: History, plan: Plan, course: Replay, look: int) -> Ranking:
    """The ordinary test of each pair, once: pooled z (2 x 2 chi-square) over √φ, or the exact
    binomial test of the counts over φ where there are no impressions."""
    leader = int(course.leader[look])
    a, b = np.triu_indices(len(plan.variants), 1)
    if plan.kind == "count":
        log_p = _binomial(seen.engagements[look], plan.shares, float(course.phi[look]))
    else:
        sd = pooled_sd(seen, plan, course, look)
        gap = course.difference[look][a, b]
        z = np.divide(np.abs(gap), sd, out=np.zeros_like(sd), where=sd > 0)
        log_p = np.minimum(0.0, math.log(2) + log_ndtr(-z)).tolist()
    return Ranking(leader, tuple(log_p), (True,) * len(log_p))


def pooled_sd(seen: History, plan: Plan, course: Replay, look: int) -> Array:
    """√(φ v(r) (1/n_a + 1/n_b)) of each pair, r the rate of both together."""
    a, b = np.triu_indices(len(plan.variants), 1)
    if plan.kind == "count":
        return np.asarray(course.sd[look][a, b])
    x, n = seen.engagements[look], np.maximum(seen.impressions[look], 1.0)
    rate = (x[a] + x[b]) / (n[a] + n[b])
    unit = np.maximum(rate * (1 - rate), 0.0) if plan.kind == "proportion" else rate
    return np.asarray(np.sqrt(course.phi[look] * unit * (1 / n[a] + 1 / n[b])))


def _binomial(x: Array, shares: Array, phi: float) -> list[float]:
    found = []
    for a, b in combinations(range(len(x)), 2):
        first, second = math.floor(x[a] / phi), math.floor(x[b] / phi)
        if not first + second:
            found.append(0.0)
            continue
        share = float(shares[a] / (shares[a] + shares[b]))
        found.append(_log(binomial(first, first + second, share)))
    return found


def comparisons(
    seen: History,
    plan: Plan,
    course: Replay,
    ranking: Ranking,
    look: int,
    alpha: float,
    *,
    end: bool,
) -> tuple[Comparison, ...]:
    """The pairs with intervals of the test that decides: the final one, or the looks' sequence."""
    a, b = np.triu_indices(len(plan.variants), 1)
    levels = ranking.levels(alpha)
    gap = -course.difference[look][a, b]
    if end:
        half = -ndtri(np.array(levels) / 2) * pooled_sd(seen, plan, course, look)
        low, high = gap - half, gap + half
    else:
        square = np.full(course.difference[look].shape, alpha)
        square[a, b] = levels
        lowest, highest = course.sequence(look, square)
        low, high = -highest[a, b], -lowest[a, b]
    return told(plan.variants, gap, low, high, ranking, levels)


def told(
    names: Sequence[str],
    gap: Array,
    low: Array,
    high: Array,
    ranking: Ranking,
    levels: Sequence[float],
) -> tuple[Comparison, ...]:
    """Pairs in words; an interval that says the opposite of its p (two methods at the border), or
    says nothing, is left out."""
    found = []
    pairs = combinations(range(len(names)), 2)
    for at, (a, b) in enumerate(pairs):
        known = bool(np.isfinite(low[at]) and np.isfinite(high[at]))
        known &= (low[at] > 0 or high[at] < 0) == (ranking.p_values[at] < levels[at])
        found.append(
            Comparison(
                a=names[a],
                b=names[b],
                difference=float(gap[at]),
                low=float(low[at]) if known else None,
                high=float(high[at]) if known else None,
                p=ranking.p_values[at],
                log10_p=ranking.log_p[at] / LOG10,
                p_holm=ranking.p_holm[at],
            )
        )
    return tuple(found)


def _log(p: float) -> float:
    return math.log(p) if p > 0 else -745.0


def _variants(pairs: int) -> int:
    """k from k (k - 1) / 2."""
    return (1 + math.isqrt(1 + 8 * pairs)) // 2
