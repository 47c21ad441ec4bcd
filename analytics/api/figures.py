"""Figures as JSON. Missing is None, never 0; moments are in the zone of the days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.dates import WEEKDAYS

from analytics.api.asking import Asked
from analytics.definitions import EXPLAINED, LABELS
from analytics.queries import unmeasured
from analytics.queries.accounts import Overview
from analytics.queries.dashboard import SERIES, Dashboard, Happened, State, every_day
from analytics.queries.filters import Filters
from analytics.queries.posts import TopPost
from analytics.queries.sources import Sums
from analytics.rollup_specs import MEASURED

if TYPE_CHECKING:
    from analytics.best_times import Slot


def frame(asked: Asked) -> dict[str, Any]:
    """What every answer says about itself."""
    return {
        **period(asked.filters),
        "timezone": asked.state.zone.key,
        "measured_at": moment(asked.state.measured_at, asked.state),
        "data_version": asked.state.version,
        "is_rebuilding": asked.state.is_rebuilding,
    }


def listed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A list as everywhere in the API, on one page."""
    return {"count": len(rows), "next": None, "previous": None, "results": rows}


def period(filters: Filters) -> dict[str, date]:
    return {"from": filters.first, "to": filters.last}


def moment(at: datetime | None, state: State) -> datetime | None:
    return None if at is None else at.astimezone(state.zone)


def sums(found: Sums) -> dict[str, Any]:
    """Lifetime sums of some publications."""
    return {
        "posts": found.posts,
        "publications": found.publications,
        **{name: found.metrics[name] for name in MEASURED},
        "avg_engagement_rate": found.avg_engagement_rate,
    }


def dashboard(asked: Asked, data: Dashboard) -> dict[str, Any]:
    """All of /dashboard/."""
    totals = data.totals
    return {
        "period_days": asked.filters.days,
        **frame(asked),
        "total_posts": totals.posts,
        "total_publications": totals.publications,
        **{f"total_{name}": totals.metrics[name] for name in MEASURED},
        "avg_engagement_rate": totals.avg_engagement_rate,
        "platform_breakdown": {name: sums(one) for name, one in data.platforms.items()},
        "content_breakdown": {name: sums(one) for name, one in data.content_types.items()},
        # The count the ETag was made with: comments move without the figures.
        "pending_interactions": asked.state.also["pending"],
        "happened": data.happened.totals,
        "changes": data.changes,
        "compared_with": period(asked.filters.before),
        "heatmap": [asdict(cell) for cell in data.heatmap],
        "definitions": definitions(),
    }


def definitions() -> dict[str, dict[str, str]]:
    return {
        name: {"label": str(label), "explanation": str(EXPLAINED.get(name, ""))}
        for name, label in LABELS.items()
    }


def published_days(days: list[tuple[date, Sums]]) -> list[dict[str, Any]]:
    """Lifetime numbers of what was published on each day."""
    return [
        {
            "date": day,
            "publications": found.publications,
            **{name: found.metrics[name] for name in SERIES},
            "avg_engagement_rate": found.avg_engagement_rate,
        }
        for day, found in days
    ]


def happened_days(asked: Asked, found: Happened) -> list[dict[str, Any]]:
    """What happened on each day; nothing is known of days to come, nor by campaign."""
    known: Mapping[date, Mapping[str, int | None]] = dict(found.days)
    nothing: Mapping[str, int | None] = dict.fromkeys(MEASURED)
    return [
        {"date": day, **(known.get(day, nothing) if day <= asked.today else nothing)}
        for day in every_day(asked.filters)
    ]


def top_post(row: TopPost, platforms: list[str], asked: Asked) -> dict[str, Any]:
    """One publication in a ranking; `platforms` are those of its post."""
    return {
        "id": row.post,
        "publication": row.publication,
        "account": row.account,
        "handle": row.handle,
        "platform": row.platform,
        "platforms": platforms,
        "content": row.text,
        "content_type": row.content_type,
        "published_at": moment(row.published_at, asked.state),
        **row.metrics,
        "not_measured": unmeasured.code(row.skipped_at),
        "permalink": row.permalink,
        "media": row.picture,
    }


def account(found: Overview, state: State) -> dict[str, Any]:
    """What one account published in the period, and its audience."""
    row, sums, audience = found.account, found.sums, found.audience
    return {
        "id": row.pk,
        "handle": row.handle,
        "platform": row.platform,
        "status": row.status,
        "publications": sums.publications,
        **{name: sums.metrics[name] for name in MEASURED},
        "avg_engagement_rate": sums.avg_engagement_rate,
        "followers": audience.latest if audience else None,
        "followers_before": audience.before if audience else None,
        "followers_before_day": audience.before_day if audience else None,
        "followers_change": audience.change if audience else None,
        "followers_measured_at": moment(audience.measured_at, state) if audience else None,
        "measured_at": moment(found.measured_at, state),
    }


def slot(found: Slot) -> dict[str, Any]:
    """One hour of the week. The interval is in the unit of whichever of both figures there is."""
    is_rate = found.basis == "rate"
    return {
        "day": found.weekday,
        "day_name": str(WEEKDAYS[found.weekday]),
        "hour": found.hour,
        "hour_formatted": f"{found.hour:02}:00",
        "avg_engagement_rate": found.rate if is_rate else None,
        "engagements_per_post": None if is_rate else found.rate,
        "low": found.low,
        "high": found.high,
        "p_top5": found.p_top5,
        "sample_size": found.n,
        "badge": found.badge,
        "level": found.level,
        "lift": found.lift,
    }
