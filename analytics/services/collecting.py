"""Reading the networks: claim what is due, ask in batches, write what changed.

Several collectors may run at once: a lease per account gives it one reader. What it has read or
tried is due later; a reader that dies leaves the rest to others after CLAIM.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F

from analytics import sql
from analytics.models import PublicationStats
from analytics.rollup_specs import STATS
from analytics.services import accounting, cadence, paying, writing
from analytics.services.due import Due
from socialhub import http
from socialhub.models import Account
from socialhub.platforms.errors import AuthRevoked, PlatformError, RateLimited
from socialhub.services import leases, live
from socialhub.services.reading import Reader

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


def collect(now: datetime) -> dict[str, Any]:
    """Read everything that is due at `now`. One query when nothing is.

    Returns counts of publications: "due", "read", "changed", "gone", "absent" (no answer about
    them), "skipped" (the account's monthly cap is used up), and "errors" by code; "internal"
    counts accounts.
    """
    clock, totals, errors = Clock(now), Counter[str](), Counter[str]()
    due = PublicationStats.objects.due(now)
    for account in Account.objects.filter(pk__in=due.values("account_id")).order_by("pk"):
        if not _has_time(clock):
            break
        owner = claim(account)
        if owner is None:
            continue
        try:
            _collect_account(account, now, clock, totals, errors)
        except Exception:  # such as secrets nobody can decrypt: the others still have a turn
            # The lease stays until it runs out: not again with every tick.
            errors["internal"] += 1
            log.exception("numbers of account %s could not be collected", account.pk)
        else:
            leases.release(lease_key(account), owner)
    names = ("due", "read", "changed", "gone", "absent", "skipped")
    return {**{name: totals[name] for name in names}, "errors": dict(errors)}


def _has_time(clock: Clock) -> bool:
    return clock.elapsed < timedelta(seconds=RUN_SECONDS)


def lease_key(account: Account) -> str:
    return f"metrics:{account.pk}"


def claim(account: Account) -> uuid.UUID | None:
    """Take the account for this collector; None while another one has it."""
    return leases.take(lease_key(account), CLAIM.total_seconds())


def _collect_account(
    account: Account, now: datetime, clock: Clock, totals: Counter[str], errors: Counter[str]
) -> None:
    while _has_time(clock) and (rows := due_rows(account, now)):
        totals["due"] += len(rows)
        if not _collect_rows(account, rows, clock, totals, errors) or len(rows) < MOST:
            break


def due_rows(account: Account, now: datetime) -> list[Due]:
    """Up to MOST due rows of the account, those waiting longest; newest posts first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT publication_id, remote_id FROM (SELECT publication_id, published_at,"
            " (SELECT remote_id FROM socialhub_publication WHERE id = publication_id) AS remote_id"
            f" FROM {STATS} WHERE account_id = %s AND next_collect_at <= %s"
            f" ORDER BY next_collect_at LIMIT {MOST}) AS waiting"
            " ORDER BY published_at DESC, publication_id",
            [account.pk, sql.stored(now)],
        )
        return [Due(pk, remote_id) for pk, remote_id in cursor.fetchall()]


def _collect_rows(
    account: Account,
    rows: list[Due],
    clock: Clock,
    totals: Counter[str],
    errors: Counter[str],
) -> bool:
    """Read rows, batch by batch. False: leave this account alone for now."""
    left, heard = list(rows), Heard(account, totals)
    reader = Reader(account, is_paid=paying.is_charged(account))
    for batch in _batches(rows, _size(account)):
        if not _has_time(clock):
            heard.write(clock())
            return False
        try:
            heard.add(*_answer(reader, batch, clock(), totals), clock())
        except PlatformError as exc:
            heard.write(clock())
            errors[exc.code] += len(left)
            _stop(account, left, exc, clock())
            return False
        left = left[len(batch) :]
        if heard.is_enough(clock()):
            heard.write(clock())
        if reader.slow_until is not None:
            heard.write(clock())
            _pause(account, reader.slow_until)
            return False
    heard.write(clock())
    return True


def _size(account: Account) -> int:
    """Rows per question. What the network sent by itself is only looked up here."""
    caps = account.capabilities
    return MOST if caps.live_metrics else caps.metrics_batch


def _answer(
    reader: Reader, batch: list[Due], at: datetime, totals: Counter[str]
) -> tuple[list[Due], Mapping[int, writing.Reading], int]:
    """The rows asked about, what is known of them, and the requests that took."""
    if reader.adapter.capabilities.live_metrics:
        found = live.readings(reader.account, [row.remote_id for row in batch])
        return batch, {row.pk: found[row.remote_id] for row in batch}, 0
    with paying.for_reading(reader.account, batch, at) as paid:
        totals["skipped"] += paid.skipped
        if not paid.rows:
            return [], {}, 0
        # An adapter may need several requests for one batch.
        with http.counting() as made:
            readings = _ask(reader, paid.rows)
        paid.answered(readings)
    return paid.rows, readings, made.calls


class Heard:
    """Answers that are written together: a transaction costs as much as hundreds of rows."""

    def __init__(self, account: Account, totals: Counter[str]) -> None:
        self.account, self.totals = account, totals
        self._empty()

    def _empty(self) -> None:
        self.rows: list[Due] = []
        self.readings: dict[int, writing.Reading] = {}
        self.calls = 0
        self.since: datetime | None = None

    def add(
        self, batch: list[Due], readings: Mapping[int, writing.Reading], calls: int, at: datetime
    ) -> None:
        self.rows += batch
        self.readings.update(readings)
        self.calls += calls
        self.since = self.since or at

    def is_enough(self, now: datetime) -> bool:
        """Is it a full transaction, or has the first answer waited long?"""
        waited = self.since is not None and now - self.since >= WAIT
        return len(self.rows) >= MOST or waited

    def write(self, at: datetime) -> None:
        if not self.rows:
            return
        done = writing.write(self.account, self.readings, at, calls=self.calls)
        if absent := [row for row in self.rows if row.pk not in done.readings]:
            _again(absent, at)
        if done.late:
            _after_newer(done.readings, at)
        if paying.is_charged(self.account):
            paying.read_again(done.readings)
        self.totals.update(
            read=len(done.readings), changed=done.changed, gone=done.gone, absent=len(absent)
        )
        self._empty()


def _batches(rows: list[Due], size: int) -> Iterator[list[Due]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _ask(reader: Reader, batch: list[Due]) -> Mapping[int, writing.Reading]:
    """What the network says, by publication id; those it said nothing about are absent."""
    answer = reader.read(lambda to: reader.adapter.metrics(to, [row.remote_id for row in batch]))
    return {row.pk: answer[row.remote_id] for row in batch if row.remote_id in answer}


def _stop(account: Account, rows: list[Due], error: PlatformError, at: datetime) -> None:
    """No answer: the counters stay, the rows are read again later."""
    accounting.note(account.pk, at, answered=False, calls=1, failed_calls=1)
    log.warning(
        "numbers of account %s could not be read (%s): %s", account.pk, error.code, error.message
    )
    if isinstance(error, RateLimited):
        # Only reading pauses, but for every row of the account.
        _pause(account, max(error.retry_at or at + PAUSE, at))
    elif not isinstance(error, AuthRevoked):
        # With a login revoked they stay due, and wait for the account to be active again.
        _again(rows, at)


def _pause(account: Account, until: datetime) -> None:
    waiting = PublicationStats.objects.filter(account=account, next_collect_at__lt=until)
    waiting.update(next_collect_at=until)


def _again(rows: list[Due], at: datetime) -> None:
    """Try again soon, later with each failure."""
    stats = PublicationStats.objects.filter(pk__in=[row.pk for row in rows])
    waits: dict[timedelta | None, list[int]] = defaultdict(list)
    for pk, published_at, failures in stats.values_list("pk", "published_at", "failures"):
        waits[cadence.again(failures, at - published_at)].append(pk)
    for wait, ids in waits.items():
        PublicationStats.objects.filter(pk__in=ids).update(
            next_collect_at=None if wait is None else at + wait, failures=F("failures") + 1
        )


def _after_newer(publication_ids: Iterable[int], at: datetime) -> None:
    """Rows that got a newer reading while we asked are due again a little later."""
    late = PublicationStats.objects.filter(pk__in=list(publication_ids), metrics_at__gte=at)
    late.filter(next_collect_at__lte=at).update(next_collect_at=at + cadence.AGAIN_FIRST)
