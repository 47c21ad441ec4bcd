"""The product's dashboard in the shape of `loop.answer`."""

from __future__ import annotations

from datetime import date
from typing import Any

from analytics.queries import dashboard
from analytics.queries.filters import Filters
from analytics.queries.posts import MINIMUM
from analytics.queries.sources import Sums
from bench.analytics import loop

__all__ = ["MINIMUM", "answer", "read"]


def read(first: date, last: date, platform: str = "") -> dashboard.Dashboard:
    """Everything one look at the dashboard needs, with what happened and the period before."""
    return dashboard.load(Filters(first, last, platform=platform))


def answer(first: date, last: date, platform: str = "") -> dict[str, Any]:
    found = read(first, last, platform)
    return {
        "totals": _sums(found.totals, loop.SUMMED),
        "platforms": {key: _sums(one, loop.GROUPED) for key, one in found.platforms.items()},
        "content_types": {
            key: _sums(one, loop.GROUPED) for key, one in found.content_types.items()
        },
        "days": {
            day: {**_sums(one, loop.GROUPED), "posts": None}
            for day, one in found.published
            if one.publications
        },
        "hours": {
            (cell.weekday, cell.hour): {
                "impressions": cell.impressions,
                "engagements": cell.engagements,
                "publications": cell.publications,
                "posts": None,
                "rate": cell.rate,
            }
            for cell in found.heatmap
        },
        "top": [(row.publication, row.metrics["engagement_rate"]) for row in found.top.rows],
    }


def _sums(one: Sums, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        **{name: one.metrics[name] for name in names},
        "publications": one.publications,
        "posts": one.posts,
        "rate": one.avg_engagement_rate,
    }
