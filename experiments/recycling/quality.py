"""How good a post is: its showings' log rates, net of slot, format and month, shrunk.

For showing j of post i: y = log rate, v = variance of its count (analytics.best_times).

    d_ij = y_ij - base(account, month, format) - θ_slot
    w_ij = 2^(-(age_j - age of the newest showing) / 365) / (σ_p² + v_ij),   W_i = Σ_j w_ij
    q_i  = B_i · Σ_j w_ij d_ij / W_i,   B_i = τ_c² / (τ_c² + 1 / W_i),   sd_i² = τ_c² (1 - B_i)

Empirical Bayes (Efron & Morris 1975; Morris 1983, JASA 78:47); τ_c² by the moments of DerSimonian
& Laird (1986), for any weights (DerSimonian & Kacker 2007). Ages count within a post, so that an
old post is not believed to be ordinary only because it is old: the score's decay says that.

Most posts have been shown once, and then a good post and a lucky one look the same. σ_p² is
therefore what repetitions differed by, mixed with a luck of sd 0.3 worth ten of them; and τ_c²,
which says little for a handful of posts, with an sd of 0.3 worth ten posts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.best_times.hierarchical import dersimonian_laird
from analytics.best_times.hierarchical import fit as fit_slots
from analytics.best_times.observations import LUCK_VARIANCE, SLOTS, Basis, Observations, log_rates

HALF_LIFE_DAYS = 365.0
USUAL_LUCK, USUAL_WORTH, LEAST_LUCK = 0.09, 10, 0.05
# Between posts; they are never believed to be all alike: sd 0.1 of the log rate.
USUAL_TAU2, LEAST_TAU2 = 0.09, 0.01
# A month or a format has an effect of its own from this many showings on, slots from this many.
ENOUGH, ENOUGH_FOR_SLOTS, ENOUGH_SLOTS = 10, 30, 8
# The percentile below which two showings in a row end the recycling of a post, and from how many
# showings on there is one.
TIRED, ENOUGH_TO_RANK = 30.0, 10
PASSES = 2


@dataclass(frozen=True, slots=True)
class Showings:
    """The mature showings of an account, arrays of one length; missing counts are NaN.

    `post` numbers the posts from 0, `age` is in days, `month` and `format` are any whole numbers,
    `slot` is weekday · 24 + hour.
    """

    post: np.ndarray
    age: np.ndarray
    month: np.ndarray
    format: np.ndarray
    slot: np.ndarray
    engagements: np.ndarray
    impressions: np.ndarray


@dataclass(frozen=True, slots=True)
class Quality:
    """Per post `q` and `sd` (log rate against the account's); `known`: it was measured.

    `usual` is the log rate an ordinary post earns now (per impression where basis is "rate", per
    post else), `formats` and `slots` what is added to it; None: nothing was ever measured. Per
    showing `y` (NaN: not counted) and whether it is `poor`: below the 30th percentile.
    """

    q: np.ndarray
    sd: np.ndarray
    known: np.ndarray
    y: np.ndarray
    poor: np.ndarray
    basis: Basis = "rate"
    usual: float | None = None
    formats: dict[int, float] | None = None
    slots: np.ndarray | None = None


def estimate(seen: Showings, posts: int) -> Quality:
    """The quality of `posts` posts; 0 and unknown for all while nothing was counted."""
    basis, counted, exposure = _exposure(seen)
    if not counted.any() or not seen.engagements[counted].sum():
        return _nothing(len(seen.post), posts, basis)
    part = _part(seen, counted)
    weight = 0.5 ** (part.age / HALF_LIFE_DAYS)
    level, y, variance = log_rates(part.engagements, exposure[counted], weight)
    rest, month, formats, slots = _net(part, y, variance, weight, basis)
    q, sd, known = _shrunk(part, rest, variance, posts)
    all_y = np.full(len(seen.post), np.nan)
    all_y[counted] = y
    return Quality(
        q=q,
        sd=sd,
        known=known,
        y=all_y,
        poor=_poor(all_y),
        basis=basis,
        usual=level + month,
        formats=formats,
        slots=slots,
    )


def _exposure(seen: Showings) -> tuple[Basis, np.ndarray, np.ndarray]:
    """Impressions where at least half of the showings have them, else one per post."""
    there = ~np.isnan(seen.engagements)
    shown = there & (np.nan_to_num(seen.impressions) > 0)
    if there.any() and shown.sum() * 2 >= there.sum():
        return "rate", shown, seen.impressions
    return "engagements", there, np.ones(len(there))


def _nothing(showings: int, posts: int, basis: Basis) -> Quality:
    return Quality(
        q=np.zeros(posts),
        sd=np.zeros(posts),
        known=np.zeros(posts, dtype=bool),
        y=np.full(showings, np.nan),
        poor=np.zeros(showings, dtype=bool),
        basis=basis,
    )


def _part(seen: Showings, chosen: np.ndarray) -> Showings:
    return Showings(*(getattr(seen, name)[chosen] for name in Showings.__slots__))


def _net(
    seen: Showings, y: np.ndarray, variance: np.ndarray, weight: np.ndarray, basis: Basis
) -> tuple[np.ndarray, float, dict[int, float], np.ndarray]:
    """What is left of y; the present month's effect, those of the formats and of the slots."""
    trust = weight / (LUCK_VARIANCE + variance)
    months, formats = _groups(seen.month), _groups(seen.format)
    month, form, slots = np.zeros(len(y)), np.zeros(len(y)), np.zeros(SLOTS)
    for _ in range(PASSES):
        month = _effect(y - form - slots[seen.slot], trust, *months)
        form = _effect(y - month - slots[seen.slot], trust, *formats)
        slots = _slots(seen, y - month - form, variance, weight, basis)
    newest = int(np.argmax(seen.month))
    by_format = dict(zip(seen.format.tolist(), form.tolist(), strict=True))
    return y - month - form - slots[seen.slot], float(month[newest]), by_format, slots


def _groups(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, place, number = np.unique(values, return_inverse=True, return_counts=True)
    return place, number


def _effect(y: np.ndarray, trust: np.ndarray, place: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Each showing's group effect, shrunk; 0 in small groups and where there is one only."""
    large = number >= ENOUGH
    if large.sum() < 2:
        return np.zeros(len(y))
    total = np.bincount(place, trust)
    mean = np.bincount(place, trust * y) / total
    tau2 = dersimonian_laird(mean[large], total[large])
    effect = np.where(large, tau2 * total / (1 + tau2 * total) * mean, 0.0)
    found: np.ndarray = effect[place]
    return found


def _slots(
    seen: Showings, y: np.ndarray, variance: np.ndarray, weight: np.ndarray, basis: Basis
) -> np.ndarray:
    """The account's hours as best times see them, around 0 over its showings."""
    if len(y) < ENOUGH_FOR_SLOTS or len(np.unique(seen.slot)) < ENOUGH_SLOTS:
        return np.zeros(SLOTS)
    belief = fit_slots(
        Observations(basis, seen.slot, y, variance, weight, level=0.0, counted=0.0, exposed=0.0)
    )
    mean: np.ndarray = belief.mean - np.average(belief.mean[seen.slot], weights=weight)
    return mean


def _shrunk(
    seen: Showings, rest: np.ndarray, variance: np.ndarray, posts: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """q, sd and whether it is known, per post."""
    luck = _luck(seen, rest, variance, posts)
    newest = np.full(posts, np.inf)
    np.minimum.at(newest, seen.post, seen.age)
    w = 0.5 ** ((seen.age - newest[seen.post]) / HALF_LIFE_DAYS) / (luck + variance)
    total = np.bincount(seen.post, w, posts)
    known = total > 0
    mean = np.bincount(seen.post, w * rest, posts)[known] / total[known]
    noise = np.bincount(seen.post, w**2 * (luck + variance), posts)[known] / total[known] ** 2
    between = max(0.0, _between(mean, total[known], noise))
    number = int(known.sum())
    tau2 = (USUAL_WORTH * USUAL_TAU2 + number * between) / (USUAL_WORTH + number)
    tau2 = max(LEAST_TAU2, tau2)
    q, sd = np.zeros(posts), np.full(posts, np.sqrt(tau2))
    believed = tau2 / (tau2 + 1 / total[known])
    q[known], sd[known] = believed * mean, np.sqrt(tau2 * (1 - believed))
    return q, sd, known


def _luck(seen: Showings, rest: np.ndarray, variance: np.ndarray, posts: int) -> float:
    """σ_p²: what showings of one post differ by beyond counting, with the usual luck mixed in."""
    number = np.bincount(seen.post, minlength=posts)
    mean = np.bincount(seen.post, rest, posts) / np.maximum(number, 1)
    again = number[seen.post] > 1
    left = (rest - mean[seen.post]) ** 2 - variance * (1 - 1 / np.maximum(number[seen.post], 1))
    free = np.maximum(number - 1, 0).sum()
    pooled = (USUAL_WORTH * USUAL_LUCK + left[again].sum()) / (USUAL_WORTH + free)
    return max(LEAST_LUCK, float(pooled))


def _between(mean: np.ndarray, weight: np.ndarray, noise: np.ndarray) -> float:
    """τ_c²: variance between posts beyond the `noise` of their means, for any weights."""
    total = weight.sum()
    spare = total - (weight @ weight) / total
    if spare <= 1e-12:
        return 0.0
    centre = weight @ mean / total
    q = weight @ (mean - centre) ** 2
    return float((q - weight @ noise + (weight**2) @ noise / total) / spare)


def _poor(y: np.ndarray) -> np.ndarray:
    counted = ~np.isnan(y)
    if counted.sum() < ENOUGH_TO_RANK:
        return np.zeros(len(y), dtype=bool)
    limit = np.percentile(y[counted], TIRED)
    poor: np.ndarray = counted & (np.nan_to_num(y, nan=np.inf) < limit)
    return poor


def rank(y: np.ndarray, value: float) -> float:
    """0 to 100: how many of the showings are below; those that equal it count half."""
    counted = y[~np.isnan(y)]
    if not len(counted):
        return 50.0
    return float(100 * ((counted < value).sum() + 0.5 * (counted == value).sum()) / len(counted))
