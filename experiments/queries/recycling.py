"""The recycling board: what may go out again, what may not and why, and what did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Prefetch, Q

from analytics.models import PublicationStats
from experiments.models import PostRecycling, RecycledPost, RecyclingLearned, RecyclingRule
from socialhub.models import (
    Account,
    AccountStatus,
    MediaAsset,
    PostMedia,
    Publication,
    PublicationStatus,
)
from socialhub.services import queue

if TYPE_CHECKING:
    from experiments.services.recycling.candidates import Candidate

# A repetition in one of these is planned, or being read before.
WAITING = (PublicationStatus.DRAFT, PublicationStatus.SCHEDULED, PublicationStatus.PUBLISHING)
# Cards on the page at first, and how many more each click brings.
PAGE = 12
# Posts named under each reason; the rest is a number.
NAMED = 8
RECENT = 12
# Reasons that have a list of their own, with an undo.
NEVER = "never"
# A free slot further away than this is not offered.
AHEAD = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Card:
    """A candidate with its first picture and the slot it would take."""

    candidate: Candidate
    picture: MediaAsset | None
    slot: datetime | None


@dataclass(slots=True)
class Group:
    """Posts that may not go out again for the same first reason."""

    code: str
    count: int = 0
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.candidates)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A post that somebody wanted never to see again."""

    said: PostRecycling
    publication: Publication


@dataclass(slots=True)
class Board:
    """`is_cut`: there are more posts than were looked at in full, so numbers are lower bounds."""

    cards: list[Card]
    eligible: int
    is_cut: bool
    groups: list[Group]
    never: list[SetAside]
    recent: list[RecycledPost]
    waiting: int
    learned: RecyclingLearned
    measured: int

    @property
    def more(self) -> int:
        """Eligible ones that have no card yet."""
        return self.eligible - len(self.cards)

    @property
    def is_empty(self) -> bool:
        return not (self.eligible or self.groups or self.never or self.recent)


def board(
    user: Any, account: Account | None, rule: RecyclingRule | None, shown: int, now: datetime
) -> Board:
    """Everything on the page but the preview. A constant number of queries."""
    from experiments.services.recycling.candidates import LIMIT, candidates

    accounts = [account] if account else None
    found = candidates(user=user, accounts=accounts, rule=rule, now=now)
    eligible = sorted(
        (one for one in found if one.eligible), key=lambda one: (-one.score, -one.raw)
    )
    repeated = RecycledPost.objects.visible_to(user)
    if account is not None:
        repeated = repeated.filter(account=account)
    if rule is not None:
        repeated = repeated.filter(rule=rule)
    return Board(
        cards=cards(eligible[:shown], now),
        eligible=len(eligible),
        is_cut=len(found) >= LIMIT,
        groups=_groups([one for one in found if not one.eligible]),
        never=_never(user, account),
        recent=list(_recent(repeated)),
        waiting=repeated.filter(publication__status__in=WAITING).count(),
        learned=RecyclingLearned.get(),
        measured=RecycledPost.objects.filter(measured_at__isnull=False).count(),
    )


def counts_by_impressions(accounts: set[int]) -> dict[int, bool]:
    """Account id → are its posts compared per impression? Else its network reports none."""
    rows = (
        PublicationStats.objects.filter(account__in=accounts, engagements__isnull=False)
        .values("account")
        .order_by("account")
        .annotate(counted=Count("pk"), shown=Count("pk", filter=Q(impressions__gt=0)))
    )
    known = {row["account"]: row["shown"] * 2 >= row["counted"] for row in rows}
    return {pk: known.get(pk, False) for pk in accounts}


def cards(found: Sequence[Candidate], now: datetime) -> list[Card]:
    """With the first picture of each and the next free slot of its account."""
    pictures = _pictures([one.post.pk for one in found])
    slots = next_slots({one.account.pk for one in found}, now)
    return [Card(one, pictures.get(one.post.pk), slots.get(one.account.pk)) for one in found]


def _pictures(posts: list[int]) -> dict[int, MediaAsset]:
    rows = PostMedia.objects.filter(post__in=posts).select_related("media")
    return {row.post_id: row.media for row in rows.order_by("-position")}


def next_slots(accounts: set[int], now: datetime) -> dict[int, datetime]:
    """The next free slot of each account that has one."""
    rows = Account.objects.filter(pk__in=accounts, status=AccountStatus.ACTIVE)
    free = queue.free_slots_of(
        list(rows.prefetch_related("slots")), now + timedelta(minutes=1), now + AHEAD
    )
    return {pk: times[0] for pk, times in free.items() if times}


def _groups(found: list[Candidate]) -> list[Group]:
    """By first reason, the largest first."""
    groups: dict[str, Group] = {}
    for one in found:
        codes = [reason.code for reason in one.reasons]
        if NEVER in codes:
            continue
        group = groups.setdefault(codes[0], Group(codes[0]))
        group.count += 1
        if len(group.candidates) < NAMED:
            group.candidates.append(one)
    return sorted(groups.values(), key=lambda group: (-group.count, group.code))


def _never(user: Any, account: Account | None) -> list[SetAside]:
    out = Publication.objects.visible_to(user).filter(
        status=PublicationStatus.PUBLISHED, parent__isnull=True
    )
    if account is not None:
        out = out.filter(account=account)
    rows = (
        PostRecycling.objects.filter(never_at__isnull=False, post__in=out.values("post"))
        .select_related("post", "never_by")
        .prefetch_related(
            Prefetch(
                "post__publications",
                out.select_related("account").order_by("published_at"),
                to_attr="seen_out",
            )
        )
        .order_by("-never_at")
    )
    return [SetAside(row, row.post.seen_out[0]) for row in rows]


def _recent(rows: Any) -> Any:
    return rows.select_related(
        "account",
        "rule",
        "made_by",
        "post",
        "publication__post",
        "publication__account",
        "publication__parent",
    ).order_by("-created_at", "-pk")[:RECENT]
