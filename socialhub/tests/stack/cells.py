"""Cells of the fault matrix: what was sent where, and what became of it, in words.

The words come from the rows and from the network's own list, never from what was armed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils import timezone

from socialhub.models import (
    Account,
    FollowsAs,
    MediaAsset,
    Outcome,
    PostMedia,
    PostStatus,
    Publication,
    PublicationStatus,
)
from socialhub.services import drafts
from socialhub.tests.factories import PostFactory, PublicationFactory
from socialhub.tests.stack.networks import Network

PARTS = 5
# Every outcome there is, with what it means; the page lists them.
MEANINGS = {
    "sent": "sent once; the fault never reached the network, or did not matter",
    "found": "it was out; a look at the network found it, and it was not sent again",
    "sent again": "it was not out; looks at the network showed that, and it was sent again",
    "waited": "the network refused it for now; sent once, not before the moment it had named",
    "asked": "the network cannot be asked, so a person is asked; never sent again by itself",
    "stopped": "refused for good; the parts after it wait, and the row says why",
}
BAD = "WRONG"


@dataclass
class Cell:
    """One post, or one series, that meets one fault."""

    network: Network
    fault: str
    rows: list[Publication]
    # The part that meets it, 0 for a post of its own.
    part: int = 0
    # Seconds the row was told to wait, once it was.
    waited: float | None = None

    @property
    def hit(self) -> Publication:
        return self.rows[max(self.part, 1) - 1]

    def fresh(self) -> list[Publication]:
        """The rows as they stand in the database now."""
        found = Publication.objects.filter(pk__in=[row.pk for row in self.rows])
        return list(found.select_related("post", "account").order_by("pk"))

    def copies(self, row: Publication) -> list[dict[str, Any]]:
        """What the network itself has of a row."""
        word = word_of(row)
        return [post for post in self.network.truth(row.account) if word in post["text"]]


def word_of(row: Publication) -> str:
    """The one word only this row's text has."""
    return row.post.text.split()[-1]


def single(
    network: Network, fault: str, picture: MediaAsset, account: Account | None = None
) -> Cell:
    """One post due now on an account of its own."""
    own = account or network.account()
    return Cell(network, fault, [_row(own, f"{plain(fault)}end", picture)])


def series(network: Network, fault: str, part: int, picture: MediaAsset) -> Cell:
    """A series due now, hanging together as this network can, that meets a fault at one part."""
    account = network.account()
    rows: list[Publication] = []
    for n in range(1, PARTS + 1):
        above = {}
        if rows:
            how = follows_as(account)
            above = {"parent": rows[-1], "root": rows[0], "pace_seconds": 0, "follows_as": how}
        word = f"{plain(fault)}at{part}n{n}end"
        rows.append(_row(account, word, picture if n == 1 else None, **above))
    return Cell(network, fault, rows, part)


def plain(fault: str) -> str:
    """Letters and digits only: readable in every encoding of a body."""
    return fault.replace("_", "").replace(" ", "")


def follows_as(account: Account) -> FollowsAs:
    """How the parts hang together: replies, else own comments, else numbered posts."""
    caps = account.adapter.capabilities_for(account.options)
    if caps.threads:
        return FollowsAs.REPLY
    return FollowsAs.COMMENT if "comments" in caps.thread_substitutes else FollowsAs.ALONE


def _row(account: Account, text: str, picture: MediaAsset | None, **more: Any) -> Publication:
    post = PostFactory(text=text)
    needs = account.adapter.capabilities.requires_media
    if (picture is not None) and (needs or "parent" in more):
        PostMedia.objects.create(post=post, media=picture, position=1)
    post.content_hash = post.approved_hash = drafts.content_hash(post)
    post.status = PostStatus.APPROVED
    post.save()
    return PublicationFactory(post=post, account=account, due_at=timezone.now(), **more)


# -- what became of it -------------------------------------------------------------------


def is_settled(row: Publication) -> bool:
    """Nothing more happens to it without a person."""
    if row.status == PublicationStatus.UNKNOWN:
        return row.needs_person
    return row.status in (PublicationStatus.PUBLISHED, PublicationStatus.FAILED)


def was_unknown(row: Publication) -> bool:
    return row.events.filter(code="unknown").exists()


def needed_a_person(row: Publication) -> bool:
    return row.events.filter(code="ask").exists()


def verdict(cell: Cell) -> str:
    """What became of the row that met the fault; starts with WRONG when it should not be so."""
    wrong = list(_wrong(cell))
    if wrong:
        return f"{BAD}: {'; '.join(wrong)}"
    (row,) = [row for row in cell.fresh() if row.pk == cell.hit.pk]
    if needed_a_person(row):
        return "asked"
    if row.status == PublicationStatus.FAILED:
        return "stopped"
    if cell.waited is not None:
        return "waited"
    if was_unknown(row):
        return "sent again" if _went_out_again(row) else "found"
    return "sent"


def _went_out_again(row: Publication) -> bool:
    """Attempts whose request left; one that the guard held back sent nothing."""
    return row.attempts.exclude(outcome=Outcome.NOT_SENT).count() > 1


def _wrong(cell: Cell) -> Iterable[str]:
    """Every claim of a row that its network does not bear out."""
    rows = cell.fresh()
    stopped = False
    for n, row in enumerate(rows, 1):
        ids = [copy["id"] for copy in cell.copies(row)]
        here = f"part {n}: " if len(rows) > 1 else ""
        if len(ids) > 1:
            yield f"{here}{len(ids)} copies"
        elif row.status == PublicationStatus.PUBLISHED:
            if not ids:
                yield f"{here}lost"
            elif row.remote_id not in ids and not row.events.filter(code="confirmed").exists():
                yield f"{here}another id"
        elif row.status == PublicationStatus.FAILED:
            stopped = True
            if ids:
                yield f"{here}called failed and is out"
        elif row.status == PublicationStatus.SCHEDULED and stopped:
            if ids:
                yield f"{here}out past a gap"
        elif not (row.status == PublicationStatus.UNKNOWN and row.needs_person):
            yield f"{here}still {row.status}"
    yield from _misplaced(cell, rows)


def _misplaced(cell: Cell, rows: list[Publication]) -> Iterable[str]:
    """Parts that are out, but under the wrong post or out of their order."""
    if len(rows) == 1:
        return
    # Oldest first.
    listed = cell.network.truth(rows[0].account)
    found = {word_of(row): post for row in rows for post in listed if word_of(row) in post["text"]}
    order = [post["id"] for post in listed if post in found.values()]
    if order != [post["id"] for post in found.values()]:
        yield "out of order"
    for above, row in pairwise(rows):
        post = found.get(word_of(row))
        if post is None:
            continue
        wanted = {FollowsAs.REPLY: above, FollowsAs.COMMENT: rows[0]}.get(FollowsAs(row.follows_as))
        expected = found.get(word_of(wanted), {}).get("id") if wanted else None
        if (post["parent_id"] or None) != expected:
            yield f"{word_of(row)} under {post['parent_id']}, not {expected}"
