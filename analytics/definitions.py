"""What the figures mean. One place for the database, the screens and the API.

Missing is NULL: a counter the network does not report is not zero.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import BigIntegerField, Case, F, FloatField, Q, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from socialhub.platforms.base import COUNTERS

ENGAGING = ("likes", "comments", "shares", "saves")
# The largest number each column takes; snapshots keep 4 bytes where that is plenty.
WIDE = ("impressions", "reach")
MOST = {name: 2**63 - 1 if name in WIDE else 2**31 - 1 for name in COUNTERS}

LABELS = {
    "likes": _("Likes"),
    "comments": _("Comments"),
    "shares": _("Shares"),
    "impressions": _("Impressions"),
    "reach": _("Reach"),
    "saves": _("Saves"),
    "clicks": _("Clicks"),
    "replies": _("Replies"),
    "quotes": _("Quotes"),
    "engagements": _("Engagements"),
    "engagement_rate": _("Engagement rate"),
}
EXPLAINED = {
    "comments": _("Replies included; the next parts of our own series are not counted."),
    "shares": _("Reposts and quotes."),
    "replies": _("Part of the comments."),
    "quotes": _("Part of the shares."),
    "engagements": _(
        "Likes, comments, shares and saves, as far as the network reports them. "
        "Clicks are counted apart."
    ),
    "engagement_rate": _("100 × engagements ÷ impressions; none without impressions."),
}


def engagements_expression() -> Case:
    """SQL: sum of the reported parts; NULL when none is reported."""
    none_reported = Q(**{f"{name}__isnull": True for name in ENGAGING})
    total = sum(
        (Coalesce(F(name), Value(0)) for name in ENGAGING[1:]), Coalesce(F(ENGAGING[0]), Value(0))
    )
    return Case(
        When(none_reported, then=Value(None)), default=total, output_field=BigIntegerField()
    )


def engagements_sql(column: str) -> str:
    """The same as text; `column` has a place for the name of a counter, like "m.{}"."""
    parts = [column.format(name) for name in ENGAGING]
    total = " + ".join(f"COALESCE({part}, 0)" for part in parts)
    return f"(CASE WHEN COALESCE({', '.join(parts)}) IS NULL THEN NULL ELSE {total} END)"


def engagement_rate_expression() -> Case:
    """SQL: percent of impressions; NULL without engagements or impressions."""
    rate = (
        Value(100.0)
        * Cast(engagements_expression(), FloatField())
        / NullIf(F("impressions"), Value(0))
    )
    return Cast(rate, FloatField())


def engagements(counters: Mapping[str, int | None]) -> int | None:
    """The same in Python, for snapshots."""
    reported = [value for name in ENGAGING if (value := counters.get(name)) is not None]
    return sum(reported) if reported else None


def engagement_rate(counters: Mapping[str, int | None]) -> float | None:
    """The same in Python, for snapshots."""
    engaged, impressions = engagements(counters), counters.get("impressions")
    if engaged is None or not impressions:
        return None
    return 100.0 * engaged / impressions
