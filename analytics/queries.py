"""Reads for pages and API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from analytics.models import PublicationStats
from socialhub.platforms.base import COUNTERS

FIGURES = (*COUNTERS, "engagements", "engagement_rate")


def latest_for(publication_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Latest figures per publication id, with `measured_at` and `gone_at`; one query.

    None in a counter = not reported. Publications without an answer yet are absent.
    """
    rows = PublicationStats.objects.filter(pk__in=list(publication_ids))
    answered = rows.exclude(metrics_at=None, gone_at=None)
    return {
        row["pk"]: {
            **{name: row[name] for name in FIGURES},
            "measured_at": row["metrics_at"],
            "gone_at": row["gone_at"],
        }
        for row in answered.values("pk", *FIGURES, "metrics_at", "gone_at")
    }
