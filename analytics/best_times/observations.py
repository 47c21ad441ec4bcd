"""From posts to numbers an estimator can weigh: one log rate per post, and how far to trust it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from scipy.special import gammaln, xlogy

Post = tuple[datetime, int | None, int | None]
Basis = Literal["rate", "engagements"]

DAYS, HOURS = 7, 24
SLOTS = DAYS * HOURS
# Counts of a younger post still grow.
MATURE = timedelta(hours=48)
HALF_LIFE_DAYS = 90.0
# Twenty half-lives: such a post weighs less than a millionth of a new one.
OLDEST = timedelta(days=20 * HALF_LIFE_DAYS)
# Variance of the log rate between posts of one slot before anything is known: sd 0.55.
LUCK_VARIANCE = 0.3
# From this many expected engagements on, the logarithm of a Poisson count is as good as normal.
MANY = 50.0
# Where ln(e + .5) hardly answers to the rate, a post says little; dividing by less than this
# would make a single engagement say that the rate is thousands of times higher.
FLATTEST = 0.5


@dataclass(frozen=True, slots=True)
class Observations:
    """The posts that count, arrays of one length, in an order that the input's does not change.

    `y` is the log rate (or log engagements) minus `level`, `variance` its counting error without
    the post's own luck, `weight` how much of one post it is (age), `slot` weekday * 24 + hour.
    `counted` and `exposed` are the sums of engagements and of impressions (or posts).
    """

    basis: Basis
    slot: np.ndarray
    y: np.ndarray
    variance: np.ndarray
    weight: np.ndarray
    level: float
    counted: float
    exposed: float

    def __len__(self) -> int:
        return len(self.slot)

    @property
    def per_slot(self) -> np.ndarray:
        """Posts per slot, shape (168,)."""
        return np.bincount(self.slot, minlength=SLOTS)


def zone_of(timezone: str | tzinfo) -> tzinfo:
    """The zone; ValueError when there is none of that name."""
    if isinstance(timezone, tzinfo):
        return timezone
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"There is no time zone {timezone!r}; use an IANA name.") from None


def observe(posts: Iterable[Post], timezone: str | tzinfo, now: datetime) -> Observations:
    """Posts between 48 h and 20 half-lives old that report engagements.

    With impressions (more than 0) on at least half of them the basis is "rate", and posts without
    are left out; else it is "engagements" per post, whatever the impressions. ValueError: a time
    without zone, a count that is negative or not finite, an unknown zone.
    """
    zone = zone_of(timezone)
    _aware(now)
    rows = [_row(post, now, zone) for post in posts]
    table = np.array([row for row in rows if row], dtype=float).reshape(-1, 4)
    table = table[np.lexsort(table.T)]
    shown = table[:, 2] > 0
    basis: Basis = "rate" if len(table) and shown.mean() >= 0.5 else "engagements"
    if basis == "rate":
        table = table[shown]
    age, slot, impressions, engagements = table.T
    exposure = impressions if basis == "rate" else np.ones_like(impressions)
    weight = _weights(age)
    level, y, variance = log_rates(engagements, exposure, weight)
    return Observations(
        basis=basis,
        slot=slot.astype(int),
        y=y,
        variance=variance,
        weight=weight,
        level=level,
        counted=float(engagements.sum()),
        exposed=float(exposure.sum()),
    )


def _row(post: Post, now: datetime, zone: tzinfo) -> tuple[float, int, float, float] | None:
    """(age in days, slot, impressions or 0, engagements); None for a post that does not count."""
    at, impressions, engagements = post
    _aware(at)
    for value in (impressions, engagements):
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise ValueError(f"Counts must be 0 or more, not {value!r}.")
    if engagements is None or not MATURE <= now - at <= OLDEST:
        return None
    local = at.astimezone(zone)
    slot = local.weekday() * HOURS + local.hour
    return (now - at) / timedelta(days=1), slot, float(impressions or 0), float(engagements)


def _aware(at: datetime) -> None:
    if at.utcoffset() is None:
        raise ValueError(f"{at!r} has no time zone.")


def _weights(age: np.ndarray) -> np.ndarray:
    """2^(-age / half-life), scaled so that the sum is what the posts are worth together.

    Unequal weights leave (sum w)² / sum w² posts (Kish 1965). The newest post sets the scale, so
    an account that has been silent for a half-life is worth half.
    """
    if not len(age):
        return age
    newest = age.min()
    weight = 0.5 ** ((age - newest) / HALF_LIFE_DAYS)
    return weight * (weight.sum() / (weight @ weight)) * 0.5 ** (newest / HALF_LIFE_DAYS)


def log_rates(
    engagements: np.ndarray, exposure: np.ndarray, weight: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """The account's log rate; each post's, minus that; the variance of its count.

    With many engagements a post's value is ln(e + .5) - ln(exposure) and its variance 1 / m, m
    the *expected* count (the observed one would favour lucky posts). With few, ln(e + .5) is far
    from ln(m): a rate of 0.1 engagements a post would read as 0.5. So the value is taken from the
    line that the expected ln(e + .5) draws near m, which is unbiased, and grows vague as m
    vanishes; below a slope of a half it stays nearer to 0 than it should.
    """
    total = engagements.sum()
    if total == 0:
        return -math.inf, np.zeros_like(engagements), np.ones_like(engagements)
    seen = np.log(engagements + 0.5)
    level = math.log(total / exposure.sum())
    # Scoring steps; one viral post moves the first guess far, but not the end.
    for _ in range(50):
        mean, slope, noise = _expected(level + np.log(exposure))
        y, variance = (seen - mean) / slope, noise / slope**2
        trust = weight / (LUCK_VARIANCE + variance)
        step = float(np.clip(trust @ y / trust.sum(), -1, 1))
        level += step
        if abs(step) < 1e-9:
            break
    return level, y * (slope / np.maximum(slope, FLATTEST)), variance


def _expected(log_count: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of ln(X + .5), its slope in the log of the typical count, its counting variance."""
    grid, mean, log_slope, log_noise = _table()
    beyond = np.maximum(log_count - grid[-1], 0)
    return (
        np.interp(log_count, grid, mean) + beyond,
        np.exp(np.interp(log_count, grid, log_slope)),
        np.exp(np.interp(log_count, grid, log_noise) - beyond),
    )


@cache
def _table() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For X Poisson with a typical count and a normal luck on its log, over a grid of logs."""
    grid = np.linspace(math.log(1e-4), math.log(20 * MANY), 200)
    nodes, shares = np.polynomial.hermite_e.hermegauss(15)
    shares = shares / shares.sum()
    count = np.exp(grid[:, None] + math.sqrt(LUCK_VARIANCE) * nodes)
    mean, slope, noise = np.log(count), np.ones_like(count), 1 / count
    few = count < MANY
    x = np.arange(int(4 * MANY))
    # scipy.stats would bring this too, and a second of import.
    expected = count[few][:, None]
    chance = np.exp(xlogy(x, expected) - expected - gammaln(x + 1))
    log = np.log(x + 0.5)
    mean[few] = chance @ log
    slope[few] = count[few] * (chance @ (np.log(x + 1.5) - log))
    noise[few] = chance @ log**2 - mean[few] ** 2
    return grid, mean @ shares, np.log(slope @ shares), np.log(noise @ shares)
