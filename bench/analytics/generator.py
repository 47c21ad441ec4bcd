"""Publications and their numbers from a fixed seed, as columns of numpy. No database, no Django.

730 days that end on a fixed day three days after a clock change, 5 networks, 8 accounts, 6 types
of content, a profile by hour and weekday, growth, and impressions that are lognormal with a
Pareto tail. A post goes to two or three networks at the same moment; a few are repeated, on the
same day or weeks later; one in a hundred is an answer to a comment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SEED = 20261028
ZONE = ZoneInfo("Europe/Madrid")
DAYS = 730
# The clocks went back on the 25th, so that every window holds a day of 25 hours.
LAST_DAY = date(2026, 10, 28)
NOW = datetime(2026, 10, 29, 5, tzinfo=UTC)
PLATFORMS = ("facebook", "instagram", "linkedin", "mastodon", "x")
# The network of each account.
ACCOUNTS = (0, 0, 1, 1, 2, 3, 4, 4)
TYPES = ("text", "image", "carousel", "link", "video", "product")
COUNTERS = (
    "likes",
    "comments",
    "shares",
    "impressions",
    "reach",
    "saves",
    "clicks",
    "replies",
    "quotes",
)
ENGAGING = ("likes", "comments", "shares", "saves")
# What a network does not report.
UNREPORTED = {
    "facebook": ("saves",),
    "instagram": ("clicks", "quotes"),
    "linkedin": ("saves", "quotes"),
    "mastodon": ("impressions", "reach", "saves", "clicks"),
    "x": ("reach", "saves"),
}
NEVER_ANSWERED = 0.005
REPEATED = 0.03
REPLIES = 0.01
# NULL in the columns of numbers and of days.
NULL = np.iinfo(np.int64).min

# Shares of the week and of the day, local time.
BY_WEEKDAY = np.array([1.05, 1.15, 1.15, 1.1, 1.0, 0.65, 0.6])
BY_HOUR = np.array(
    [1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 2, 4, 6, 7, 6, 6, 6, 5, 5, 5, 6, 7, 7, 6, 5, 3, 2], dtype=float
)
GROWTH = 0.6
BY_TYPE = np.array([0.22, 0.3, 0.12, 0.18, 0.12, 0.06])


@dataclass(slots=True)
class Facts:
    """One entry per publication, ordered by time; id = place + 1. NULL is `NULL`."""

    # One post going out at one moment; a repeated post has several.
    wave: Ints
    post: Ints
    account: Ints
    platform: Ints
    content_type: Ints
    is_reply: Flags
    # Seconds and days since 1970.
    published_at: Ints
    local_day: Ints
    # 0 = Monday 00:00, on UTC's clock and on the wall.
    hour_of_week: Ints
    local_hour: Ints
    previous_day: Ints
    previous_day_on_network: Ints
    counters: dict[str, Ints]

    def __len__(self) -> int:
        return len(self.post)

    def engagements(self) -> Ints:
        """Sum of the reported parts, NULL when none is."""
        parts = [self.counters[name] for name in ENGAGING]
        total = sum(np.where(part == NULL, 0, part) for part in parts)
        return np.where(np.all([part == NULL for part in parts], axis=0), NULL, total)


def generate(count: int) -> Facts:
    """The same publications for the same count, on any machine with this numpy."""
    rng = np.random.default_rng([SEED, count])
    networks, reply = _sizes(rng, count)
    at = _times(rng, len(networks))
    content = rng.choice(len(TYPES), len(networks), p=BY_TYPE)
    post = _repeats(rng, at, content, reply)
    wave, platform = _networks(rng, networks)
    account = _accounts(rng, platform)
    published = at[wave]
    local = published + _offsets(published)
    facts = Facts(
        wave=wave + 1,
        post=post[wave] + 1,
        account=account,
        platform=platform,
        content_type=content[wave],
        is_reply=reply[wave],
        published_at=published,
        local_day=local // 86_400,
        hour_of_week=_hour_of_week(published),
        local_hour=_hour_of_week(local),
        previous_day=np.full(count, NULL),
        previous_day_on_network=np.full(count, NULL),
        counters=_counters(rng, platform, content[wave], _hour_of_week(local) % 24),
    )
    facts.previous_day = _previous_days(facts, [facts.post])
    facts.previous_day_on_network = _previous_days(facts, [facts.platform, facts.post])
    return facts


def _sizes(rng: np.random.Generator, count: int) -> tuple[Ints, Flags]:
    """On how many networks each wave goes out, `count` in all, and which are answers."""
    reply = rng.random(count) < REPLIES
    networks = np.where(reply, 1, rng.integers(2, 4, count))
    waves = int(np.searchsorted(np.cumsum(networks), count)) + 1
    networks, reply = networks[:waves], reply[:waves]
    networks[-1] -= networks.sum() - count
    return networks, reply


def _times(rng: np.random.Generator, waves: int) -> Ints:
    """Moments in order, by weight of their hour."""
    first = datetime.combine(LAST_DAY - timedelta(days=DAYS - 1), datetime.min.time(), ZONE)
    end = datetime.combine(LAST_DAY + timedelta(days=1), datetime.min.time(), ZONE)
    hours = np.arange(int(first.timestamp()), int(end.timestamp()), 3_600)
    wall = _hour_of_week(hours + _offsets(hours))
    weight = BY_WEEKDAY[wall // 24] * BY_HOUR[wall % 24]
    weight = weight * (1 + GROWTH * np.arange(len(hours)) / len(hours))
    total = np.cumsum(weight)
    found = np.searchsorted(total, rng.random(waves) * total[-1], side="right")
    return np.sort(hours[found] + rng.integers(0, 3_600, waves))


def _offsets(at: Ints) -> Ints:
    """Seconds that the wall clock is ahead of UTC."""
    hours, place = np.unique(at // 3_600, return_inverse=True)
    ahead = [
        datetime.fromtimestamp(int(hour) * 3_600, ZONE).utcoffset() or timedelta(0)
        for hour in hours
    ]
    return np.array([one.seconds for one in ahead], dtype=np.int64)[place]


def _hour_of_week(seconds: Ints) -> Ints:
    """1970 began on a Thursday."""
    return (seconds // 3_600 + 3 * 24) % 168


def _repeats(rng: np.random.Generator, at: Ints, content: Ints, reply: Flags) -> Ints:
    """The post of each wave: its own, or that of an earlier one (whose type it takes over)."""
    post = np.arange(len(at))
    again = np.flatnonzero((rng.random(len(at)) < REPEATED) & ~reply)
    # Half of them follow the wave just before, mostly on the same day.
    back = np.where(rng.random(len(again)) < 0.5, 0, rng.integers(0, 60 * 86_400, len(again)))
    for place, seconds in zip(again.tolist(), back.tolist(), strict=True):
        source = max(0, int(np.searchsorted(at, at[place] - seconds)) - 1)
        if not reply[source] and source < place:
            post[place], content[place] = post[source], content[source]
    return post


def _networks(rng: np.random.Generator, networks: Ints) -> tuple[Ints, Ints]:
    """Each wave as often as it has networks, and which ones."""
    order = np.argsort(rng.random((len(networks), len(PLATFORMS))), axis=1)
    chosen = np.arange(len(PLATFORMS)) < networks[:, None]
    return np.repeat(np.arange(len(networks)), networks), order[chosen]


def _accounts(rng: np.random.Generator, platform: Ints) -> Ints:
    owned = np.array(ACCOUNTS)
    first = np.searchsorted(owned, np.arange(len(PLATFORMS)))
    size = np.bincount(owned)
    return first[platform] + (rng.random(len(platform)) * size[platform]).astype(np.int64)


def _counters(
    rng: np.random.Generator, platform: Ints, content: Ints, hour: Ints
) -> dict[str, Ints]:
    count = len(platform)
    level = np.array([0.9, 1.3, 0.8, 1.0, 1.1])[platform]
    level = level * np.array([0.8, 1.1, 1.2, 0.7, 1.5, 0.9])[content]
    level = level * (0.8 + 0.4 * BY_HOUR[hour] / BY_HOUR.max())
    seen = 600 * level * np.exp(rng.normal(0, 1.32, count))
    tail = np.where(rng.random(count) < 0.004, 4 * (1 + rng.pareto(1.3, count)), 1)
    impressions = np.minimum(seen * tail, 8e6).astype(np.int64)
    rate = (
        0.03 * np.exp(rng.normal(0, 0.6, count)) * np.array([1, 1.4, 1.3, 0.6, 1.2, 0.9])[content]
    )
    engaged = impressions * np.minimum(rate, 0.5)
    comments, shares = rng.poisson(engaged * 0.1), rng.poisson(engaged * 0.12)
    found = {
        "likes": rng.poisson(engaged * 0.7),
        "comments": comments,
        "shares": shares,
        "impressions": impressions,
        "reach": (impressions * rng.uniform(0.6, 0.95, count)).astype(np.int64),
        "saves": rng.poisson(engaged * 0.08),
        "clicks": rng.poisson(impressions * 0.012),
        "replies": rng.binomial(comments, 0.6),
        "quotes": rng.binomial(shares, 0.2),
    }
    silent = rng.random(count) < NEVER_ANSWERED
    for number, name in enumerate(PLATFORMS):
        for counter in UNREPORTED[name]:
            found[counter][platform == number] = NULL
    for column in found.values():
        column[silent] = NULL
    return found


def _previous_days(facts: Facts, keys: list[Ints]) -> Ints:
    """local_day of the publication before this one with the same keys, answers left out."""
    found = np.full(len(facts), NULL)
    places = np.flatnonzero(~facts.is_reply)
    order = places[np.lexsort([key[places] for key in keys])]
    same = np.all([key[order][1:] == key[order][:-1] for key in keys], axis=0)
    found[order[1:][same]] = facts.local_day[order[:-1][same]]
    return found
