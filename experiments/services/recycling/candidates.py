"""What could go out again: every post of the accounts with its score, or why it may not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from experiments.models import RecyclingRule
from experiments.recycling import similarity, standing
from experiments.recycling.similarity import Runs
from experiments.services.recycling import eligibility, loading, wording
from experiments.services.recycling.eligibility import Reason, Terms, Why
from experiments.services.recycling.loading import Chain, History
from experiments.services.recycling.wording import Factor
from socialhub.models import Account, Post, Publication

if TYPE_CHECKING:
    from experiments.services.recycling.rating import Rating

# Texts of so many otherwise eligible posts of an account are read; the rest ranks below them.
READ = 200
LIMIT = 500


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that went out, as it could go out again on the same account.

    `publication` is its first showing. `score` is 0 to 100 within the account, `raw` what it
    ranks by: the product of the factors.
    """

    publication: Publication
    post: Post
    account: Account
    score: float
    raw: float
    factors: dict[str, Factor]
    eligible: bool
    reasons: list[Reason]
    predicted: float | None
    times_recycled: int
    last_shown_at: datetime


@dataclass(slots=True)
class Rated:
    """A chain on its way to becoming a candidate."""

    chain: Chain
    rating: Rating
    why: list[Why]
    diversity: float = 1.0
    # What the account's posts rank by, sorted.
    scale: Sequence[float] = ()

    @property
    def raw(self) -> float:
        return self.rating.raw * (1 if self.rating.waiting else self.diversity)

    @property
    def score(self) -> float:
        """0 to 100 among the posts of the account that the terms are about."""
        return standing.percentile(self.scale, self.raw)


def candidates(
    user: Any = None,
    accounts: Sequence[Account] | None = None,
    rule: RecyclingRule | None = None,
    now: datetime | None = None,
    limit: int = LIMIT,
) -> list[Candidate]:
    """The best `limit` of these accounts (all visible when None), eligible ones first.

    With a rule only what it is about, on its accounts, by its terms (one that is not stored yet
    has none of its own); without one the network's cooldown counts. A constant number of queries.
    """
    now = now or timezone.now()
    chosen = loading.usable_accounts(user, accounts)
    if rule is not None and rule.pk is not None:
        on = set(rule.accounts.values_list("pk", flat=True))
        chosen = [account for account in chosen if account.pk in on]
    histories = loading.load(chosen, now)
    terms = Terms.of(rule)
    rated = rate(list(histories.values()), terms, now)
    read_texts(histories, rated)
    rated.sort(key=order)
    return _shown(rated[:limit], now)


def candidate(publication: Publication, now: datetime, terms: Terms | None = None) -> Candidate:
    """The one that this publication is a showing of; LookupError when it can be none."""
    history = loading.load([publication.account], now)[publication.account_id]
    root = history.roots.get(publication.pk)
    if root is None:
        raise LookupError(publication.pk)
    everything = rate([history], replace(terms or Terms(), campaign=None, language=""), now)
    found = [one for one in everything if one.chain.root == root]
    read_texts({history.account.pk: history}, found, everything=True)
    return _shown(found, now)[0]


def rate(histories: Sequence[History], terms: Terms, now: datetime) -> list[Rated]:
    """Every post the terms are about, with its rating and what stands against it."""
    from experiments.services.recycling import rating

    learned = rating.learned()
    found = []
    for history in histories:
        rater = rating.rater(history, learned, now)
        found += judge(history, rater.rate(now), terms, now, measured=rater.measured)
    return found


def judge(
    history: History, ratings: dict[int, Rating], terms: Terms, now: datetime, *, measured: bool
) -> list[Rated]:
    """The posts the terms are about, each with all reasons but those of its text."""
    found = []
    for root, one in ratings.items():
        chain = history.chains[root]
        if not terms.covers(chain):
            continue
        why = eligibility.check(chain, terms, history, now, measured=measured)
        if one.tired:
            why.append(Why("tired"))
        found.append(Rated(chain, one, why))
    return found


def read_texts(
    histories: dict[int, History], rated: list[Rated], *, everything: bool = False
) -> None:
    """Add the reasons of the text and the diversity, for those that are eligible but for it."""
    wanted = []
    for account in histories:
        ours = [r for r in rated if r.chain.account == account and (everything or not r.why)]
        wanted += sorted(ours, key=order)[:READ]
    texts = loading.texts(one.chain.root for one in wanted)
    windows = {account: window(history) for account, history in histories.items()}
    for one in wanted:
        compare(one, texts.get(one.chain.root, ""), windows[one.chain.account])
    for account in histories:
        to_scale([one for one in rated if one.chain.account == account])


def to_scale(rated: Sequence[Rated]) -> None:
    """Let the posts of an account know of each other; diversity counts where it is known."""
    scale = sorted(one.raw for one in rated)
    for one in rated:
        one.scale = scale


@lru_cache(maxsize=4096)
def runs_of(text: str) -> Runs:
    """As similarity.runs; a plan asks for the same texts slot by slot."""
    return similarity.runs(text)


def window(history: History) -> list[tuple[int | None, Runs]]:
    """What a text of the account is compared with."""
    return [(root, similarity.runs(text)) for root, text in history.window]


def compare(one: Rated, text: str, compared: list[tuple[int | None, Runs]]) -> None:
    """Note what its text says; a post is never too much like its own earlier showings."""
    others = (runs for root, runs in compared if root != one.chain.root)
    alike = similarity.most_alike(runs_of(text), others)
    one.why += eligibility.against_text(one.chain, text, alike)
    one.diversity = 1 - alike


def order(one: Rated) -> tuple[bool, float, datetime, int]:
    return bool(one.why), -one.raw, one.chain.last_at, one.chain.root


def _shown(rated: list[Rated], now: datetime) -> list[Candidate]:
    roots = [one.chain.root for one in rated]
    rows = Publication.objects.select_related("post", "account").in_bulk(roots)
    return [
        Candidate(
            publication=rows[one.chain.root],
            post=rows[one.chain.root].post,
            account=rows[one.chain.root].account,
            score=round(one.score, 2),
            raw=one.raw,
            factors=wording.factors(one.chain, one.rating, one.diversity, now),
            eligible=not one.why,
            reasons=[why.said() for why in one.why],
            predicted=one.rating.predicted,
            times_recycled=one.chain.times,
            last_shown_at=one.chain.last_at,
        )
        for one in rated
    ]
