"""Ticks through the product's collector beside get(), save() and create() row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Sum

from analytics.models import ActivityDay, PostMetrics, PublicationStats
from analytics.rollup_specs import STATS
from analytics.services import collecting
from bench.analytics import exact, loading, network, timing
from bench.analytics.generator import COUNTERS, NOW, SEED
from socialhub.platforms.base import Metrics

ONE_BY_ONE = 2_000
SCATTERED = 5_000
MOST = 100_000
# Of what is read, this share has moved since.
CHANGED = 0.65
# Posts a network tells about in one answer: few as on Mastodon and Bluesky, many as on X.
BATCHES = (25, 100)


class Wrong(AssertionError):
    """What was written is not what the network said."""


def measure(count: int) -> dict[str, Any]:
    """Rows per CPU second: ticks by size of the answer, one of many rows, and one by one.

    One by one comes last: it keeps no rollups, so that they do not fit the facts afterwards.
    """
    rng = np.random.default_rng([SEED, count, 8])
    clock = timing.Clock(_pid())
    moments = (NOW + timedelta(hours=n) for n in range(1, 100))
    found: dict[str, Any] = {}
    for batch in BATCHES:
        chosen = _choose(rng, count, SCATTERED)
        found[f"scattered_{batch}"] = _tick(rng, chosen, batch, clock, next(moments))
    chosen = _choose(rng, count, MOST)
    found["many"] = _tick(rng, chosen, BATCHES[-1], clock, next(moments))
    found["one_by_one"] = _one_by_one(_choose(rng, count, ONE_BY_ONE), clock, next(moments))
    return found


def _choose(rng: np.random.Generator, count: int, most: int) -> list[int]:
    """Ids in no order."""
    return (rng.permutation(count)[:most] + 1).tolist()


def _pid() -> list[int]:
    if connection.vendor == "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [cursor.fetchone()[0]]


def _grown(row: dict[str, int | None]) -> Metrics:
    """Every counter that is reported a little higher."""
    grown = {name: None if old is None else old + old // 20 + 1 for name, old in row.items()}
    return Metrics(**grown)


def _stored(chosen: list[int]) -> dict[int, dict[str, int | None]]:
    """Counters by id, read in parts: SQLite takes a limited number of parameters."""
    found: dict[int, dict[str, int | None]] = {}
    for start in range(0, len(chosen), 10_000):
        rows = PublicationStats.objects.filter(pk__in=chosen[start : start + 10_000])
        for pk, *values in rows.values_list("pk", *COUNTERS):
            found[pk] = dict(zip(COUNTERS, values, strict=True))
    return found


def _speed(taken: timing.Taken, rows: int) -> dict[str, Any]:
    return {"rows": rows, "seconds": taken.cpu, "per_cpu_second": rows / taken.cpu}


# -- one by one ----------------------------------------------------------------------------


def _one_by_one(chosen: list[int], clock: timing.Clock, at: datetime) -> dict[str, Any]:
    """As it is often written; every row has changed, each is committed on its own."""
    stored = _stored(chosen)
    said = {pk: _grown(stored[pk]) for pk in chosen}

    def work() -> None:
        for pk, numbers in said.items():
            row = PublicationStats.objects.get(pk=pk)
            for name in COUNTERS:
                setattr(row, name, getattr(numbers, name))
            row.metrics_at = at
            row.next_collect_at = at + timedelta(minutes=15)
            row.save()
            PostMetrics.objects.create(publication_id=pk, collected_at=at, **row.counters())

    with _written() as written:
        taken = clock.take(work)
    return {**_speed(taken, len(said)), **_per_row(written, len(said))}


# -- ticks ---------------------------------------------------------------------------------


def _tick(
    rng: np.random.Generator, chosen: list[int], batch: int, clock: timing.Clock, at: datetime
) -> dict[str, Any]:
    """One tick over the chosen rows, checked against what the network said."""
    stored = _stored(chosen)
    moved = rng.random(len(chosen)) < CHANGED
    said = {
        pk: _grown(stored[pk]) if changed else Metrics(**stored[pk])
        for pk, changed in zip(chosen, moved.tolist(), strict=True)
    }
    network.install({f"r{pk}": numbers for pk, numbers in said.items()}, batch)
    _make_due(chosen, at)
    before = _sums(PublicationStats), _sums(ActivityDay), PostMetrics.objects.count()
    totals: Counter[str] = Counter()

    def work() -> None:
        # One run asks for so long only; the next one goes on.
        while (done := collecting.collect(at)).pop("due"):
            totals.update({name: done[name] for name in ("read", "changed", "gone", "absent")})

    with _written() as written:
        taken = clock.take(work)
    _check(said, before, totals)
    return {"batch": batch, **_speed(taken, len(chosen)), **_per_row(written, len(chosen))}


def _make_due(chosen: list[int], at: datetime) -> None:
    """These rows are due and no others."""
    PublicationStats.objects.filter(next_collect_at__lte=at).update(next_collect_at=None)
    for start in range(0, len(chosen), 10_000):
        rows = PublicationStats.objects.filter(pk__in=chosen[start : start + 10_000])
        rows.update(next_collect_at=at)
    loading.tidy()


def _sums(model: Any) -> dict[str, int]:
    """Of publications that are no answers; ActivityDay knows no others."""
    rows = model.objects.filter(is_reply=False) if model is PublicationStats else model.objects
    found = rows.aggregate(**{f"sum_{name}": Sum(name) for name in COUNTERS})
    return {name: int(found[f"sum_{name}"] or 0) for name in COUNTERS}


def _check(said: dict[int, Metrics], before: tuple[Any, Any, int], totals: Counter[str]) -> None:
    """Raises Wrong unless facts, snapshots, rollups and activity all took what was said."""
    facts, activity, snapshots = before
    if totals["read"] != len(said) or totals["gone"] or totals["absent"]:
        raise Wrong(f"{len(said)} rows were due, of which {dict(totals)}")
    if PostMetrics.objects.count() - snapshots != totals["changed"]:
        raise Wrong("not a snapshot for each change")
    stored = _stored(list(said))
    if any(Metrics(**stored[pk]) != numbers for pk, numbers in said.items()):
        raise Wrong("counters are not what the network said")
    if unlike := exact.cells_unlike_facts():
        raise Wrong(f"{unlike} cells of the rollups are unlike the facts")
    grown = {name: now - facts[name] for name, now in _sums(PublicationStats).items()}
    booked = {name: now - activity[name] for name, now in _sums(ActivityDay).items()}
    if grown != booked:
        raise Wrong(f"counters grew by {grown}, booked as activity are {booked}")


# -- what PostgreSQL wrote -----------------------------------------------------------------


@contextmanager
def _written() -> Iterator[dict[str, int]]:
    """Filled after the block: bytes of WAL, updates of facts and how many of them were HOT."""
    found: dict[str, int] = {}
    before = _counts()
    yield found
    found.update({name: now - before[name] for name, now in _counts().items()})


def _counts() -> dict[str, int]:
    if connection.vendor == "sqlite":
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0'), n_tup_upd, n_tup_hot_upd"
            f" FROM pg_stat_user_tables WHERE relname = '{STATS}'"
        )
        return dict(zip(("wal", "updates", "hot"), map(int, cursor.fetchone()), strict=True))


def _per_row(written: dict[str, int], rows: int) -> dict[str, float]:
    if not written:
        return {}
    hot = 100 * written["hot"] / written["updates"] if written["updates"] else 0
    return {"wal_per_row": written["wal"] / rows, "hot_percent": hot}
