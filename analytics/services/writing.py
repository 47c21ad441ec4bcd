"""Writing what a network said: the latest numbers, and a snapshot where one changed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db import connection, transaction
from django.db.models import Count

from analytics.definitions import MOST
from analytics.models import PostMetrics, PublicationStats
from analytics.services import cadence
from socialhub.models import Account, Publication, PublicationStatus
from socialhub.platforms.base import COUNTERS, GONE, Capabilities, Metrics

log = logging.getLogger(__name__)

Reading = Metrics | Literal["gone"]

TIMES = ("metrics_at", "next_collect_at", "gone_at", "failures")


@dataclass(slots=True)
class Written:
    """What became of the usable readings."""

    readings: Mapping[int, Reading]
    changed: int = 0
    gone: int = 0
    snapshots: list[PostMetrics] = field(default_factory=list)


@transaction.atomic
def write(account: Account, readings: Mapping[int, Reading], at: datetime) -> Written:
    """Write readings of one account made at `at`, in one transaction of at most a batch.

    A row that holds a newer reading (our claim had run out) is left alone.
    """
    done = Written({pk: one for pk, one in readings.items() if one == GONE or _sane(pk, one)})
    caps = account.capabilities
    own = _own_replies(done.readings) if caps.counts_own_replies else {}
    changed, unchanged = [], []
    # Every writer locks in this order, so none waits for another in a circle.
    locked = PublicationStats.objects.select_for_update().filter(pk__in=done.readings)
    for row in locked.order_by("pk"):
        if row.metrics_at is not None and row.metrics_at >= at:
            continue
        reading = done.readings[row.pk]
        if reading == GONE:
            _mark_gone(row, at)
            done.gone += 1
        elif _apply(row, reading, caps, own.get(row.pk, 0), at):
            done.snapshots.append(
                PostMetrics(publication_id=row.pk, collected_at=at, **row.counters())
            )
            changed.append(row)
            continue
        unchanged.append(row)
    PostMetrics.objects.bulk_create(done.snapshots)
    _update(changed, (*COUNTERS, *TIMES))
    _update(unchanged, TIMES)
    done.changed = len(changed)
    return done


def _sane(pk: int, reading: Metrics) -> bool:
    """False when a counter cannot be stored: as good as no answer."""
    for name in COUNTERS:
        value = getattr(reading, name)
        if value is not None and not 0 <= value <= MOST[name]:
            log.warning("publication %s: %s reported as %s", pk, name, value)
            return False
    return True


def _mark_gone(row: PublicationStats, at: datetime) -> None:
    row.gone_at = row.gone_at or at
    row.failures = 0
    row.next_collect_at = _next(at, cadence.interval_gone(at - row.published_at))


def _apply(
    row: PublicationStats, reading: Metrics, caps: Capabilities, own: int, at: datetime
) -> bool:
    """Take over what the network reports; True when a counter changed."""
    before = row.counters()
    for name in COUNTERS:
        value = getattr(reading, name)
        if value is not None and name in ("comments", "replies"):
            value = max(0, value - own)
        # What this network never reports may have been recorded by hand: keep it.
        if value is not None or name in caps.metrics:
            setattr(row, name, value)
    row.metrics_at, row.gone_at, row.failures = at, None, 0
    every = cadence.interval(at - row.published_at, caps.collect_every_seconds)
    row.next_collect_at = _next(at, every)
    return row.counters() != before


def _next(at: datetime, every: Any) -> datetime | None:
    return None if every is None else at + every


def _own_replies(publication_ids: Iterable[int]) -> dict[int, int]:
    """How many next parts of our own series answer each publication on the network."""
    parts = Publication.objects.filter(
        parent_id__in=list(publication_ids),
        status=PublicationStatus.PUBLISHED,
        stats__gone_at__isnull=True,
    )
    counted = parts.order_by().values_list("parent_id").annotate(n=Count("pk"))
    return dict(counted)


def _update(rows: Sequence[PublicationStats], names: Sequence[str]) -> None:
    """One prepared UPDATE run per row: `bulk_update` builds a CASE for each value, 60 × slower."""
    if not rows:
        return
    meta, quote = PublicationStats._meta, connection.ops.quote_name
    fields = [meta.get_field(name) for name in names]
    key = meta.pk
    sets = ", ".join(f"{quote(one.column)} = %s" for one in fields)
    sql = f"UPDATE {quote(meta.db_table)} SET {sets} WHERE {quote(key.column)} = %s"
    values = [
        [one.get_db_prep_save(getattr(row, one.attname), connection) for one in (*fields, key)]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
