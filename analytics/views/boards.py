"""Where panels read their figures: all at once, or each for itself."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from analytics.queries import dashboard, posts
from analytics.queries.dashboard import Dashboard, Happened, Pending, State
from analytics.queries.filters import Filters
from analytics.queries.posts import Ranking
from analytics.queries.sources import Sums
from analytics.views.asking import Asked


def load(asked: Asked, user: Any) -> Dashboard:
    """Everything the page shows at first, in eight queries."""
    assert asked.filters is not None
    worst = asked.shown("order") == "worst"
    return dashboard.load(asked.filters, user, by=asked.shown("by"), worst=worst)


def ranking(asked: Asked) -> Ranking:
    assert asked.filters is not None
    worst = asked.shown("order") == "worst"
    return posts.ranking(asked.filters, by=asked.shown("by"), worst=worst)


class Alone:
    """The same figures for a panel by itself: each is read when it is asked for.

    So a table that cannot be read spoils only the panels that need it.
    """

    def __init__(self, asked: Asked, user: Any) -> None:
        assert asked.filters is not None
        self.asked = asked
        self.filters: Filters = asked.filters
        self.user = user

    @cached_property
    def state(self) -> State:
        return dashboard.current_state(self.filters)

    @cached_property
    def totals(self) -> Sums:
        return dashboard.totals(self.filters, self.state)

    @cached_property
    def platforms(self) -> dict[str, Sums]:
        return dashboard.by_platform(self.filters, self.state)

    @cached_property
    def content_types(self) -> dict[str, Sums]:
        return dashboard.by_content_type(self.filters, self.state)

    @cached_property
    def published(self) -> list[Any]:
        return dashboard.published(self.filters, self.state)

    @cached_property
    def happened(self) -> Happened:
        return dashboard.happened(self.filters, self.state)

    @cached_property
    def heatmap(self) -> list[Any]:
        return dashboard.heatmap(self.filters, self.state)

    @cached_property
    def top(self) -> Ranking:
        return ranking(self.asked)

    @cached_property
    def pending(self) -> Pending:
        return dashboard.pending(self.filters, self.user)

    @cached_property
    def changes(self) -> dict[str, float | None]:
        counts = dashboard.post_counts(self.filters, self.state)
        return Dashboard(
            filters=self.filters,
            state=self.state,
            totals=self.totals,
            posts_before=counts.before,
            publications_before=counts.publications_before,
            platforms={},
            content_types={},
            published=[],
            happened=self.happened,
            heatmap=[],
            top=Ranking(self.asked.shown("by"), 0, []),
            pending=Pending(0),
        ).changes
