"""What one may believe after the counts: descriptive, never a reason to stop a test.

Posteriors: beta for proportions, gamma for rates. Integrals by Gauss-Legendre quadrature over
cells between the posteriors' own quantiles: the same answer every time, exact to about 1e-8.
Watched hourly, "chance to win above 95 %" names a false winner in half of all tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.special import betainc, betaincinv, gammainc, gammaincinv, ndtr, ndtri, xlog1py

from experiments.statistics.counts import Variant

Array = np.ndarray[Any, Any]
NODES = 12
LARGE = 1e7
# Cell borders of a posterior: far into both tails, where other posteriors may have their middle.
_TAILS = (1e-14, 1e-11, 1e-8, 1e-6, 1e-4, 1e-3, 0.01, 0.04, 0.12, 0.25, 0.4)
QUANTILES = np.array([*_TAILS, 0.5, *(1 - tail for tail in reversed(_TAILS))])


@dataclass(frozen=True, slots=True)
class Prior:
    """Beta(a, b) of a proportion; for a rate gamma with shape a and rate b - 1 impressions.

    The default is flat in both.
    """

    a: float = 1.0
    b: float = 1.0


@dataclass(frozen=True, slots=True)
class Belief:
    """`p_best`: chance to be the best of all. `p_beats_control`: None for the control.
    `expected_loss`: how much lower this rate is than the best one, on average; engagements per
    impression."""

    mean: float
    p_best: float
    p_beats_control: float | None
    expected_loss: float


FLAT = Prior()


def panel(
    variants: Sequence[Variant], kind: str, prior: Prior = FLAT, phi: float = 1.0
) -> list[Belief] | None:
    """P(best)_i = ∫ f_i prod F_j; P(beats control)_i = ∫ f_i F_0; expected loss = E max - E_i with
    E max = ∫ (1 - prod F_j). Counts are divided by phi where engagements cluster.

    Index 0 is the control. None where a rate has no impressions to speak of.
    """
    x = np.array([one.engagements for one in variants], float)[:, None] / phi
    n = np.array([one.impressions for one in variants], float)[:, None] / phi
    if kind == "proportion":
        posterior: _Beta | _Gamma = _Beta(prior.a + x, prior.b + n - x)
    else:
        posterior = _Gamma(prior.a + x, prior.b - 1 + n)
        if not (posterior.rate > 0).all():
            return None
    at, weight = _nodes(posterior)
    below, density = posterior.below(at), _shares(posterior, at, weight)
    k = len(variants)
    best = [float((density[i] * np.delete(below, i, axis=0).prod(axis=0)).sum()) for i in range(k)]
    beats = [float((density[i] * below[0]).sum()) for i in range(k)]
    mean = posterior.mean.ravel()
    # The best of all, less the mean of each: ∫ (F_i - prod F) dθ, which loses no digits.
    loss = ((below - below.prod(axis=0)) * weight).sum(axis=1)
    return [
        Belief(
            mean=float(mean[i]),
            # The tails that are cut off are as small as rounding.
            p_best=min(1.0, best[i]),
            p_beats_control=min(1.0, beats[i]) if i else None,
            expected_loss=max(0.0, float(loss[i])),
        )
        for i in range(k)
    ]


def _nodes(posterior: _Beta | _Gamma) -> tuple[Array, Array]:
    """Where to evaluate, and how much each place counts."""
    borders = np.unique(posterior.quantiles(QUANTILES))
    # Ten posteriors in one place need no more cells than one: half the smallest spread is fine
    # enough, unless a prior makes a density endless at an end.
    if posterior.is_bounded:
        grain = posterior.sd.min() / 2
        first = np.diff(np.floor(borders / grain), prepend=-1) > 0
        first[-1] = True
        borders = borders[first]
    wide = np.diff(borders)
    nodes, weights = _legendre()
    at = borders[:-1, None] + wide[:, None] * nodes
    return at.ravel(), (wide[:, None] * weights).ravel()


def _shares(posterior: _Beta | _Gamma, at: Array, weight: Array) -> Array:
    """How much of each posterior is at each place; each row sums to 1."""
    log = posterior.log_density(at)
    share = weight * np.exp(log - log.max(axis=1, keepdims=True))
    found: Array = share / share.sum(axis=1, keepdims=True)
    return found


@cache
def _legendre() -> tuple[Array, Array]:
    """On 0 … 1."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return (nodes + 1) / 2, weights / 2


@dataclass(frozen=True, slots=True)
class _Beta:
    a: Array
    b: Array

    @property
    def mean(self) -> Array:
        found: Array = self.a / (self.a + self.b)
        return found

    @property
    def is_bounded(self) -> bool:
        return bool((self.a >= 1).all() and (self.b >= 1).all())

    @property
    def sd(self) -> Array:
        found: Array = np.sqrt(self.mean * (1 - self.mean) / (self.a + self.b + 1))
        return found

    def quantiles(self, at: Array) -> Array:
        found: Array = np.where(
            self._is_large(),
            np.clip(self.mean + self.sd * ndtri(at), 0, 1),
            betaincinv(*self._small(), at),
        )
        return found

    def below(self, at: Array) -> Array:
        large = self._is_large()
        if not large.any():
            exact: Array = betainc(self.a, self.b, at)
            return exact
        found: Array = np.where(large, self._nearly_normal(at), betainc(*self._small(), at))
        return found

    def _is_large(self) -> Array:
        """Where the incomplete beta function loses its digits and Edgeworth is off by 1e-8."""
        found: Array = np.minimum(self.a, self.b) > LARGE
        return found

    def _small(self) -> tuple[Array, Array]:
        """Parameters that cost nothing where the others are used."""
        large = self._is_large()
        return np.where(large, 1.0, self.a), np.where(large, 1.0, self.b)

    def _nearly_normal(self, at: Array) -> Array:
        """Normal, corrected for skewness (Edgeworth 1905)."""
        total = self.a + self.b
        skew = 2 * (1 - 2 * self.mean) / (1 + 2 / total) * np.sqrt((total + 1) / self.a / self.b)
        z = (at - self.mean) / self.sd
        bend = skew / 6 * (z * z - 1) * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        found: Array = np.clip(ndtr(z) - bend, 0, 1)
        return found

    def log_density(self, at: Array) -> Array:
        """But for a constant, from the mean on: the digits that log gamma would lose at 1e9."""
        off, mean = at - self.mean, self.mean
        found: Array = xlog1py(self.a - 1, off / mean) + xlog1py(self.b - 1, -off / (1 - mean))
        return found


@dataclass(frozen=True, slots=True)
class _Gamma:
    shape: Array
    rate: Array

    @property
    def mean(self) -> Array:
        found: Array = self.shape / self.rate
        return found

    @property
    def is_bounded(self) -> bool:
        return bool((self.shape >= 1).all())

    @property
    def sd(self) -> Array:
        found: Array = np.sqrt(self.shape) / self.rate
        return found

    def quantiles(self, at: Array) -> Array:
        found: Array = gammaincinv(self.shape, at) / self.rate
        return found

    def below(self, at: Array) -> Array:
        found: Array = gammainc(self.shape, self.rate * at)
        return found

    def log_density(self, at: Array) -> Array:
        off = at - self.mean
        found: Array = xlog1py(self.shape - 1, off / self.mean) - self.rate * off
        return found
