"""Numbers of single publications, for pages and API."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from analytics.definitions import EXPLAINED, LABELS
from analytics.models import PostMetrics, PublicationStats
from analytics.queries import unmeasured
from socialhub.models import Publication
from socialhub.platforms.base import COUNTERS

FIGURES = (*COUNTERS, "engagements", "engagement_rate")
# In the order a person reads them; sub-counts follow what they are part of.
SHOWN = (
    "impressions",
    "reach",
    "engagements",
    "engagement_rate",
    "likes",
    "comments",
    "replies",
    "shares",
    "quotes",
    "saves",
    "clicks",
)
# Readings listed on a publication's page.
RECENT = 20


def latest_for(publication_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Latest figures per publication id, with `measured_at`, `gone_at`, `not_measured`; one query.

    None in a counter = not reported. `not_measured` says why the last reading was left out.
    Publications without an answer yet are absent, unless that is why.
    """
    rows = PublicationStats.objects.filter(pk__in=list(publication_ids))
    answered = rows.exclude(metrics_at=None, gone_at=None, skipped_at=None)
    return {
        row["pk"]: {
            **{name: row[name] for name in FIGURES},
            "measured_at": row["metrics_at"],
            "gone_at": row["gone_at"],
            "not_measured": unmeasured.code(row["skipped_at"]),
        }
        for row in answered.values("pk", *FIGURES, "metrics_at", "gone_at", "skipped_at")
    }


@dataclass(frozen=True, slots=True)
class Panel:
    """Numbers of one publication: `figures` are (name, label, value, explanation)."""

    stats: PublicationStats | None
    # Why the last reading was left out; "" when it was not.
    not_measured: str
    figures: list[tuple[str, Any, Any, Any]]
    # Labels of the counters that were ever reported, and (reading, their values), newest first.
    columns: list[Any]
    readings: list[tuple[PostMetrics, list[tuple[Any, int | None]]]]
    more: bool


def panel(publication: Publication) -> Panel:
    """Two queries."""
    stats = PublicationStats.objects.filter(pk=publication.pk).first()
    rows = PostMetrics.objects.filter(publication=publication).order_by("-collected_at")
    found = list(rows[: RECENT + 1])
    recent = found[:RECENT]
    names = [n for n in SHOWN if n in COUNTERS and any(getattr(r, n) is not None for r in recent)]
    labels = [LABELS[name] for name in names]
    return Panel(
        stats=stats,
        not_measured=unmeasured.sentence(publication.account, stats.skipped_at) if stats else "",
        figures=[
            (name, LABELS[name], getattr(stats, name), EXPLAINED.get(name, "")) for name in SHOWN
        ]
        if stats
        else [],
        columns=labels,
        readings=[
            (row, [(label, getattr(row, name)) for label, name in zip(labels, names, strict=True)])
            for row in recent
        ],
        more=len(found) > RECENT,
    )
