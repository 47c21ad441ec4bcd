"""Writing what a network said: the latest numbers, and a snapshot where one changed.

What was said is loaded once; the database compares it with what is known (comparing.py).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Literal

from django.db import connection, transaction
from django.db.models import Case, Count, Q, QuerySet, When
from django.db.models.functions import Coalesce

from analytics import sql
from analytics.definitions import MOST
from analytics.rollup_specs import STATS
from analytics.services import accounting, cadence, comparing, rollups
from analytics.services.rollups import DELTA
from socialhub.models import Account, FollowsAs, Publication, PublicationStatus
from socialhub.platforms.base import COUNTERS, GONE, Metrics

log = logging.getLogger(__name__)

Reading = Metrics | Literal["gone"]
Numbers = tuple[int | None, ...]

SNAPSHOTS = "analytics_postmetrics"
LEAST = min(MOST.values())

numbers = attrgetter(*COUNTERS)


@dataclass(slots=True)
class Written:
    """What became of the usable readings."""

    readings: Mapping[int, Reading]
    changed: int = 0
    gone: int = 0
    # Read for the first time on this UTC day: what networks that charge count.
    first: int = 0
    # Left alone: a newer reading is known.
    late: int = 0


@transaction.atomic
def write(
    account: Account, readings: Mapping[int, Reading], at: datetime, *, calls: int = 1
) -> Written:
    """Write readings of one account made at `at` in `calls` requests, in one transaction.

    A row that holds a newer reading (a person's, or our lease had run out) is left alone.
    """
    done = Written({pk: one for pk, one in readings.items() if one == GONE or _sane(pk, one)})
    gone = [pk for pk, one in done.readings.items() if one == GONE]
    said = {pk: numbers(one) for pk, one in done.readings.items() if one != GONE}
    done.late = len(done.readings)
    with connection.cursor() as cursor:
        if gone:
            _mark_gone(cursor, gone, done, at)
        reports = _compare(cursor, account, said, done, at) if said else False
        accounting.note(
            account.pk,
            at,
            calls=calls,
            readings=len(done.readings),
            first_readings=done.first,
            changes=done.changed,
        )
        if said:
            _store(cursor, done.changed, reports, at)
    return done


def _sane(pk: int, reading: Metrics) -> bool:
    """False when a counter cannot be stored: as good as no answer."""
    known = [value for value in numbers(reading) if value is not None]
    if not known or (min(known) >= 0 and max(known) <= LEAST):
        return True
    for name, most in MOST.items():
        value = getattr(reading, name)
        if value is not None and not 0 <= value <= most:
            log.warning("publication %s: %s reported as %s", pk, name, value)
            return False
    return True


def _mark_gone(cursor: Any, gone: list[int], done: Written, at: datetime) -> None:
    """The network has no such posts; their numbers stay."""
    if sql.is_postgres():
        # Those that are there as well, so that all are locked in the order of their ids.
        cursor.execute(
            f"SELECT 1 FROM {STATS} WHERE publication_id = ANY(%s)"
            " ORDER BY publication_id FOR UPDATE",
            [list(done.readings)],
        )
    among, ids = sql.among("publication_id"), sql.ids_param(gone)
    cursor.execute(
        f"SELECT COUNT(*) FROM {STATS} WHERE {among} AND (metrics_at IS NULL OR metrics_at < %s)",
        [ids, comparing.first_of_day(at)],
    )
    done.first += cursor.fetchone()[0]
    following, moments = comparing.next_reading(cadence.GONE_STEPS, at)
    cursor.execute(
        f"UPDATE {STATS} AS f SET gone_at = COALESCE(gone_at, %s), failures = 0,"
        f" next_collect_at = {following}"
        f" WHERE {among} AND (metrics_at IS NULL OR metrics_at < %s)",
        [sql.stored(at), *moments, ids, sql.stored(at)],
    )
    done.gone = cursor.rowcount
    done.late -= done.gone


def _compare(
    cursor: Any, account: Account, said: dict[int, Numbers], done: Written, at: datetime
) -> bool:
    """Fill DELTA. True when a counter is reported that was not, or no longer."""
    caps = account.capabilities
    if caps.counts_own_replies:
        _subtract_own(said, deep=caps.counts_conversation)
    columns = ", ".join(f"{name} bigint" for name in comparing.NEW_COLUMNS)
    rollups.temporary_table(cursor, comparing.NEW, columns)
    rows = ((pk, *values) for pk, values in said.items())
    sql.load(cursor, comparing.NEW, comparing.NEW_COLUMNS, rows)
    rollups.new_delta(cursor)
    steps = cadence.steps(caps.collect_every_seconds, daily=caps.read_once_per_day)
    following, moments = comparing.next_reading(steps, at)
    text = comparing.compare(connection.vendor, caps.metrics)
    cursor.execute(
        text.format(rows=len(said), next=following),
        [comparing.first_of_day(at), *moments, sql.stored(at)],
    )
    cursor.execute(
        f"SELECT COUNT(*), SUM(is_changed), SUM(is_first), SUM(reports_changed) FROM {DELTA}"
    )
    seen, changed, first, reports = (value or 0 for value in cursor.fetchone())
    done.late -= seen
    done.changed = int(changed)
    done.first += int(first)
    return bool(reports)


def _subtract_own(said: dict[int, Numbers], *, deep: bool) -> None:
    """What we wrote below our own posts is nobody's comment. `deep`: the network counts all that
    is below a first post, not only what answers it."""
    own = _own_parts(said, deep)
    if deep:
        own += _own_answers(said)
    for pk, number in own.items():
        said[pk] = tuple(
            max(0, value - number)
            if value is not None and name in ("comments", "replies")
            else value
            for name, value in zip(COUNTERS, said[pk], strict=True)
        )


def _own_parts(said: Collection[int], deep: bool) -> Counter[int]:
    """How many next parts of our own series each publication counts."""
    ids = list(said)
    below = Q(parent_id__in=ids, follows_as=FollowsAs.REPLY)
    below |= Q(root_id__in=ids, follows_as=FollowsAs.COMMENT)
    if deep:
        below |= Q(root_id__in=ids, follows_as=FollowsAs.REPLY)
    above = Case(When(follows_as=FollowsAs.COMMENT, then="root_id"), default="parent_id")
    parts = _out(below).annotate(above=above).values_list("above", "root_id")
    counted: Counter[int] = Counter()
    for pk, root, number in parts.annotate(n=Count("pk")):
        for one in {pk, root} if deep else {pk}:
            counted[one] += number
    return Counter({pk: number for pk, number in counted.items() if pk in said})


def _own_answers(said: Collection[int]) -> Counter[int]:
    """How many of our answers to people are below each first post."""
    ids = list(said)
    top = Coalesce("answers__publication__root_id", "answers__publication_id")
    below = Q(answers__publication__in=ids) | Q(answers__publication__root__in=ids)
    counted = _out(below).annotate(top=top).values_list("top").annotate(n=Count("pk"))
    return Counter({pk: number for pk, number in counted if pk in said})


def _out(which: Q) -> QuerySet[Publication]:
    """Those that are on the network, as far as we know."""
    rows = Publication.objects.filter(
        which, status=PublicationStatus.PUBLISHED, stats__gone_at__isnull=True
    )
    return rows.order_by()


def _store(cursor: Any, changed: int, reports: bool, at: datetime) -> None:
    """Facts, snapshots and rollups from DELTA."""
    moved = comparing.MOVING
    if reports:
        moved |= comparing.REPORTS
        cursor.execute(comparing.count_reports(connection.vendor))
    cursor.execute(_update((), 0), [sql.stored(at)])
    if not changed:
        return
    cursor.execute(_update(COUNTERS, 1), [sql.stored(at)])
    columns = ", ".join(COUNTERS)
    cursor.execute(
        f"INSERT INTO {SNAPSHOTS} (publication_id, collected_at, is_manual, {columns})"
        f" SELECT publication_id, {_moment()}, {_boolean(False)}, {columns}"
        f" FROM {DELTA} WHERE is_changed = 1",
        [sql.stored(at)],
    )
    rollups.add(cursor, at, moved)


def _update(names: tuple[str, ...], changed: int) -> str:
    """One parameter: the moment."""
    sets = "".join(f", {name} = d.{name}" for name in ("next_collect_at", *names))
    return (
        f"UPDATE {STATS} SET metrics_at = %s, gone_at = NULL, failures = 0{sets}"
        f" FROM {DELTA} AS d"
        f" WHERE d.publication_id = {STATS}.publication_id AND d.is_changed = {changed}"
    )


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
