"""The weekly job: fatigue exponent, half-lives and level from what repetitions earned."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from experiments.models import RecycledPost, RecyclingLearned
from socialhub.models import PublicationStatus

DAY = timedelta(days=1)


def learn(now: datetime) -> dict[str, Any]:
    """Write what was learned. With fewer than 50 measured repetitions: how many are missing.

    From 10 on the level of the predictions is learned.
    """
    from experiments.recycling import learning
    from experiments.services.recycling import rating

    seen = _repetitions()
    answer: dict[str, Any] = {"showings": len(seen), "needed": learning.NEEDED}
    found = learning.fit(seen, rating.learned())
    if len(seen) < learning.NEEDED:
        RecyclingLearned.get()
        RecyclingLearned.objects.filter(pk=1).update(level=found.level)
        return {**answer, "learned": False, "level": found.level}
    with transaction.atomic():
        RecyclingLearned.get()
        RecyclingLearned.objects.filter(pk=1).update(
            **asdict(found), showings=len(seen), learned_at=now
        )
    return {**answer, "learned": True, **asdict(found)}


def _repetitions() -> list[Any]:
    from experiments.recycling.learning import Repetition

    rows = RecycledPost.objects.filter(
        publication__status=PublicationStatus.PUBLISHED
    ).select_related("original__post", "publication", "original__post__recycling")
    times: dict[int, int] = {}
    seen = []
    for row in rows.order_by("publication__published_at", "pk"):
        before = times.get(row.original_id, 0)
        times[row.original_id] = before + 1
        at, first_at = row.publication.published_at, row.original.published_at
        if row.actual is None or row.predicted is None or at is None or first_at is None:
            continue
        seen.append(
            Repetition(
                actual=row.actual,
                base=row.predicted / (row.fatigue * row.decay * math.exp(row.level)),
                times=before,
                age_days=(at - first_at) / DAY,
                evergreen=_stays_true(row),
            )
        )
    return seen


def _stays_true(row: RecycledPost) -> bool:
    said = getattr(row.original.post, "recycling", None)
    if said is not None and said.time_sensitive is not None:
        return not said.time_sensitive
    return row.original.post.is_evergreen
