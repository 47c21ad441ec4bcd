"""The best and the worst publications of a period."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from analytics import sql
from analytics.models import PublicationStats
from analytics.queries import sources
from analytics.queries.filters import Filters
from analytics.rollup_specs import STATS
from socialhub.platforms.base import COUNTERS

BY = ("engagement_rate", "engagements")
# A handful of views makes any rate: below this a rate says nothing. Shown beside the list.
MINIMUM = 100
MOST = 100
# Publications that are sorted in less time than it takes to plan how to find the best of them.
FEW = 2_000
SHOWN = (*COUNTERS, "engagements", "engagement_rate")
# A thumbnail is the first picture of a post.
PICTURE = (
    "SELECT m.media_id FROM socialhub_postmedia m WHERE m.post_id = f.post_id"
    " ORDER BY m.position LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class TopPost:
    """One publication and its lifetime numbers."""

    post: int
    publication: int
    account: int
    handle: str
    platform: str
    content_type: str
    text: str
    permalink: str
    published_at: datetime
    # Id of the first picture's media asset.
    picture: int | None
    metrics: dict[str, Any]
    # When the last reading was left out, None when it was not; the account's monthly cap.
    skipped_at: datetime | None
    cap: Decimal | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Publications in order. `minimum` is the least impressions asked for, 0 for none."""

    by: str
    minimum: int
    rows: list[TopPost]


def ranking(
    filters: Filters,
    *,
    by: str = "engagement_rate",
    limit: int = 10,
    minimum: int | None = None,
    worst: bool = False,
    publications: int | None = None,
) -> Ranking:
    """Publications of the period by their lifetime rate or engagements. One query.

    What does not report the figure is left out, and with the rate whatever was seen fewer than
    `minimum` times (MINIMUM when None); engagements need no minimum. `publications` is how many
    there are in the period, where that is known.
    """
    minimum = _minimum(by, minimum)
    chosen, params = _chosen(filters, by, min(limit, MOST), minimum, worst=worst)
    direction = "ASC" if worst else "DESC"
    order = f"f.{by} {direction}, f.publication_id {direction}"
    few = publications is not None and publications <= FEW and filters.days <= sources.SHORT
    rows = _read(chosen, params, order, few=few)
    return Ranking(by, minimum, [_top(row) for row in rows])


def ends(filters: Filters, *, by: str, best: int, worst: int) -> tuple[Ranking, list[TopPost]]:
    """`ranking` of the best, and the worst that are not among them, last one first. One query."""
    minimum = _minimum(by, None)
    top, params = _chosen(filters, by, best, minimum, worst=False)
    # Where there are few, the worst are the best too.
    last, more = _chosen(filters, by, best + worst, minimum, worst=True)
    order = f"f.{by} DESC, f.publication_id DESC"
    found = _read(f"{top} UNION {last}", [*params, *more], order)
    rows = [_top(row) for row in found]
    return Ranking(by, minimum, rows[:best]), rows[best:][: -worst - 1 : -1]


def _minimum(by: str, given: int | None) -> int:
    if by not in BY:
        raise ValueError(f"cannot rank by {by!r}")
    if given is not None:
        return given
    return MINIMUM if by == "engagement_rate" else 0


def _chosen(
    filters: Filters, by: str, limit: int, minimum: int, *, worst: bool
) -> tuple[str, list[Any]]:
    """SELECT of the rows themselves, with its parameters."""
    # SQLite would sort every row of a long period instead of walking the index of the rates.
    source = sources.facts(filters, by_day=filters.days <= sources.SHORT or sql.is_postgres())
    direction = "ASC" if worst else "DESC"
    clauses = [source.where, f"f.{by} IS NOT NULL"]
    params = list(source.params)
    if minimum:
        clauses.append("f.impressions >= %s")
        params.append(minimum)
    chosen = (
        f"SELECT * FROM (SELECT * FROM {STATS} f WHERE {' AND '.join(clauses)}"
        f" ORDER BY f.{by} {direction}, f.publication_id {direction} LIMIT %s) {direction.lower()}_"
    )
    return chosen, [*params, limit]


def _read(
    chosen: str, params: Sequence[Any], order: str, *, few: bool = False
) -> list[sources.Row]:
    """The chosen rows with what is shown of their posts.

    Which index is the shorter way depends on how many a week holds: the plan is kept for `few`.
    """
    columns = ", ".join(f"f.{name}" for name in SHOWN)
    return sources.fetch(
        f"SELECT f.post_id, f.publication_id, f.account_id, a.handle, f.platform, f.content_type,"
        f" CASE WHEN p.text_override = '' THEN o.text ELSE p.text_override END AS text,"
        f" p.permalink, f.published_at, ({PICTURE}) AS picture,"
        f" f.skipped_at, a.monthly_cap_usd AS cap, {columns}"
        f" FROM ({chosen}) f"
        " JOIN socialhub_publication p ON p.id = f.publication_id"
        " JOIN socialhub_post o ON o.id = f.post_id"
        " JOIN socialhub_account a ON a.id = f.account_id"
        f" ORDER BY {order}",
        params,
        short=few,
    )


def platforms(post_ids: Iterable[int], granted: Collection[int] | None) -> dict[int, list[str]]:
    """The networks each post was published on, as far as `granted` accounts show. One query."""
    rows = PublicationStats.objects.filter(post__in=list(post_ids))
    if granted is not None:
        rows = rows.filter(account__in=granted)
    found: dict[int, list[str]] = {}
    for post, platform in rows.order_by("platform").values_list("post", "platform").distinct():
        found.setdefault(post, []).append(platform)
    return found


def _top(row: sources.Row) -> TopPost:
    published_at = sql.loaded(row["published_at"])
    assert published_at is not None  # the column takes no NULL
    return TopPost(
        post=row["post_id"],
        publication=row["publication_id"],
        account=row["account_id"],
        handle=row["handle"],
        platform=row["platform"],
        content_type=row["content_type"],
        text=row["text"],
        permalink=row["permalink"],
        published_at=published_at,
        picture=row["picture"],
        metrics={name: row[name] for name in SHOWN},
        skipped_at=sql.loaded(row["skipped_at"]),
        # SQLite has no decimal numbers.
        cap=None if row["cap"] is None else round(Decimal(str(row["cap"])), 2),
    )
