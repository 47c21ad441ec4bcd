"""Reading the networks: claim what is due, ask in batches, write what changed.

Several collectors may run at once: a claim moves `next_collect_at` on, so each row has one
reader. A reader that dies leaves its rows due again after CLAIM.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from analytics import sql
from analytics.models import PublicationStats
from analytics.rollup_specs import STATS
from analytics.services import accounting, cadence, writing
from socialhub.models import Account
from socialhub.platforms.errors import AuthRevoked, PlatformError, RateLimited
from socialhub.services.reading import read

log = logging.getLogger(__name__)

# Longer than a task may run (180 s).
CLAIM = timedelta(minutes=5)
# Rows of one account taken at once, and written in one transaction.
MOST = 1_000
# An answer is not kept back for longer than this.
WAIT = timedelta(seconds=5)
# When a network limits us and does not say for how long.
PAUSE = timedelta(minutes=15)
# A run asks no further batch after this long; the next tick goes on.
RUN_SECONDS = 100


class Clock:
    """`now` when made, and running on from there: commands may pretend a time."""

    def __init__(self, now: datetime) -> None:
        self._start, self._ticks = now, time.monotonic()

    @property
    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._ticks)

    def __call__(self) -> datetime:
        return self._start + self.elapsed


@dataclass(frozen=True, slots=True)
class Claimed:
    """One row this collector has to read."""

    pk: int
    remote_id: str
    published_at: datetime
    failures: int


def collect(now: datetime) -> dict[str, Any]:
    """Read everything that is due at `now`. One query when nothing is.

    Returns counts of publications: "due", "read", "changed", "gone", "absent" (no answer about
    them), and "errors" by code.
    """
    clock, totals, errors = Clock(now), Counter[str](), Counter[str]()
    due = PublicationStats.objects.due(now)
    for account in Account.objects.filter(pk__in=due.values("account_id")).order_by("pk"):
        while _has_time(clock) and (rows := claim(account, now)):
            totals["due"] += len(rows)
            if not _collect_rows(account, rows, clock, totals, errors):
                break
    names = ("due", "read", "changed", "gone", "absent")
    return {**{name: totals[name] for name in names}, "errors": dict(errors)}


def _has_time(clock: Clock) -> bool:
    return clock.elapsed < timedelta(seconds=RUN_SECONDS)


def claim(account: Account, now: datetime) -> list[Claimed]:
    """Take up to MOST due rows of the account; nobody else gets them before CLAIM is over."""
    # PostgreSQL passes over rows being claimed; SQLite lets one writer in at a time.
    due = (
        f"SELECT publication_id FROM {STATS} WHERE account_id = %s AND next_collect_at <= %s"
        f" ORDER BY next_collect_at, publication_id LIMIT {MOST}"
    )
    due = f"= ANY(ARRAY({due} FOR UPDATE SKIP LOCKED))" if sql.is_postgres() else f"IN ({due})"
    taken = (
        f"UPDATE {STATS} SET next_collect_at = %s WHERE publication_id {due}"
        " RETURNING publication_id, published_at, failures"
    )
    remote = f"SELECT id, remote_id FROM socialhub_publication WHERE {sql.among('id')}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(taken, [sql.stored(now + CLAIM), account.pk, sql.stored(now)])
        rows = cursor.fetchall()
        if not rows:
            return []
        cursor.execute(remote, [sql.ids_param(row[0] for row in rows)])
        ids = dict(cursor.fetchall())
    found = [Claimed(pk, ids[pk], sql.moment(at), failures) for pk, at, failures in rows]
    return sorted(found, key=lambda row: (-row.published_at.timestamp(), row.pk))


def _collect_rows(
    account: Account,
    rows: list[Claimed],
    clock: Clock,
    totals: Counter[str],
    errors: Counter[str],
) -> bool:
    """Read claimed rows, batch by batch. False: leave this account alone for now."""
    left, heard = list(rows), Heard(account, totals)
    for batch in _batches(rows, account.capabilities.metrics_batch):
        if not _has_time(clock):
            heard.write(clock())
            _release(left, clock())
            return False
        try:
            heard.add(batch, _ask(account, batch), clock())
        except PlatformError as exc:
            heard.write(clock())
            errors[exc.code] += len(left)
            _stop(account, left, exc, clock())
            return False
        left = left[len(batch) :]
        if heard.is_enough(clock()):
            heard.write(clock())
    heard.write(clock())
    return True


class Heard:
    """Answers that are written together: a transaction costs as much as hundreds of rows."""

    def __init__(self, account: Account, totals: Counter[str]) -> None:
        self.account, self.totals = account, totals
        self._empty()

    def _empty(self) -> None:
        self.rows: list[Claimed] = []
        self.readings: dict[int, writing.Reading] = {}
        self.calls = 0
        self.since: datetime | None = None

    def add(
        self, batch: list[Claimed], readings: Mapping[int, writing.Reading], at: datetime
    ) -> None:
        self.rows += batch
        self.readings.update(readings)
        self.calls += 1
        self.since = self.since or at

    def is_enough(self, now: datetime) -> bool:
        """Is it a full transaction, or has the first answer waited long?"""
        waited = self.since is not None and now - self.since >= WAIT
        return len(self.rows) >= MOST or waited

    def write(self, at: datetime) -> None:
        if not self.calls:
            return
        done = writing.write(self.account, self.readings, at, calls=self.calls)
        absent = [row for row in self.rows if row.pk not in done.readings]
        _again(absent, at)
        self.totals.update(
            read=len(done.readings), changed=done.changed, gone=done.gone, absent=len(absent)
        )
        self._empty()


def _batches(rows: list[Claimed], size: int) -> Iterator[list[Claimed]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _ask(account: Account, batch: list[Claimed]) -> Mapping[int, writing.Reading]:
    """What the network says, by publication id; those it said nothing about are absent."""
    answer = read(account, lambda to: account.adapter.metrics(to, [row.remote_id for row in batch]))
    return {row.pk: answer[row.remote_id] for row in batch if row.remote_id in answer}


def _stop(account: Account, rows: list[Claimed], error: PlatformError, at: datetime) -> None:
    """No answer: the counters stay, the rows are read again later."""
    accounting.note(account.pk, at, answered=False, calls=1, failed_calls=1)
    log.warning(
        "numbers of account %s could not be read (%s): %s", account.pk, error.code, error.message
    )
    if isinstance(error, RateLimited):
        # Only reading pauses, but for every row of the account.
        until = max(error.retry_at or at + PAUSE, at)
        waiting = PublicationStats.objects.filter(account=account, next_collect_at__lt=until)
        waiting.update(next_collect_at=until)
    elif isinstance(error, AuthRevoked):
        # Not due before the account is active again, and then at once.
        _release(rows, at)
    else:
        _again(rows, at)


def _release(rows: list[Claimed], at: datetime) -> None:
    PublicationStats.objects.filter(pk__in=[row.pk for row in rows]).update(next_collect_at=at)


def _again(rows: list[Claimed], at: datetime) -> None:
    """Try again soon, later with each failure."""
    waits: dict[timedelta | None, list[int]] = defaultdict(list)
    for row in rows:
        waits[cadence.again(row.failures, at - row.published_at)].append(row.pk)
    for wait, ids in waits.items():
        PublicationStats.objects.filter(pk__in=ids).update(
            next_collect_at=None if wait is None else at + wait, failures=F("failures") + 1
        )
