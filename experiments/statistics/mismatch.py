"""Sample-ratio mismatch: do the impressions of a split follow the weights it was given?

Only a split can fail it. Impressions of organic posts are an outcome of the feed: there an
imbalance is information about reach, no error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, gammaln

from experiments.statistics.plans import Array

# Below it the split is called broken (Fabijan et al. 2019, KDD).
LIMIT = 0.001
# Weight of the Dirichlet prior, in impressions.
PRIOR = 100.0


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Chi-square against the weights; `p` is for one look only."""

    statistic: float
    dof: int
    p: float


def fixed(impressions: Array, shares: Array) -> Mismatch:
    """Pearson's chi-square of impressions (k,) against the intended shares, k - 1 dof."""
    impressions = np.asarray(impressions, dtype=np.float64)
    expected = impressions.sum() * shares
    dof = len(shares) - 1
    if not expected.sum():
        return Mismatch(0.0, dof, 1.0)
    statistic = float(((impressions - expected) ** 2 / expected).sum())
    return Mismatch(statistic, dof, float(chdtrc(dof, statistic)))


def log_p(impressions: Array, shares: Array) -> Array:
    """ln p of the sequential multinomial test, for impressions (..., k).

    p = min(1, B(a) Π w^n / B(a + n)), a = 100 w, B the multivariate beta function: Lindon & Malek
    2022, NeurIPS. Valid at every look for independent impressions.
    """
    impressions = np.asarray(impressions, dtype=np.float64)
    prior = PRIOR * shares
    mixture = _log_beta(prior + impressions) - _log_beta(prior)
    return np.asarray(np.minimum(0.0, impressions @ np.log(shares) - mixture))


def _log_beta(a: Array) -> Array:
    return np.asarray(gammaln(a).sum(axis=-1) - gammaln(a.sum(axis=-1)))
