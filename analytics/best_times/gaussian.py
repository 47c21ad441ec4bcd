"""Gaussian process on the week: what every hour says about its neighbours and other days.

theta ~ N(0, K) over the 168 slots, with
K = t1 [same day] + t2 k(h,h') + t3 [both work-day or both weekend] k(h,h')
  + t4 [same day] k(h,h') + t5 I,   k(h,h') = exp(-2 sin²(pi (h-h')/24) / 0.7²)
(periodic kernel: MacKay 1998; marginal likelihood: Rasmussen & Williams 2006, chapter 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.blas import dgemm
from scipy.linalg.lapack import dpotri
from scipy.optimize import minimize, minimize_scalar

from analytics.best_times.observations import DAYS, HOURS, LUCK_VARIANCE, SLOTS, Observations

# Hours apart at which two moments stop being alike, as a part of the circle.
LENGTH = 0.7
# Medians of the log-normal(1) hyper-prior of t1 … t5: a spread of the slots' log rates of about
# 0.35 in all, most of it in the hours that all days share, little in single slots.
MEDIANS = (0.02, 0.04, 0.03, 0.02, 0.01)
# The level of the account is known only from its posts.
LEVEL_VARIANCE = 1.0
# A log parameter further from its median than this has no meaning left.
FAR = 7.0


@dataclass(frozen=True, slots=True)
class Belief:
    """Joint normal belief about the log rate of the 168 slots."""

    mean: np.ndarray
    covariance: np.ndarray


@cache
def kernels() -> np.ndarray:
    """The five parts of K with weight 1, shape (5, 168, 168)."""
    hours = np.arange(HOURS)
    near = np.exp(-2 * np.sin(np.pi * (hours[:, None] - hours) / HOURS) ** 2 / LENGTH**2)
    same_day, any_day = np.eye(DAYS), np.ones((DAYS, DAYS))
    weekend = np.arange(DAYS) >= 5
    same_kind = (weekend[:, None] == weekend).astype(float)
    return np.stack(
        [
            np.kron(same_day, np.ones((HOURS, HOURS))),
            np.kron(any_day, near),
            np.kron(same_kind, near),
            np.kron(same_day, near),
            np.eye(SLOTS),
        ]
    )


class Model:
    """The posts seen through the process; parameters are log [t1 … t5, luck variance]."""

    start = np.log([*MEDIANS, LUCK_VARIANCE])

    def __init__(self, seen: Observations, fixed: np.ndarray) -> None:
        """`fixed` (168, 168): covariance that is not learnt: of the level and of a prior."""
        self.seen = seen
        self.cells, self.cell_of = np.unique(seen.slot, return_inverse=True)
        inside = np.ix_(self.cells, self.cells)
        self.fixed = fixed
        self.fixed_inside = fixed[inside]
        self.parts = np.stack([part[inside] for part in kernels()])
        self.flat_parts = self.parts.reshape(len(self.parts), -1)

    def loss(self, log_parameters: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the log marginal likelihood and hyper-prior, without constants; its gradient."""
        t, luck = np.exp(log_parameters[:-1]), np.exp(log_parameters[-1])
        variance = luck + self.seen.variance
        weight, mean, rest = self._cells(variance)
        size = len(self.cells)
        noisy = self.fixed_inside + (t @ self.flat_parts).reshape(size, size)
        noisy[np.diag_indices(size)] += 1 / weight
        factor = cho_factor(noisy, lower=True, check_finite=False)
        inverse = _inverse(factor[0])
        pull = inverse @ mean
        far = log_parameters - self.start
        value = 0.5 * (
            self.seen.weight @ np.log(variance)
            + rest
            + np.log(weight).sum()
            + mean @ pull
            + 2 * np.log(np.diag(factor[0])).sum()
            + far @ far
        )
        slope = np.empty_like(log_parameters)
        slope[:-1] = 0.5 * t * (self.flat_parts @ (inverse - np.outer(pull, pull)).ravel())
        # Fisher's identity: the slope is the expectation, given the posts, of the slope with
        # theta known.
        theta = (mean - pull / weight)[self.cell_of]
        spread = ((1 - np.diag(inverse) / weight) / weight)[self.cell_of]
        square = (self.seen.y - theta) ** 2 + spread
        slope[-1] = 0.5 * luck * (self.seen.weight @ ((1 - square / variance) / variance))
        return value, slope + far

    def _cells(self, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """Weight and mean per observed cell, and the weighted squares around the means."""
        part = self.seen.weight / variance
        size = len(self.cells)
        weight = np.bincount(self.cell_of, part, size)
        mean = np.bincount(self.cell_of, part * self.seen.y, size) / weight
        return weight, mean, float(part @ (self.seen.y - mean[self.cell_of]) ** 2)

    def fit(self) -> np.ndarray:
        """The most probable parameters."""
        found = minimize(
            self.loss,
            self.start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(at - FAR, at + FAR) for at in self.start],
            options={"maxiter": 60, "ftol": 1e-6, "gtol": 1e-2},
        )
        return found.x

    def evidence(self, log_parameters: np.ndarray) -> float:
        """Log marginal likelihood of the posts, without the constants that all models share."""
        far = log_parameters - self.start
        return 0.5 * float(far @ far) - self.loss(log_parameters)[0]

    def belief(self, log_parameters: np.ndarray) -> Belief:
        """About all 168 slots, given the posts."""
        t, luck = np.exp(log_parameters[:-1]), np.exp(log_parameters[-1])
        weight, mean, _ = self._cells(luck + self.seen.variance)
        prior = self.fixed + np.tensordot(t, kernels(), 1)
        across = prior[:, self.cells]
        noisy = across[self.cells] + np.diag(1 / weight)
        factor = cho_factor(noisy, lower=True)
        gain = cho_solve(factor, across.T)
        # Products of matrices by scipy: numpy brings a BLAS, and threads, of its own.
        return Belief(mean=mean @ gain, covariance=dgemm(-1, across, gain, beta=1, c=prior))


def flat_evidence(seen: Observations) -> float:
    """The same when all slots are alike, at the luck that suits this best."""

    def loss(log_luck: float) -> float:
        variance = np.exp(log_luck) + seen.variance
        part = seen.weight / variance
        total = part.sum()
        mean = part @ seen.y / total
        level = 1 + LEVEL_VARIANCE * total
        rest = part @ (seen.y - mean) ** 2 + mean**2 * total / level
        return 0.5 * float(seen.weight @ np.log(variance) + rest + np.log(level))

    centre = float(np.log(LUCK_VARIANCE))
    return -float(minimize_scalar(loss, bounds=(centre - FAR, centre + FAR)).fun)


def _inverse(lower: np.ndarray) -> np.ndarray:
    """Full inverse from a lower Cholesky factor."""
    found, info = dpotri(lower, lower=1)
    if info:
        raise np.linalg.LinAlgError("the covariance of the slots is singular")
    half = np.tril(found)
    return half + np.tril(found, -1).T
