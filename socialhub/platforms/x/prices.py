"""What X charges, and what a draft or an answer costs by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import twitter_text

from socialhub.platforms.base import Connection, Draft, Prices

# Pay per use since 6 February 2026; the price of a post with a link since 20 April 2026.
PRICES = Prices(
    per={
        "post": Decimal("0.015"),
        "post_with_link": Decimal("0.200"),
        # An answer to somebody who mentioned or quoted us.
        "reply": Decimal("0.010"),
        "delete": Decimal("0.010"),
        "media_metadata": Decimal("0.005"),
        "post_read": Decimal("0.005"),
        # The account's own posts and mentions, where its person owns the developer app too.
        "owned_read": Decimal("0.001"),
        "user_read": Decimal("0.010"),
    },
    as_of=date(2026, 11, 1),
    source="https://docs.x.com/x-api/getting-started/pricing",
)


def charges(draft: Draft) -> Mapping[str, int]:
    """What publishing `draft` is charged as, by kind of `PRICES`."""
    found = {_kind(draft): 1}
    described = sum(1 for file in draft.media if file.alt_text.strip())
    if described:
        found["media_metadata"] = described
    return found


def _kind(draft: Draft) -> str:
    # Bare "example.com" is a link on X. The list does not say what an answer with a link costs:
    # the dearer of the two.
    if twitter_text.extract_urls(draft.text):
        return "post_with_link"
    summoned = draft.parent is not None and bool(draft.parent.data.get("author_id"))
    return "reply" if summoned else "post"


def read_posts(connection: Connection, count: int, *, own: bool = False) -> None:
    """Note that so many posts were read; `own`: of the account's timeline or mentions.

    The lower price holds only where the operator says that the app is theirs ("owned_reads").
    """
    owned = own and bool(connection.options.get("owned_reads"))
    _add(connection, "owned_read" if owned else "post_read", count)


def read_users(connection: Connection, count: int) -> None:
    """Note that so many profiles of others were read."""
    _add(connection, "user_read", count)


def read_own_profile(connection: Connection) -> None:
    """Note that our own profile was read: charged once per UTC day, however often."""
    today = datetime.now(UTC).date().isoformat()
    learned = connection.findings.learned
    if today not in (connection.options.get("profile_read"), learned.get("profile_read")):
        learned["profile_read"] = today
        read_users(connection, 1)


def _add(connection: Connection, kind: str, count: int) -> None:
    charged: dict[str, Any] = connection.findings.charged
    if count:
        charged[kind] = charged.get(kind, 0) + count
