"""Where the parts of a series are, account by account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from socialhub.models import IN_FLIGHT, Account, Publication
from socialhub.models import PublicationStatus as S
from threads.models import Mode, ThreadSeries

GONE_OUT = (S.PUBLISHED, *IN_FLIGHT)


@dataclass(frozen=True, slots=True)
class Link:
    """One part on one account."""

    position: int
    publication: Publication

    @property
    def is_out(self) -> bool:
        return self.publication.status == S.PUBLISHED


@dataclass(frozen=True, slots=True)
class Chain:
    """The parts on one account, in their order."""

    account: Account
    mode: str
    links: list[Link]

    @property
    def out(self) -> int:
        return sum(link.is_out for link in self.links)

    @property
    def first_not_out(self) -> Link | None:
        """What the chain waits for; None when everything is out or will never be."""
        waiting = (link for link in self.links if not link.is_out)
        found = next(waiting, None)
        return None if found is None or self.is_over else found

    @property
    def is_over(self) -> bool:
        return all(link.publication.status in (S.PUBLISHED, S.CANCELLED) for link in self.links)


def chains(series: ThreadSeries, user: Any) -> list[Chain]:
    """On the accounts this person sees. Two queries."""
    rows = (
        Publication.objects.visible_to(user)
        .filter(post__thread_part__series=series)
        .for_list()
        .select_related("post__thread_part")
        .order_by("account_id", "post__thread_part__position", "pk")
    )
    modes = dict(series.series_accounts.values_list("account_id", "mode"))
    found: dict[int, dict[int, Link]] = {}
    for row in rows:
        # It left the series before anything of it went out.
        if row.account_id not in modes and row.status == S.CANCELLED:
            continue
        position = row.post.thread_part.position
        # Of a part that was cancelled and made anew it is the new one.
        found.setdefault(row.account_id, {})[position] = Link(position, row)
    return [
        Chain(
            next(iter(links.values())).publication.account,
            modes.get(account, Mode.CHAIN),
            list(links.values()),
        )
        for account, links in found.items()
    ]


def out_parts(series: ThreadSeries) -> set[int]:
    """Ids of the parts that are out, or may be, on any account."""
    rows = Publication.objects.filter(post__thread_part__series=series, status__in=GONE_OUT)
    return set(rows.values_list("post__thread_part", flat=True))


def totals(found: Sequence[Chain]) -> tuple[int, int]:
    """(publications that are out, all of them) on every account together."""
    return sum(chain.out for chain in found), sum(len(chain.links) for chain in found)
