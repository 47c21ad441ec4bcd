"""What accounts have shown so far: posts with all their showings, in a constant number of queries.

A post is shown again as a new post; its chain is known by the first publication.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from experiments.models import (
    ABTest,
    ABTestPublication,
    ABTestState,
    LinkState,
    PostCheck,
    PostRecycling,
    RecycledPost,
)
from socialhub.models import Account, Organisation, Publication, PublicationStatus

S = PublicationStatus
# A repetition in one of these may still go out.
WAITING = (S.DRAFT, S.SCHEDULED, S.PUBLISHING, S.UNKNOWN)
# These need a person, who may still send it.
STUCK = (S.FAILED, S.MISSED)
# Counts of a younger reading still grow.
MATURE = timedelta(hours=48)
# What is compared with: published within these days, the last so many, and the queue.
RECENT, LAST = timedelta(days=14), 10


@dataclass(slots=True)
class Showing:
    """One publication that went out, with its counts if they were read late enough."""

    at: datetime
    publication: int
    content_type: str
    engagements: int | None = None
    impressions: int | None = None


@dataclass(slots=True)
class Said:
    """What people said about recycling the post (PostRecycling)."""

    time_sensitive: bool | None = None
    expires_on: date | None = None
    skip_until: datetime | None = None
    never_at: datetime | None = None
    season_from: str = ""
    season_to: str = ""


@dataclass(slots=True)
class Chain:
    """A post on one account and its showings there, the first one first."""

    root: int
    post: int
    account: int
    language: str
    campaign: int | None
    is_evergreen: bool
    is_archived: bool
    showings: list[Showing]
    # How many repetitions were ever made, also cancelled ones: the next is number + 1.
    number: int = 0
    # Status of a repetition on its way; "" for none.
    on_its_way: str = ""
    # When the last cancelled repetition would have gone out.
    cancelled_for: datetime | None = None
    is_gone: bool = False
    is_part: bool = False
    # in_test, lost_test, test_without_winner, shown_again_in_test; "" where no test matters.
    tested: str = ""
    link_dead: str = ""
    media_missing: bool = False
    said: Said = field(default_factory=Said)

    @property
    def times(self) -> int:
        """How often it was repeated."""
        return len(self.showings) - 1

    @property
    def first_at(self) -> datetime:
        return self.showings[0].at

    @property
    def last_at(self) -> datetime:
        return self.showings[-1].at

    @property
    def stays_true(self) -> bool:
        """Did somebody say so?"""
        if self.said.time_sensitive is not None:
            return not self.said.time_sensitive
        return self.is_evergreen

    @property
    def is_measured(self) -> bool:
        return any(showing.engagements is not None for showing in self.showings)


@dataclass(slots=True)
class History:
    """One account, its chains by first publication, and what its next posts are compared with."""

    account: Account
    zone: ZoneInfo
    home: ZoneInfo
    chains: dict[int, Chain]
    # (chain or None, text) published lately or waiting.
    window: list[tuple[int | None, str]] = field(default_factory=list)
    # First publication of the chain each of the last ten posts belongs to.
    last: list[int] = field(default_factory=list)
    # First publication by publication.
    roots: dict[int, int] = field(default_factory=dict)


COLUMNS = (
    "pk",
    "account_id",
    "post_id",
    "published_at",
    "post__content_type",
    "post__language",
    "post__campaign_id",
    "post__is_evergreen",
    "post__is_archived",
    "stats__engagements",
    "stats__impressions",
    "stats__metrics_at",
    "stats__gone_at",
)


def load(accounts: Sequence[Account], now: datetime) -> dict[int, History]:
    """The history of each account by its id."""
    home = Organisation.get().zone
    found = {account.pk: History(account, _zone(account, home), home, {}) for account in accounts}
    repeats = _repetitions(found)
    _chains(found, repeats, now)
    _facts(found, repeats)
    _window(found, now)
    return found


def _zone(account: Account, home: ZoneInfo) -> ZoneInfo:
    return ZoneInfo(account.audience_timezone) if account.audience_timezone else home


@dataclass(slots=True)
class _Repeats:
    # First publication by the repetition's publication, and by its (post, account).
    original: dict[int, int] = field(default_factory=dict)
    of_post: dict[tuple[int, int], int] = field(default_factory=dict)
    number: dict[int, int] = field(default_factory=dict)
    on_its_way: dict[int, str] = field(default_factory=dict)
    cancelled_for: dict[int, datetime] = field(default_factory=dict)


def _repetitions(accounts: Iterable[int]) -> _Repeats:
    found = _Repeats()
    rows = RecycledPost.objects.filter(account__in=list(accounts)).values_list(
        "publication_id",
        "post_id",
        "account_id",
        "original_id",
        "number",
        "publication__status",
        "publication__due_at",
    )
    for publication, post, account, original, number, status, due_at in rows.order_by("number"):
        found.original[publication] = original
        found.of_post[post, account] = original
        found.number[original] = max(number, found.number.get(original, 0))
        if status in WAITING or status in STUCK:
            found.on_its_way[original] = status
        elif status == S.CANCELLED and due_at is not None:
            found.cancelled_for[original] = due_at
    return found


def _chains(found: dict[int, History], repeats: _Repeats, now: datetime) -> None:
    rows = Publication.objects.filter(
        account__in=list(found),
        status=S.PUBLISHED,
        published_at__lte=now,
        parent__isnull=True,
        answers__isnull=True,
        post__is_reply=False,
    )
    firsts = dict(repeats.of_post)
    for pk, account, post, at, kind, *rest in rows.order_by("published_at", "pk").values_list(
        *COLUMNS
    ):
        language, campaign, evergreen, archived, engaged, seen, read_at, gone_at = rest
        root = repeats.original.get(pk) or firsts.setdefault((post, account), pk)
        mature = read_at is not None and read_at - at >= MATURE
        showing = Showing(at, pk, kind, engaged if mature else None, seen if mature else None)
        history = found[account]
        history.roots[pk] = root
        chain = history.chains.get(root)
        if chain is None:
            chain = history.chains[root] = Chain(
                root, post, account, language, campaign, evergreen, archived, [showing]
            )
        else:
            chain.showings.append(showing)
        chain.is_gone = gone_at is not None
        history.last.append(pk)
    for history in found.values():
        history.last = history.last[-LAST:]


def _facts(found: dict[int, History], repeats: _Repeats) -> None:
    """What else stands about the chains: people, tests, checks, series."""
    accounts = list(found)
    posts = Publication.objects.filter(account__in=accounts).values("post")
    said = {
        row[0]: Said(*row[1:])
        for row in PostRecycling.objects.filter(post__in=posts).values_list(
            "post_id", *Said.__slots__
        )
    }
    checks = {
        row[0]: row[1:]
        for row in PostCheck.objects.filter(post__in=posts).values_list(
            "post_id", "link", "link_detail", "media_missing"
        )
    }
    parents = set(
        Publication.objects.filter(parent__account__in=accounts).values_list("parent_id", flat=True)
    )
    sources, tested = _tested(accounts)
    for history in found.values():
        for chain in history.chains.values():
            chain.number = repeats.number.get(chain.root, 0)
            chain.on_its_way = repeats.on_its_way.get(chain.root, "")
            chain.cancelled_for = repeats.cancelled_for.get(chain.root)
            chain.said = said.get(chain.post) or chain.said
            chain.is_part = chain.root in parents
            chain.tested = "in_test" if chain.post in sources else tested.get(chain.root, "")
            link, detail, missing = checks.get(chain.post, (LinkState.UNKNOWN, "", False))
            chain.link_dead = (detail or "?") if link == LinkState.DEAD else ""
            chain.media_missing = missing


def _tested(accounts: list[int]) -> tuple[set[int], dict[int, str]]:
    """Posts that a running A/B test is about, and what tests say against their publications.

    Of a decided test the newest showing of the winner (without one, of the control) stands for
    all: the others say the same, or did worse.
    """
    rows = (
        ABTestPublication.objects.filter(
            account__in=accounts,
            publication__isnull=False,
            test__state__in=[ABTestState.RUNNING, ABTestState.DECIDED],
        )
        .order_by("publication__published_at", "pk")
        .values_list(
            "publication_id",
            "publication__status",
            "account_id",
            "test_id",
            "test__state",
            "test__winner_id",
            "variant_id",
            "variant__position",
        )
    )
    found: dict[int, str] = {}
    newest: dict[tuple[int, int], int] = {}
    for pk, status, account, test, state, winner, variant, position in rows:
        if state == ABTestState.RUNNING:
            found[pk] = "in_test"
        elif variant == winner or not (winner or position):
            found[pk] = "shown_again_in_test"
            if status == S.PUBLISHED:
                newest[test, account] = pk
        else:
            found[pk] = "lost_test" if winner else "test_without_winner"
    for pk in newest.values():
        del found[pk]
    sources = ABTest.objects.filter(state=ABTestState.RUNNING, source_post__isnull=False)
    return set(sources.values_list("source_post_id", flat=True)), found


def _window(found: dict[int, History], now: datetime) -> None:
    """Texts that a new one must not be too much like."""
    last = [pk for history in found.values() for pk in history.last]
    rows = Publication.objects.filter(account__in=list(found), answers__isnull=True).filter(
        Q(status__in=WAITING)
        | Q(status=S.PUBLISHED, published_at__gt=now - RECENT, published_at__lte=now)
        | Q(pk__in=last)
    )
    repeats = dict(
        RecycledPost.objects.filter(publication__in=rows.values("pk")).values_list(
            "publication_id", "original_id"
        )
    )
    for pk, account, override, text in rows.order_by("pk").values_list(
        "pk", "account_id", "text_override", "post__text"
    ):
        history = found[account]
        history.window.append((repeats.get(pk) or history.roots.get(pk), override or text))


def texts(publications: Iterable[int]) -> dict[int, str]:
    """The text of each publication, without its link."""
    rows = Publication.objects.filter(pk__in=list(publications)).values_list(
        "pk", "text_override", "post__text"
    )
    return {pk: override or text for pk, override, text in rows}


def usable_accounts(user: Any, accounts: Sequence[Account] | None) -> list[Account]:
    """These accounts, all when None, as far as the user may see them."""
    rows = Account.objects.all() if user is None else Account.objects.visible_to(user)
    if accounts is not None:
        rows = rows.filter(pk__in=[account.pk for account in accounts])
    return list(rows.order_by("pk"))
