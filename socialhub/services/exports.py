"""Posts and publications as tables. What is exported of a post can be imported again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from socialhub.models import Account, Organisation, Post, PostMedia, Publication, PublicationStatus
from socialhub.services import tables
from socialhub.services.errors import Invalid

FORMATS = ("csv", "xlsx")
CHUNK = 500
# Where accounts and media of one cell are parted, as the import reads it.
SEPARATOR = "; "
POST = (
    "id",
    "status",
    "text",
    "link",
    "accounts",
    "planned_at",
    "language",
    "content_type",
    "campaign",
    "media",
    "evergreen",
    "track_link",
    "author",
    "approved_by",
    "created_at",
)
# Column → where it comes from.
PUBLICATION = {
    "id": "pk",
    "post": "post_id",
    "platform": "account__platform",
    "account": "account__handle",
    "status": "status",
    "text": "text_override",
    "campaign": "post__campaign__name",
    "due_at": "due_at",
    "published_at": "published_at",
    "permalink": "permalink",
    "error_code": "error_code",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Names of columns, and rows that are read while they are written out."""

    names: Sequence[str]
    rows: Iterator[list[Any]]


def own_texts(user: Any, rows: QuerySet[Post]) -> list[Account]:
    """The accounts for which one of these posts has a text of its own."""
    with_text = Publication.objects.visible_to(user).exclude(text_override="")
    ids = with_text.filter(post__in=rows.order_by().values("pk")).values("account_id")
    return list(Account.objects.filter(pk__in=ids))


def posts(user: Any, rows: QuerySet[Post]) -> Table:
    """One row per post; a column "text: account" for each account that has its own."""
    accounts = own_texts(user, rows)
    names = (*POST, *(text_column(account) for account in accounts))
    return Table(names, _post_rows(user, rows, accounts))


def text_column(account: Account) -> str:
    return f"text: {account}"


def _post_rows(user: Any, rows: QuerySet[Post], accounts: list[Account]) -> Iterator[list[Any]]:
    zone = Organisation.get().zone
    found = with_parts(user, rows).select_related("author", "approved_by", "campaign")
    for post in found.iterator(chunk_size=CHUNK):
        values = post_values(post, zone)
        own = texts_of(post)
        yield [*values.values(), *(own.get(account.pk, "") for account in accounts)]


def with_parts(user: Any, rows: QuerySet[Post]) -> QuerySet[Post]:
    """With media, and the publications this person may see."""
    publications = Publication.objects.visible_to(user).select_related("account").order_by("pk")
    return rows.prefetch_related(None).prefetch_related(
        Prefetch("publications", publications),
        Prefetch("post_media", PostMedia.objects.order_by("position")),
    )


def post_values(post: Post, zone: ZoneInfo) -> dict[str, Any]:
    """The cells of a post, in the order of POST."""
    publications = _going(post)
    due = post.planned_at or min((p.due_at for p in publications if p.due_at), default=None)
    return {
        "id": post.pk,
        "status": post.status,
        "text": post.text,
        "link": post.link,
        "accounts": SEPARATOR.join(dict.fromkeys(str(p.account) for p in publications)),
        "planned_at": local(due, zone),
        "language": post.language,
        "content_type": post.content_type,
        "campaign": post.campaign.name if post.campaign else "",
        "media": SEPARATOR.join(f"#{item.media_id}" for item in post.post_media.all()),
        "evergreen": "yes" if post.is_evergreen else "no",
        "track_link": "yes" if post.track_link else "no",
        "author": post.author.username if post.author else "",
        "approved_by": post.approved_by.username if post.approved_by else "",
        "created_at": local(post.created_at, zone),
    }


def texts_of(post: Post) -> dict[int, str]:
    """Account id → its own text, for the publications at hand."""
    return {p.account_id: p.text_override for p in _going(post) if p.text_override}


def _going(post: Post) -> list[Publication]:
    return [p for p in post.publications.all() if p.status != PublicationStatus.CANCELLED]


def publications(rows: QuerySet[Publication]) -> Table:
    """One row per publication."""
    return Table(tuple(PUBLICATION), _publication_rows(rows))


def _publication_rows(rows: QuerySet[Publication]) -> Iterator[list[Any]]:
    zone = Organisation.get().zone
    found = rows.select_related(None).values_list(*PUBLICATION.values(), "post__text")
    text = list(PUBLICATION).index("text")
    for row in found.iterator(chunk_size=CHUNK):
        *cells, post_text = row
        cells[text] = cells[text] or post_text
        yield [local(cell, zone) if isinstance(cell, datetime) else cell for cell in cells]


def local(at: datetime | None, zone: ZoneInfo) -> str:
    """The wall clock of the organisation, with its offset."""
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""


def require_few(count: int, kind: str) -> None:
    """A sheet is built whole before anything is sent."""
    if kind == "xlsx" and count > tables.MOST_IN_SHEET:
        message = _(
            "These are %(found)s rows, a spreadsheet takes %(most)s. Narrow them down, or choose "
            "CSV."
        ) % {"found": count, "most": tables.MOST_IN_SHEET}
        raise Invalid("too_many_rows", message, {"format": [message]})
