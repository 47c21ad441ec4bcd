"""The course of the fault matrix: stages that serve all networks at once with one crew.

Each stage arms its faults, starts or ends processes, and waits until every row is settled.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from socialhub.models import Account, MediaAsset, Outcome, Publication, PublicationStatus
from socialhub.services import publishing
from socialhub.tests.factories import UserFactory
from socialhub.tests.stack.cells import PARTS, Cell, is_settled, series, single
from socialhub.tests.stack.networks import Network
from socialhub.tests.support.ticker import Ticker
from socialhub.tests.support.workers import Crew, Worker, wait_for

LOST = (
    "timeout_after_accept",
    "502_after_accept",
    "500_after_accept",
    "408_after_accept",
    "unreadable_200",
    "reset_after_accept",
    "reset_before",
)
LIMITED, REFUSED, LOST_AT = "rate_limited", "reject", "timeout_after_accept"
# Networks that are told "not for a minute" say at least this.
TOLD_SECONDS = 30
# Longer than it takes until all networks are asked; a read is given up later.
READ_SECONDS = 25
# Of one that must hold what it has until it is ended from outside.
LONG = 120
PATIENT = {"SOCIALHUB_CALL_DEADLINE": "150", "PUBLISH_REAP_AFTER": "600"}
# Of one whose requests and rows nobody may give up, however slow the machine is.
CALM = {
    "SOCIALHUB_CALL_DEADLINE": "60",
    "PUBLISH_REAP_AFTER": "120",
    "PUBLISH_SEND_WINDOW": "20",
}
# Of one that soon gives up waiting for an answer.
HASTY = {**CALM, "SOCIALHUB_CALL_DEADLINE": "3"}


class Course:
    """Runs the stages; `cells` holds everything that was sent."""

    def __init__(self, crew: Crew, networks: list[Network], picture: MediaAsset) -> None:
        self.crew, self.networks, self.picture = crew, networks, picture
        self.cells: list[Cell] = []
        self.env: dict[str, str] = {}
        self.person = UserFactory(is_superuser=True)

    def run(self) -> None:
        self.answers_lost()
        self.two_workers()
        self.frozen()
        self.workers_killed()
        self.stack_killed_and_messages_dropped()

    # -- the stages ---------------------------------------------------------------
    def answers_lost(self) -> None:
        """Every fault of an answer, for a post and at every part of a series."""
        cells = []
        for network in self.networks:
            for fault in LOST:
                cells.append(self._armed(single(network, fault, self.picture), fault))
            limited = single(network, LIMITED, self.picture)
            cells.append(self._armed(limited, LIMITED, retry_after=60))
            for part in range(1, PARTS + 1):
                lost = series(network, "lost", part, self.picture)
                cells.append(self._armed(lost, LOST_AT))
            refused = series(network, "refused", 3, self.picture)
            cells.append(self._armed(refused, REFUSED))
        worker = self._worker(8, **HASTY)
        self._ticker()
        self._settle(cells, seconds=400)
        worker.kill()

    def two_workers(self) -> None:
        cells = self._singles("two workers")
        for cell in cells:
            self._armed(cell, "slow", seconds=1)
        workers = [self._worker(4, **CALM), self._worker(4, **CALM)]
        ticker = self.crew.tickers[-1]
        for cell in cells:
            for _ in range(5):
                ticker.message(cell.hit.pk)
        self._settle(cells)
        self._wait(lambda: self.crew.messages("publish") == 0, "the queue is empty")
        for worker in workers:
            worker.kill()

    def frozen(self) -> None:
        """A worker that stands still between claim and fence, and wakes up too late."""
        began = len(self.crew.log())
        worker = self._worker(len(self.networks) + 2, **PATIENT)
        cells = self._held_before("frozen")
        # What rings and reaps has ended: nobody is frozen with a lock on the database.
        ticker = self.crew.tickers[-1]
        ticker.pause()
        self._wait(lambda: running(self.crew.log()[began:]) == len(cells), "nothing else runs")
        worker.freeze()
        ticker.resume()
        heir = self._heir(cells)
        self._settle(cells)
        told = len(self.crew.log())
        worker.thaw()

        def ended() -> bool:
            said = self.crew.log()[told:]
            return sum(said.count(word) for word in ("'stopped'", "'later'")) >= len(cells)

        self._wait(ended, "every task of the thawed worker ended")
        worker.kill()
        heir.kill()

    def workers_killed(self) -> None:
        """kill -9 with some rows before the fence and others between fence and answer."""
        worker = self._worker(2 * len(self.networks) + 2, **PATIENT)
        inside = self._held_inside("killed inside")
        before = self._held_before("killed before the fence")
        worker.kill()
        assert all(cell.hit.attempts.exists() for cell in inside)
        assert not any(cell.hit.attempts.exists() for cell in before)
        heir = self._heir(before + inside)
        self._settle(before + inside)
        heir.kill()

    def stack_killed_and_messages_dropped(self) -> None:
        """Everything ends in mid-publish; what waited in the broker meanwhile is thrown away."""
        self._worker(len(self.networks) + 2, **PATIENT)
        cells = self._held_inside("stack killed")
        self.crew.stop()
        dropped = self._singles("messages dropped")
        ticker = self._ticker()
        for cell in dropped:
            ticker.message(cell.hit.pk)
        self._wait(lambda: self.crew.messages("publish") >= len(dropped), "messages wait")
        ticker.kill()
        self.crew.drop_messages()
        assert not any(cell.copies(cell.hit) for cell in dropped)
        self._heir(cells)
        self._ticker()
        self._settle(cells + dropped)

    # -- rows -----------------------------------------------------------------------
    def _singles(self, fault: str) -> list[Cell]:
        return [single(network, fault, self.picture) for network in self.networks]

    def _armed(self, cell: Cell, fault: str, **more: object) -> Cell:
        word = cell.hit.post.text.split()[-1]
        cell.network.fault("commit", fault, contains=word, **more)
        return cell

    def _held_before(self, fault: str) -> list[Cell]:
        """Rows claimed by the running worker and waiting for the network before the fence."""
        # Connecting may ask the same as preparing does.
        accounts = [network.account() for network in self.networks]
        asked = [network.asked("before") for network in self.networks]
        for network in self.networks:
            network.fault("before", "slow", seconds=READ_SECONDS)
        cells = [
            single(network, fault, self.picture, account)
            for network, account in zip(self.networks, accounts, strict=True)
        ]
        for network, before in zip(self.networks, asked, strict=True):
            self._wait(
                lambda n=network, b=before: n.asked("before") > b,
                f"{network.name}: the worker waits for the network",
            )
        return cells

    def _held_inside(self, fault: str) -> list[Cell]:
        """Rows whose request has arrived and whose answer has not."""
        cells = self._singles(fault)
        for cell in cells:
            self._armed(cell, "slow", seconds=LONG)
        for cell in cells:
            self._wait(lambda c=cell: c.copies(c.hit), f"{cell.network.name}: the request arrived")
        return cells

    # -- processes --------------------------------------------------------------------
    def _worker(self, children: int, **more: str) -> Worker:
        return self.crew.worker(children=children, **self.env, **more)

    def _heir(self, left: list[Cell]) -> Worker:
        """A worker that comes when the claims of a dead or frozen one have grown old."""
        pks = [cell.hit.pk for cell in left]
        long_ago = timezone.now() - timedelta(hours=1)
        held = Publication.objects.filter(pk__in=pks, status=PublicationStatus.PUBLISHING)
        assert held.update(claimed_at=long_ago) == len(left)
        return self._worker(8, **CALM)

    def _ticker(self) -> Ticker:
        return self.crew.ticker()

    # -- waiting -----------------------------------------------------------------------
    def _settle(self, cells: list[Cell], seconds: float = 240) -> None:
        """Wait until every row is where it stays; meanwhile be the person who is asked."""
        self.cells += cells
        open_ = list(cells)

        def done() -> bool:
            open_[:] = [cell for cell in open_ if not self._tended(cell)]
            return not open_

        try:
            wait_for(done, "every row is settled", seconds=seconds, every=0.5)
        except AssertionError as exc:
            names = [f"{cell.network.name} {cell.fault} {cell.part}" for cell in open_]
            exc.add_note(f"open: {names}\n{self.crew.log()[-6000:]}")
            raise

    def _tended(self, cell: Cell) -> bool:
        rows = cell.fresh()
        if cell.fault == LIMITED and cell.waited is None:
            self._let_time_pass(cell, rows[0])
            return False
        for row in rows:
            if row.status == PublicationStatus.UNKNOWN and row.needs_person and len(rows) > 1:
                # Somebody looks at the profile and says what is there.
                copies = cell.copies(row)
                link = str(copies[0].get("permalink") or "") if copies else ""
                publishing.resolve(row, self.person, live=bool(copies), permalink=link)
                return False
            if not is_settled(row):
                return False
            if row.status == PublicationStatus.FAILED:
                return True
        return True

    def _let_time_pass(self, cell: Cell, row: Publication) -> None:
        """Once it was refused and nothing is out: the moment the network named has come."""
        attempt = row.attempts.filter(outcome=Outcome.REFUSED).first()
        if attempt is None or row.status != PublicationStatus.SCHEDULED:
            return
        assert row.not_before is not None and attempt.finished_at is not None
        waits = (row.not_before - attempt.finished_at).total_seconds()
        assert waits > TOLD_SECONDS, f"{cell.network.name} waits only {waits} s"
        assert not cell.copies(row)
        cell.waited = waits
        now: datetime = timezone.now() - timedelta(seconds=1)
        Account.objects.filter(pk=row.account_id).update(paused_until=None)
        Publication.objects.filter(pk=row.pk).update(not_before=now, rung_at=None)

    def _wait(self, condition: Callable[[], object], what: str, seconds: float = 120) -> None:
        try:
            wait_for(condition, what, seconds=seconds)
        except AssertionError as exc:
            exc.add_note(self.crew.log()[-6000:])
            raise


def running(log: str) -> int:
    """Tasks that a worker has received and not ended, by its log."""
    ended = ("] succeeded in ", "] raised unexpected", "Discarding revoked task")
    return log.count('] received"') - sum(log.count(words) for words in ended)
