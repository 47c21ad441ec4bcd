"""The dashboard's figures, each read once: seven queries together.

The reads are beside this module, by what they are about; from here they can be called by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.queries import sources
from analytics.queries.comments import Comment, Pending, pending, waiting
from analytics.queries.counts import PostCounts
from analytics.queries.filters import Filters
from analytics.queries.happened import Happened, change, happened
from analytics.queries.hours import Cell, heatmap
from analytics.queries.posts import Ranking, ranking
from analytics.queries.published import (
    SERIES,
    by_account,
    by_campaign,
    by_content_type,
    by_platform,
    every_day,
    grouped,
    post_counts,
    published,
    read,
    totals,
)
from analytics.queries.sources import Sums
from analytics.queries.state import State, current_state
from analytics.rollup_specs import MEASURED

TOP = 10


@dataclass(slots=True)
class Dashboard:
    """Everything one look at the dashboard needs."""

    filters: Filters
    state: State
    totals: Sums
    posts_before: int
    publications_before: int
    platforms: dict[str, Sums]
    content_types: dict[str, Sums]
    published: list[tuple[date, Sums]]
    happened: Happened
    heatmap: list[Cell]
    top: Ranking
    pending: Pending

    @property
    def changes(self) -> dict[str, float | None]:
        """Percent against the period before; None = not enough data to compare."""
        found = {
            "posts": change(self.totals.posts, self.posts_before),
            "publications": change(self.totals.publications, self.publications_before),
        }
        before = self.happened.before or {}
        for name in MEASURED:
            found[name] = change(self.happened.totals.get(name), before.get(name))
        return found


def load(
    filters: Filters,
    user: Any = None,
    *,
    by: str = "engagement_rate",
    limit: int = TOP,
    minimum: int | None = None,
    worst: bool = False,
    state: State | None = None,
) -> Dashboard:
    """All panels. `user` limits the pending comments, None counts everybody's."""
    state = state or current_state(filters)
    found = read(filters, state)
    whole = sources.total(found.cells, posts=found.posts.total)
    order: dict[str, Any] = {"by": by, "limit": limit, "minimum": minimum, "worst": worst}
    return Dashboard(
        filters=filters,
        state=state,
        totals=whole,
        posts_before=found.posts.before,
        publications_before=found.posts.publications_before,
        platforms=grouped(found.cells, "platform", found.posts.platforms),
        content_types=grouped(found.cells, "content_type", found.posts.content_types),
        published=found.days,
        happened=happened(filters, state),
        heatmap=heatmap(filters, state),
        top=ranking(filters, **order, publications=whole.publications),
        pending=pending(filters, user),
    )


__all__ = [
    "SERIES",
    "Cell",
    "Comment",
    "Dashboard",
    "Happened",
    "Pending",
    "PostCounts",
    "Ranking",
    "State",
    "Sums",
    "by_account",
    "by_campaign",
    "by_content_type",
    "by_platform",
    "change",
    "current_state",
    "every_day",
    "happened",
    "heatmap",
    "load",
    "pending",
    "post_counts",
    "published",
    "totals",
    "waiting",
]
