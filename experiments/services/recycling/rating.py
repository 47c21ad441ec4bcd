"""The score of every post of an account, from its showings. numpy inside: import it late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from experiments.models import RecyclingLearned
from experiments.recycling import quality as qualities
from experiments.recycling import score, season
from experiments.recycling.quality import Quality
from experiments.recycling.score import Learned
from experiments.services.recycling.loading import Chain, History, Showing
from experiments.services.recycling.wording import Factors

DAY = timedelta(days=1)
FORMATS = ("text", "image", "carousel", "link", "video", "product", "service", "thread")


@dataclass(frozen=True, slots=True)
class Rating:
    """One post: `raw` ranks, without diversity.

    `tired`: its last two showings were below the account's 30th percentile. `waiting`: nothing
    of the account was ever counted, so the one that waited longest is first.
    """

    raw: float
    factors: Factors
    predicted: float | None
    tired: bool
    known: bool
    waiting: bool


@dataclass(slots=True)
class Rater:
    """An account's qualities, estimated once; `rate` asks for a moment."""

    history: History
    chains: list[Chain]
    quality: Quality
    tired: np.ndarray
    # What the post's format adds to the log rate.
    formats: np.ndarray
    learned: Learned

    @property
    def measured(self) -> bool:
        """False: nothing was ever counted, and the post that waited longest comes first."""
        return self.quality.usual is not None

    def rate(self, now: datetime) -> dict[int, Rating]:
        """Ratings by first publication."""
        if not self.chains:
            return {}
        since = _days(now, [chain.last_at for chain in self.chains])
        age = _days(now, [chain.first_at for chain in self.chains])
        today = now.astimezone(self.history.home).date()
        seasons = np.array([_season(chain, today) for chain in self.chains])
        times = np.array([chain.times for chain in self.chains], dtype=float)
        fresh = score.freshness(since)
        one = np.ones(len(since))
        good, tired, decay = one, one, one
        if self.measured:
            evergreen = np.array([chain.stays_true for chain in self.chains])
            good = score.quality(self.quality.q, self.quality.sd)
            tired = score.fatigue(times, self.learned)
            decay = score.decay(age, evergreen, self.learned)
        expected = fresh * tired * decay * seasons
        raw = good * expected
        table = np.column_stack([raw, good, fresh, tired, decay, seasons]).tolist()
        predicted = self._predicted(expected)
        return {
            chain.root: Rating(
                raw=row[0],
                factors=Factors(*row[1:]),
                predicted=guess,
                tired=bool(worn),
                known=bool(known),
                waiting=not self.measured,
            )
            for chain, row, guess, worn, known in zip(
                self.chains, table, predicted, self.tired, self.quality.known, strict=True
            )
        }

    def _predicted(self, expected: np.ndarray) -> list[float | None]:
        """Engagements per impression (per post where none are reported) of the next showing."""
        found = self.quality
        if found.usual is None:
            return [None] * len(expected)
        values: list[float | None] = (
            np.exp(found.usual + self.formats + found.q + self.learned.level) * expected
        ).tolist()
        return values

    def slot_effect(self, at: datetime) -> float:
        """What the hour multiplies the prediction with."""
        if self.quality.slots is None:
            return 1.0
        return float(np.exp(self.quality.slots[_month_slot(at, self.history)[1]]))


def rater(history: History, learned: Learned, now: datetime) -> Rater:
    """The qualities of all posts of the account."""
    chains = list(history.chains.values())
    rows = [(n, one) for n, chain in enumerate(chains) for one in chain.showings]
    counted = [(n, one) for n, one in rows if one.engagements is not None]
    seen = _showings(counted, history, now)
    found = qualities.estimate(seen, len(chains))
    added = found.formats or {}
    return Rater(
        history=history,
        chains=chains,
        quality=found,
        tired=_tired(seen.post, found.poor, len(chains)),
        formats=np.array([added.get(_format(c.showings[0].content_type), 0.0) for c in chains]),
        learned=learned,
    )


def learned() -> Learned:
    """What the installation has learned, or the defaults."""
    row = RecyclingLearned.objects.filter(pk=1).first() or RecyclingLearned()
    return Learned(row.fatigue_exponent, row.half_life_evergreen, row.half_life_unset, row.level)


def _showings(
    rows: Sequence[tuple[int, Showing]], history: History, now: datetime
) -> qualities.Showings:
    columns = [
        (
            n,
            (now - one.at) / DAY,
            *_month_slot(one.at, history),
            _format(one.content_type),
            np.nan if one.engagements is None else one.engagements,
            np.nan if one.impressions is None else one.impressions,
        )
        for n, one in rows
    ]
    table = np.array(columns, dtype=float).reshape(-1, 7)
    post, age, month, slot, kind, engagements, impressions = table.T
    return qualities.Showings(
        post=post.astype(int),
        age=age,
        month=month.astype(int),
        format=kind.astype(int),
        slot=slot.astype(int),
        engagements=engagements,
        impressions=impressions,
    )


def _month_slot(at: datetime, history: History) -> tuple[int, int]:
    local = at.astimezone(history.zone)
    return local.year * 12 + local.month, local.weekday() * 24 + local.hour


def _format(content_type: str) -> int:
    return FORMATS.index(content_type) if content_type in FORMATS else len(FORMATS)


def _tired(post: np.ndarray, poor: np.ndarray, posts: int) -> np.ndarray:
    """Were the last two measured showings of each post both poor? Rows are in order of time."""
    tired = np.zeros(posts, dtype=bool)
    before: dict[int, bool] = {}
    for n, bad in zip(post.tolist(), poor.tolist(), strict=True):
        tired[n] = bad and before.get(n, False)
        before[n] = bad
    return tired


def _days(now: datetime, moments: list[datetime]) -> np.ndarray:
    return np.array([(now - at) / DAY for at in moments])


def _season(chain: Chain, today: date) -> float:
    return season.factor(today, chain.said.season_from, chain.said.season_to)
