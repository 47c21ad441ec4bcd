"""φ: how much more hourly counts vary than independent engagements would.

φ = Σ (x_h - n_h r)² / (n_h v(r)) / (increments - variants), floored at 1; v(r) = r (1 - r) for a
proportion, r for a rate: the dispersion of R's glm(family = quasibinomial or quasipoisson)
(McCullagh & Nelder 1989, ch. 4.5). Several engagements by one person raise it. It sees nothing
that is the same for all hours of a post: not the luck of the post.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from experiments.statistics.counts import Kind
from experiments.statistics.plans import Array

# Increments per variant from which φ is believed.
FEWEST_INCREMENTS = 24


def running(engagements: Array, impressions: Array, kind: Kind) -> tuple[Array, Array]:
    """(φ, increments per variant) after each look, from counts since the start (looks, k).

    An increment that is negative (a platform corrects its numbers) or has no impressions is
    merged with those after it. φ is 1 where less than two increments are known.
    """
    if kind == "count":
        return _running_shares(engagements)
    closed = _closed(engagements, impressions)
    x, n = _increments(engagements, closed), _increments(impressions, closed)
    squares = np.cumsum(np.divide(x * x, n, out=np.zeros_like(x), where=n > 0), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.cumsum(x, axis=0) / np.cumsum(n, axis=0)
        spread = squares - rate * np.cumsum(x, axis=0)
        unit = rate * (1 - rate) if kind == "proportion" else rate
        pearson = np.where(unit > 0, spread / unit, 0.0)
    number = np.cumsum(closed, axis=0)
    return _floored(pearson.sum(axis=1), (number - 1).sum(axis=1)), number.min(axis=1)


def estimate(engagements: Array, impressions: Array, kind: Kind) -> float:
    """φ from hourly increments, shape (hours, k)."""
    phi, _ = running(np.cumsum(engagements, axis=0), np.cumsum(impressions, axis=0), kind)
    return float(phi[-1]) if len(phi) else 1.0


def _running_shares(engagements: Array) -> tuple[Array, Array]:
    """Without impressions: how the variants share each hour's engagements, beyond multinomial."""
    closed = np.all(_closed(engagements, None), axis=1, keepdims=True)
    closed = np.broadcast_to(closed, engagements.shape)
    x = _increments(engagements, closed)
    total = x.sum(axis=1, keepdims=True)
    filled = total[:, 0] > 0
    squares = np.cumsum(np.divide(x * x, total, out=np.zeros_like(x), where=total > 0), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Σ_h (x - t s)² / (t s) = Σ_h x² / (t s) - Σ x for each variant of share s.
        share = np.cumsum(x, axis=0) / np.cumsum(total, axis=0)
        pearson = np.where(share > 0, squares / share - np.cumsum(x, axis=0), 0.0)
    number = np.cumsum(filled)
    free = (number - 1) * (engagements.shape[1] - 1)
    return _floored(pearson.sum(axis=1), free), number.astype(np.float64)


def _floored(pearson: Array, free: Array) -> Array:
    return np.maximum(1.0, np.divide(pearson, free, out=np.ones_like(pearson), where=free > 0))


def _closed(engagements: Array, impressions: Array | None) -> npt.NDArray[np.bool_]:
    """Where an increment ends: engagements have not fallen, and impressions came on top."""
    closed = engagements >= np.maximum.accumulate(_before(engagements), axis=0)
    if impressions is None:
        return closed
    return closed & (impressions > np.maximum.accumulate(_before(impressions), axis=0))


def _before(counts: Array) -> Array:
    return np.vstack([np.zeros((1, counts.shape[1])), counts[:-1]])


def _increments(counts: Array, closed: npt.NDArray[np.bool_]) -> Array:
    """Growth since the last look that closed one; 0 at looks that close none."""
    last = np.maximum.accumulate(np.where(closed, counts, 0.0), axis=0)
    return np.where(closed, counts - _before(last), 0.0)
