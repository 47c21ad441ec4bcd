"""All looks of a test at once: which of them count, and what each pair of variants shows there.

Arrays are (looks,) or (looks, k, k); [h, a, b] is variant a compared with b at look h.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from experiments.statistics import dispersion, mismatch, sequential
from experiments.statistics.plans import Array, History, Plan

Flags: TypeAlias = npt.NDArray[np.bool_]
Wait = Literal["too_young", "stale", "impressions_lag", "too_few", "few_looks"]

LEAST_IMPRESSIONS = 100
# On each side: engagements, and impressions without one.
LEAST_EACH = 25
LEAST_AGE = 24 * 3600.0
OLDEST_SYNC = 2 * 3600.0


@dataclass(frozen=True, slots=True)
class Guards:
    """Why a look does not count; the first that holds is the reason shown."""

    too_young: Flags
    stale: Flags
    impressions_lag: Flags
    too_few: Flags
    few_looks: Flags

    @property
    def usable(self) -> Flags:
        """Looks that may decide before the planned end."""
        return ~(self.late | self.too_young | self.too_few | self.few_looks)

    @property
    def late(self) -> Flags:
        """Counts that are not what the network has: wait for the next look."""
        return self.stale | self.impressions_lag

    def reason(self, look: int) -> Wait | None:
        names: tuple[Wait, ...] = ("too_young", "stale", "impressions_lag", "too_few", "few_looks")
        return next((name for name in names if getattr(self, name)[look]), None)


def guards(history: History, plan: Plan, increments: Array) -> Guards:
    """Section by section: age, sync, impressions behind engagements, counts, increments."""
    x, n = history.engagements, history.impressions
    few: Flags = np.any(x < LEAST_EACH, axis=1)
    lag: Flags = np.zeros(len(history.at), dtype=np.bool_)
    if plan.kind != "count":
        few = few | np.any(n < LEAST_IMPRESSIONS, axis=1)
    if plan.kind == "proportion":
        lag = np.any(x > n, axis=1)
        few = few | np.any(n - x < LEAST_EACH, axis=1)
    elif plan.kind == "rate":
        lag = np.any((n == 0) & (x > 0), axis=1)
    return Guards(
        too_young=history.at < plan.starts_at.timestamp() + LEAST_AGE,
        stale=history.at - history.synced > OLDEST_SYNC,
        impressions_lag=lag,
        too_few=few,
        few_looks=increments < dispersion.FEWEST_INCREMENTS,
    )


@dataclass(frozen=True, slots=True)
class Replay:
    """`log_p` is the running minimum over usable looks at which a was ahead of b, `single_log_p`
    that of each look alone; `sd` holds φ."""

    guards: Guards
    phi: Array
    leader: npt.NDArray[np.intp]
    difference: Array
    sd: Array
    information: Array
    log_p: Array
    single_log_p: Array
    mismatch_log_p: Array

    def sequence(self, look: int, alpha: Array) -> tuple[Array, Array]:
        """Confidence sequence (k, k): what all usable looks up to this one have in common.

        `alpha` (k, k) may differ between pairs. Where nothing is in common, the last look alone.
        """
        usable = np.flatnonzero(self.guards.usable[: look + 1])
        if not len(usable):
            return np.full(alpha.shape, -np.inf), np.full(alpha.shape, np.inf)
        half = self.sd[usable] * sequential.half_width(self.information[usable], alpha)
        low, high = self.difference[usable] - half, self.difference[usable] + half
        lowest, highest = low.max(axis=0), high.min(axis=0)
        crossed = lowest > highest
        return np.where(crossed, low[-1], lowest), np.where(crossed, high[-1], highest)

    def inside(self, bounds: Array, alpha: float) -> Flags:
        """Looks at which every sequence of the leader lies within ± bounds (looks,)."""
        usable = self.guards.usable
        half = self.sd * sequential.half_width(self.information, alpha)
        half[~usable] = np.inf
        # [h, j]: the leader compared with j. Its own difference is 0 and never outside.
        rows = np.arange(len(usable))
        low = np.maximum.accumulate(self.difference - half, axis=0)[rows, self.leader]
        high = np.minimum.accumulate(self.difference + half, axis=0)[rows, self.leader]
        own = np.arange(low.shape[1]) == self.leader[:, None]
        within = (low > -bounds[:, None]) & (high < bounds[:, None]) & (low <= high)
        return np.asarray(usable & np.all(within | own, axis=1))


def replay(history: History, plan: Plan, alpha: float) -> Replay:
    """Every look of the history under the error of the looks, `alpha`."""
    x, n, shares = history.engagements, history.impressions, plan.shares
    phi, increments = dispersion.running(x, n, plan.kind)
    if history.phi is not None:
        phi, increments = np.full_like(phi, history.phi), np.full_like(phi, np.inf)
    found = guards(history, plan, increments)
    if plan.kind == "count":
        difference, variance, units = _shares_of_pair(x, shares)
        leader = np.argmax(x / shares, axis=1)
    else:
        difference, variance, units, rate = _rates(x, n, plan)
        leader = np.argmax(rate, axis=1)
    sd = np.sqrt(phi[:, None, None] * variance)
    information = sequential.information(units, 2 * plan.planned, alpha)
    z = np.divide(difference, sd, out=np.zeros_like(sd), where=sd > 0)
    ahead = found.usable[:, None, None] & (difference > 0)
    single = sequential.log_p(z, information)
    split = plan.design == "split" and plan.kind != "count"
    broken = mismatch.log_p(n, shares) if split else np.zeros(len(n))
    return Replay(
        guards=found,
        phi=phi,
        leader=leader,
        difference=difference,
        sd=sd,
        information=information,
        log_p=np.minimum.accumulate(np.where(ahead, single, 0.0), axis=0),
        single_log_p=single,
        mismatch_log_p=np.where(found.stale, 0.0, broken),
    )


def _rates(x: Array, n: Array, plan: Plan) -> tuple[Array, Array, Array, Array]:
    """(difference, variance, units of both, rate): d = r_a - r_b, var = v_a/n_a + v_b/n_b."""
    rate = np.divide(x, n, out=np.zeros_like(x), where=n > 0)
    unit = np.maximum(rate * (1 - rate), 0.0) if plan.kind == "proportion" else rate
    each = np.divide(unit, n, out=np.zeros_like(x), where=n > 0)
    return _outer(rate, -rate), _outer(each, each), _outer(n, n), rate


def _shares_of_pair(x: Array, shares: Array) -> tuple[Array, Array, Array]:
    """Without impressions: a's share of both variants' engagements above the intended share.

    Given the sum, x_a is binomial with w_a / (w_a + w_b) when both earn alike; d = share - that.
    """
    both = _outer(x, x)
    intended = shares[:, None] / (shares[:, None] + shares)
    share = np.divide(x[:, :, None], both, out=np.zeros_like(both), where=both > 0)
    known = both > 0
    variance = np.divide(intended * (1 - intended), both, out=np.zeros_like(both), where=known)
    return np.where(known, share - intended, 0.0), variance, both


def _outer(left: Array, right: Array) -> Array:
    return left[:, :, None] + right[:, None, :]
