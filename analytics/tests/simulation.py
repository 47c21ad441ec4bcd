"""Simulated accounts whose true best times are known: the judge of `best_times.rank`.

One account is a platform pattern (work-day bumps at 9, 13 and 19 h, weekend bumps at 11 and
20 h, a night trough) plus its own weekday, hour and slot pattern. Its posts fall on a few
favourite slots; impressions are lognormal and higher in good slots; every post has its own luck;
engagements are Poisson. Estimators see the posts only.

What the description leaves free (shares, habit, history) was set by trial, until the naive mean
of rates picks five slots that earn 22 % less than the true five, the platform pattern alone 17 %,
and one random slot 42 % less than the best. With more of the pattern in single slots, or posts
spread over a year, every estimator does worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

DAYS, HOURS, SLOTS = 7, 24, 168
# Standard deviation over the 168 slots of the true log rate.
SLOT_SD = 0.3
# Share of its variance that all accounts of a platform have in common.
PLATFORM_SHARE = 0.72
# The rest, split over the account's weekdays, hours and single slots.
WEEKDAY_SHARE, HOUR_SHARE, SINGLE_SHARE = 0.13, 0.12, 0.03
# (hour, height, width in hours) of the bumps; the trough is negative.
WORK_BUMPS = ((9, 1.0, 1.5), (13, 0.8, 1.5), (19, 1.2, 2.0), (3.5, -1.5, 2.5))
WEEKEND_BUMPS = ((11, 1.0, 2.0), (20, 1.0, 2.0), (3.5, -1.5, 2.5))
# An account's own hours change smoothly: weights of the neighbours 0, 1, 2, 3 hours away.
SMOOTH = (1.0, 0.8, 0.5, 0.2)
# Small shape = few favourite slots; the rest of the posts fall anywhere.
HABIT_SHAPE, ANYWHERE = 0.5, 0.15
# People rather post when the platform is awake.
HABIT_PULL = 1.5
MEDIAN_IMPRESSIONS, IMPRESSIONS_SD = 700.0, 1.2
# A slot twice as engaging brings this power of two more impressions.
IMPRESSIONS_PULL = 0.5
LUCK_SD = 0.55
BASE_RATE = 0.03
# Posts are spread evenly over this many days before `NOW`.
HISTORY_DAYS = 56
ZONE = "Europe/Madrid"
NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)

Post = tuple[datetime, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Account:
    """`log_rate[weekday * 24 + hour]` is the truth, `posts` is what an estimator gets.

    `slots` says where each post fell.
    """

    log_rate: np.ndarray
    posts: list[Post]
    slots: np.ndarray

    @property
    def best(self) -> set[int]:
        """The five truly best slots."""
        return set(np.argsort(-self.log_rate)[:5].tolist())


def platform_pattern() -> np.ndarray:
    """What all accounts share, mean 0 and standard deviation 1 over the 168 slots."""
    hours = np.arange(HOURS)

    def day(bumps: tuple[tuple[float, float, float], ...]) -> np.ndarray:
        away = [np.abs((hours - at + 12) % 24 - 12) for at, _, _ in bumps]
        return sum(
            height * np.exp(-0.5 * (gap / width) ** 2)
            for gap, (_, height, width) in zip(away, bumps, strict=True)
        )

    week = np.array([day(WORK_BUMPS)] * 5 + [day(WEEKEND_BUMPS)] * 2)
    return _standard(week).ravel()


def account(rng: np.random.Generator, posts: int, *, shuffled: bool = False) -> Account:
    """One account with that many posts. `shuffled`: their times carry no information."""
    log_rate = np.log(BASE_RATE) + _slots(rng)
    habit = rng.gamma(HABIT_SHAPE, size=SLOTS) * np.exp(HABIT_PULL * platform_pattern())
    chance = (1 - ANYWHERE) * habit / habit.sum() + ANYWHERE / SLOTS
    slots = rng.choice(SLOTS, size=posts, p=chance)
    good = log_rate - log_rate.mean()
    reach = np.log(MEDIAN_IMPRESSIONS) + IMPRESSIONS_PULL * good[slots]
    impressions = np.maximum(1, np.exp(rng.normal(reach, IMPRESSIONS_SD))).astype(int)
    luck = rng.normal(0, LUCK_SD, size=posts)
    engagements = rng.poisson(impressions * np.exp(log_rate[slots] + luck))
    if shuffled:
        slots, log_rate = rng.permutation(slots), np.full(SLOTS, log_rate.mean())
    rows = zip(_times(rng, slots), impressions.tolist(), engagements.tolist(), strict=True)
    return Account(log_rate, list(rows), slots)


def _slots(rng: np.random.Generator) -> np.ndarray:
    """Deviation of each slot's log rate, scaled to `SLOT_SD`."""
    ring = np.zeros(HOURS)
    for away, weight in enumerate(SMOOTH):
        ring[[away, -away]] = weight
    turned = np.array([np.roll(ring, hour) for hour in range(HOURS)])
    parts = (
        (PLATFORM_SHARE, platform_pattern().reshape(DAYS, HOURS)),
        (WEEKDAY_SHARE, _standard(rng.normal(size=(DAYS, 1)))),
        (HOUR_SHARE, _standard(turned @ rng.normal(size=HOURS))),
        (SINGLE_SHARE, _standard(rng.normal(size=(DAYS, HOURS)))),
    )
    week = sum(np.sqrt(share) * part for share, part in parts)
    return SLOT_SD * _standard(week).ravel()


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


def _times(rng: np.random.Generator, slots: np.ndarray) -> list[datetime]:
    """A moment of the slot's local hour, in a random week of the history."""
    zone = ZoneInfo(ZONE)
    newest = NOW.astimezone(zone).date() - timedelta(days=3)
    weeks = rng.integers(0, max(1, HISTORY_DAYS // 7), size=len(slots)).tolist()
    minutes = rng.integers(0, 60, size=len(slots)).tolist()
    found = []
    for slot, week, minute in zip(slots.tolist(), weeks, minutes, strict=True):
        weekday, hour = divmod(slot, HOURS)
        day = newest - timedelta(days=(newest.weekday() - weekday) % 7 + 7 * week)
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        found.append(local.astimezone(UTC))
    return found
