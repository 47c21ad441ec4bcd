"""Comments that wait for an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from analytics import sql
from analytics.queries import sources
from analytics.queries.filters import Filters
from socialhub.models import Interaction
from socialhub.models.accounts import granted_account_ids
from socialhub.models.interactions import InteractionQuerySet

PENDING = 5


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that waits for an answer."""

    pk: int
    platform: str
    author_handle: str
    text: str
    created_at: datetime


@dataclass(slots=True)
class Pending:
    """Comments waiting for an answer, the oldest first; not narrowed by the period."""

    count: int
    rows: list[Comment] = field(default_factory=list)


def pending(filters: Filters, user: Any = None) -> Pending:
    """Comments neither answered nor archived, of every time; the oldest of them. One query."""
    clauses, params = ["i.answered_at IS NULL AND i.archived_at IS NULL"], []
    granted = None if user is None else granted_account_ids(user)
    for accounts in (filters.accounts, granted):
        if accounts is not None:
            # No account has the id 0.
            clauses.append(f"i.account_id IN ({', '.join(['%s'] * (len(accounts) or 1))})")
            params += accounts or (0,)
    post = (
        "i.publication_id IN (SELECT p.id FROM socialhub_publication p"
        " JOIN socialhub_post o ON o.id = p.post_id WHERE o.{} = %s)"
    )
    for clause, value in (
        ("a.platform = %s", filters.platform or None),
        (post.format("campaign_id"), filters.campaign),
        (post.format("content_type"), filters.content_type or None),
    ):
        if value is not None:
            clauses.append(clause)
            params.append(value)
    rows = sources.fetch(
        "SELECT i.id, i.author_handle, i.text, i.created_at, a.platform,"
        " COUNT(*) OVER () AS waiting"
        " FROM socialhub_interaction i JOIN socialhub_account a ON a.id = i.account_id"
        f" WHERE {' AND '.join(clauses)} ORDER BY i.created_at, i.id LIMIT {PENDING}",
        params,
        # Those that wait have an index of their own.
        short=True,
    )
    return Pending(rows[0]["waiting"] if rows else 0, [_comment(row) for row in rows])


def _comment(row: sources.Row) -> Comment:
    at = sql.loaded(row["created_at"])
    assert at is not None  # the column takes no NULL
    return Comment(row["id"], row["platform"], row["author_handle"], row["text"], at)


def waiting(filters: Filters, user: Any = None) -> InteractionQuerySet:
    """The comments that `pending` counts."""
    rows = Interaction.objects.waiting()
    if user is not None:
        rows = rows.visible_to(user)
    if filters.accounts is not None:
        rows = rows.filter(account__in=filters.accounts)
    if filters.platform:
        rows = rows.filter(account__platform=filters.platform)
    if filters.campaign is not None:
        rows = rows.filter(publication__post__campaign=filters.campaign)
    if filters.content_type:
        rows = rows.filter(publication__post__content_type=filters.content_type)
    return rows
