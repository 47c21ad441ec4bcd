"""The figures once more, by going through every row: slow, plain, and made apart from the SQL."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from zoneinfo import ZoneInfo

from analytics.models import ActivityDay, PostMetrics, PublicationStats
from analytics.rollup_specs import MEASURED
from socialhub.platforms.base import COUNTERS

PARTS = ("likes", "comments", "shares", "saves")


def chosen(filters, zone: ZoneInfo) -> list[PublicationStats]:
    """Rows the filters mean, on the days of the zone."""
    rows = PublicationStats.objects.filter(is_reply=False).select_related("post")
    return [
        row
        for row in rows
        if filters.first <= row.published_at.astimezone(zone).date() <= filters.last
        and filters.platform in ("", row.platform)
        and filters.content_type in ("", row.content_type)
        and filters.account in (None, row.account_id)
        and (filters.granted is None or row.account_id in filters.granted)
        and filters.campaign in (None, row.post.campaign_id)
    ]


def engagements(row: Any) -> int | None:
    parts = [value for name in PARTS if (value := getattr(row, name)) is not None]
    return sum(parts) if parts else None


def values(row: Any) -> dict[str, int | None]:
    return {**{name: getattr(row, name) for name in COUNTERS}, "engagements": engagements(row)}


def sums(rows: list[PublicationStats]) -> dict[str, Any]:
    """Publications, distinct posts, each metric (None = nobody reports it), the average rate."""
    found: dict[str, Any] = {"publications": len(rows), "posts": len({r.post_id for r in rows})}
    for name in MEASURED:
        reported = [v for row in rows if (v := values(row)[name]) is not None]
        found[name] = sum(reported) if reported else None
    both = [(engagements(r), r.impressions) for r in rows]
    both = [(e, i) for e, i in both if e is not None and i is not None]
    seen = sum(i for _e, i in both)
    found["avg_engagement_rate"] = 100.0 * sum(e for e, _i in both) / seen if seen else None
    return found


def grouped(rows: list[PublicationStats], key) -> dict[Any, dict[str, Any]]:
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: sums(some) for name, some in groups.items()}


def activity(zone: ZoneInfo) -> dict[tuple, dict[str, int | None]]:
    """(day, account, type) → how much each counter moved, from the snapshots."""
    found: dict[tuple, dict[str, int | None]] = {}
    before: dict[int, dict[str, int | None]] = {}
    for row in PostMetrics.objects.order_by("publication_id", "collected_at"):
        stats = PublicationStats.objects.get(pk=row.publication_id)
        now, old = values(row), before.get(row.publication_id, dict.fromkeys(MEASURED))
        before[row.publication_id] = now
        if stats.is_reply:
            continue
        day = row.collected_at.astimezone(zone).date()
        cell = found.setdefault(
            (day, stats.account_id, stats.content_type), dict.fromkeys(MEASURED)
        )
        for name in MEASURED:
            if now[name] is not None or old[name] is not None:
                moved = (now[name] or 0) - (old[name] or 0)
                cell[name] = (cell[name] or 0) + moved
    return {key: cell for key, cell in found.items() if any(v is not None for v in cell.values())}


def stored_activity() -> dict[tuple, dict[str, int | None]]:
    """What ActivityDay holds, in the same shape."""
    return {
        (row.local_day, row.account_id, row.content_type): {
            name: getattr(row, name) for name in MEASURED
        }
        for row in ActivityDay.objects.all()
    }
