"""Writing what a network said: the latest numbers, and a snapshot where one changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from django.db import connection, transaction
from django.db.models import Count

from analytics import definitions, sql
from analytics.definitions import MOST
from analytics.rollup_specs import DAY, DELTA_COLUMNS, KEYS, MEASURED, STATS
from analytics.services import accounting, cadence, rollups
from socialhub.models import Account, Publication, PublicationStatus
from socialhub.platforms.base import COUNTERS, GONE, Capabilities, Metrics

log = logging.getLogger(__name__)

Reading = Metrics | Literal["gone"]

SNAPSHOTS = "analytics_postmetrics"
# What is read of a locked row, before its counters.
READ = ("publication_id", "published_at", "metrics_at", "gone_at")
TIMES = ("metrics_at", "next_collect_at", "gone_at", "failures")
# What to write, by publication, and the counters as they were; empty outside a transaction.
NEW = "analytics_new"
WAS = tuple(f"{name}_was" for name in COUNTERS)
NEW_COLUMNS = ("publication_id", "is_changed", *TIMES, *COUNTERS, *WAS)


@dataclass(slots=True)
class Written:
    """What became of the usable readings."""

    readings: Mapping[int, Reading]
    changed: int = 0
    gone: int = 0
    # Read for the first time on this UTC day: what networks that charge count.
    first: int = 0


@transaction.atomic
def write(
    account: Account, readings: Mapping[int, Reading], at: datetime, *, calls: int = 1
) -> Written:
    """Write readings of one account made at `at` in `calls` requests, in one transaction.

    A row that holds a newer reading (our claim had run out) is left alone.
    """
    done = Written({pk: one for pk, one in readings.items() if one == GONE or _sane(pk, one)})
    caps = account.capabilities
    own = _own_replies(done.readings) if caps.counts_own_replies else {}
    rows: list[tuple[Any, ...]] = []
    for pk, published_at, metrics_at, gone_at, *before in _locked(done.readings):
        if metrics_at is not None and metrics_at >= at:
            continue
        done.first += metrics_at is None or metrics_at.date() < at.date()
        reading, age = done.readings[pk], at - published_at
        if reading == GONE:
            due = _next(at, cadence.interval_gone(age))
            rows.append((pk, 0, metrics_at, due, gone_at or at, 0, *before, *before))
            done.gone += 1
            continue
        now = _merged(before, reading, caps, own.get(pk, 0))
        due = _next(at, cadence.interval(age, caps.collect_every_seconds))
        rows.append((pk, int(now != before), at, due, None, 0, *now, *before))
    done.changed = sum(row[1] for row in rows)
    accounting.note(
        account.pk,
        at,
        calls=calls,
        readings=len(done.readings),
        first_readings=done.first,
        changes=done.changed,
    )
    _store(rows, done.changed, at)
    return done


def _locked(publication_ids: Iterable[int]) -> list[tuple[Any, ...]]:
    """READ and the counters of these rows. Every writer locks in this order, so none waits for
    another in a circle."""
    lock = "FOR UPDATE" if sql.is_postgres() else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join((*READ, *COUNTERS))} FROM {STATS}"
            f" WHERE {sql.among('publication_id')} ORDER BY publication_id {lock}",
            [sql.ids_param(publication_ids)],
        )
        rows = cursor.fetchall()
    if sql.is_postgres():
        return rows
    return [(row[0], *map(sql.loaded, row[1:4]), *row[4:]) for row in rows]


def _sane(pk: int, reading: Metrics) -> bool:
    """False when a counter cannot be stored: as good as no answer."""
    for name, most in MOST.items():
        value = getattr(reading, name)
        if value is not None and not 0 <= value <= most:
            log.warning("publication %s: %s reported as %s", pk, name, value)
            return False
    return True


def _merged(
    before: Sequence[int | None], reading: Metrics, caps: Capabilities, own: int
) -> list[int | None]:
    """The counters as they are now, in the order of COUNTERS."""
    now = []
    for name, old in zip(COUNTERS, before, strict=True):
        value = getattr(reading, name)
        if own and value is not None and name in ("comments", "replies"):
            value = max(0, value - own)
        # What this network never reports may have been recorded by hand: keep it.
        now.append(value if value is not None or name in caps.metrics else old)
    return now


def _next(at: datetime, every: timedelta | None) -> datetime | None:
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


def _store(rows: Sequence[tuple[Any, ...]], changed: int, at: datetime) -> None:
    """Load the new values once, then let the database write facts, snapshots and rollups."""
    if not rows:
        return
    with connection.cursor() as cursor:
        rollups.temporary_table(cursor, NEW, _columns())
        sql.load(cursor, NEW, NEW_COLUMNS, rows)
        cursor.execute(_update(TIMES, 0))
        if not changed:
            return
        cursor.execute(_update((*TIMES, *COUNTERS), 1))
        cursor.execute(_snapshots(), [sql.stored(at)])
        rollups.new_delta(cursor)
        cursor.execute(_difference(connection.vendor), [])
        rollups.add(cursor, at)


def _columns() -> str:
    moment = "timestamptz" if sql.is_postgres() else "text"
    kinds = {**dict.fromkeys(NEW_COLUMNS, "bigint"), **dict.fromkeys(TIMES[:3], moment)}
    return ", ".join(f"{name} {kind}" for name, kind in kinds.items())


def _update(names: Sequence[str], changed: int) -> str:
    sets = ", ".join(f"{name} = new.{name}" for name in names)
    return (
        f"UPDATE {STATS} SET {sets} FROM {NEW} AS new"
        f" WHERE new.publication_id = {STATS}.publication_id AND new.is_changed = {changed}"
    )


def _snapshots() -> str:
    """From what was loaded: nothing has to be looked up. One parameter: the moment."""
    columns = ", ".join(COUNTERS)
    return (
        f"INSERT INTO {SNAPSHOTS} (publication_id, collected_at, is_manual, {columns})"
        f" SELECT publication_id, {_moment()}, {_boolean(False)}, {columns}"
        f" FROM {NEW} WHERE is_changed = 1"
    )


@cache
def _difference(vendor: str) -> str:
    """Into rollups.DELTA, one row per changed publication: only its counters have moved."""
    was = _facts_of("was")
    sums = []
    for expression in DAY.sums.values():
        if "f.engagements" in expression or any(f"f.{one}" in expression for one in COUNTERS):
            sums.append(f"({expression}) - ({was(expression)})")
        else:
            # How many publications and posts there are stays as it is.
            sums.append("0")
    moved = [
        f"CASE WHEN f.{name} IS NULL AND {was(f'f.{name}')} IS NULL THEN NULL"
        f" ELSE COALESCE(f.{name}, 0) - COALESCE({was(f'f.{name}')}, 0) END"
        for name in MEASURED
    ]
    keys = ", ".join(f"f.{name}" for name in KEYS)
    return (
        f"INSERT INTO {rollups.DELTA} ({', '.join(DELTA_COLUMNS)})"
        f" SELECT {sql.hour_start('f.published_at')}, {keys},"
        f" {', '.join(sums)}, {', '.join(moved)}"
        f" FROM {STATS} f JOIN {NEW} ON {NEW}.publication_id = f.publication_id"
        f" WHERE {NEW}.is_changed = 1 AND NOT f.is_reply"
    )


def _facts_of(suffix: str) -> Callable[[str], str]:
    """Rewrites an expression over the facts `f` to the loaded counters as they were."""
    engaged = definitions.engagements_sql(f"{NEW}.{{}}_{suffix}")

    def rewrite(expression: str) -> str:
        expression = expression.replace("f.engagements", engaged)
        for name in COUNTERS:
            expression = expression.replace(f"f.{name}", f"{NEW}.{name}_{suffix}")
        return expression

    return rewrite


def keep_snapshots(
    cursor: Any, publication_ids: Iterable[int], at: datetime, *, is_manual: bool = False
) -> None:
    """A snapshot of the counters as they now are. Raises IntegrityError when there is one."""
    columns = ", ".join(COUNTERS)
    cursor.execute(
        f"INSERT INTO {SNAPSHOTS} (publication_id, collected_at, is_manual, {columns})"
        f" SELECT s.publication_id, {_moment()}, {_boolean(is_manual)}, {columns}"
        f" FROM {STATS} s WHERE {sql.among('s.publication_id')}",
        [sql.stored(at), sql.ids_param(publication_ids)],
    )


def _moment() -> str:
    return "CAST(%s AS timestamptz)" if sql.is_postgres() else "%s"


def _boolean(value: bool) -> str:
    if sql.is_postgres():
        return "TRUE" if value else "FALSE"
    return "1" if value else "0"
