"""Starting runs, carrying them out one at a time per connection, and ending them honestly."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import (
    ConnectionState,
    Direction,
    OdooConnection,
    OdooSyncRun,
    RunState,
    SyncKind,
)
from crm.odoo import errors
from crm.services.odoo import breaker, opening
from crm.services.odoo.session import LEASE_SECONDS, LostLease, Session, lease_key
from socialhub import policies
from socialhub.services import leases
from socialhub.services.errors import Conflict

log = logging.getLogger(__name__)

Part = Callable[[Session], None]
# kind → what it does, filled by the modules that do it.
PARTS: dict[str, Part] = {}
DIRECTIONS = {
    SyncKind.EXPORT: Direction.OUT,
    SyncKind.ALL: Direction.BOTH,
    SyncKind.LEADS: Direction.BOTH,
}
# Leads first: somebody waits for an answer.
EVERYTHING = (
    SyncKind.EXPORT,
    SyncKind.LEADS,
    SyncKind.REVENUE,
    SyncKind.PRODUCTS,
    SyncKind.SERVICES,
    SyncKind.IMAGES,
)
MESSAGE_SECONDS = 60
RING_AGAIN = timedelta(seconds=30)
# A run without a sign of life for longer than its hold has lost its worker.
SILENT = timedelta(seconds=LEASE_SECONDS + 30)


def part(kind: str) -> Callable[[Part], Part]:
    """Register the function that does one kind of sync."""

    def register(function: Part) -> Part:
        PARTS[kind] = function
        return function

    return register


# -- starting ----------------------------------------------------------------------


@transaction.atomic
def start(
    connection: OdooConnection, kind: str, user: Any = None, selected: Sequence[int] = ()
) -> OdooSyncRun:
    """Queue a run; the same kind that waits already is taken instead, unless rows were chosen.

    Raises Forbidden, or Conflict when the connection cannot be used. `user` None = the machine.
    """
    policies.require(user, "sync_odoo")
    require_usable(connection)
    waiting = OdooSyncRun.objects.filter(
        connection=connection, kind=kind, state=RunState.QUEUED, selected=[]
    ).first()
    if waiting is not None and not selected:
        return waiting
    run = OdooSyncRun.objects.create(
        connection=connection,
        kind=kind,
        direction=DIRECTIONS.get(SyncKind(kind), Direction.IN),
        started_by=user,
        selected=list(selected),
    )
    transaction.on_commit(partial(_ring, run.pk), robust=True)
    return run


def require_usable(connection: OdooConnection) -> None:
    """Raise Conflict, saying what to do, unless syncing may be tried."""
    if not connection.is_active:
        raise Conflict("not_in_use", _("This connection is not in use."))
    if connection.state == ConnectionState.PAUSED:
        raise Conflict(
            "paused",
            _("The connection is paused: %(reason)s") % {"reason": connection.paused_reason},
        )
    if connection.state != ConnectionState.READY:
        raise Conflict("not_ready", _("Test the connection first: the checklist has open steps."))


def _ring(run_id: int) -> None:
    from crm.tasks import run_sync

    run_sync.apply_async((run_id,), expires=MESSAGE_SECONDS)


def active() -> OdooConnection | None:
    """The connection in use, or None."""
    return OdooConnection.objects.filter(is_active=True).first()


def run_now(kind: str, now: datetime | None = None) -> dict[str, Any]:
    """What a periodic job does: one run of the kind, here and now.

    Returns {"run": id or None, "state", counts…}; nothing happens without a usable connection,
    while Odoo is given a rest, or while the same kind is going already.
    """
    connection = active()
    if connection is None or connection.state != ConnectionState.READY:
        return {"run": None, "state": "no_connection"}
    if breaker.is_open(connection, now or timezone.now()):
        return {"run": None, "state": "resting"}
    going = OdooSyncRun.objects.filter(connection=connection, kind=kind)
    if going.filter(state=RunState.RUNNING).exists():
        return {"run": None, "state": "going"}
    # One that waits is done now instead of a second one.
    run = going.filter(state=RunState.QUEUED).order_by("pk").first()
    if run is None:
        direction = DIRECTIONS.get(SyncKind(kind), Direction.IN)
        run = OdooSyncRun.objects.create(connection=connection, kind=kind, direction=direction)
    return execute(run.pk)


# -- carrying out --------------------------------------------------------------------


def execute(run_id: int) -> dict[str, Any]:
    """Do a queued run; one at a time per connection. Returns its state and counts.

    While another run holds the connection it stays queued: the sweep rings again.
    """
    run = OdooSyncRun.objects.select_related("connection").get(pk=run_id)
    if not _may_start(run):
        run.refresh_from_db()
        return summary(run)
    owner = leases.take(lease_key(run.connection_id), LEASE_SECONDS)
    if owner is None:
        return summary(run)
    try:
        now = timezone.now()
        claimed = OdooSyncRun.objects.filter(pk=run_id, state=RunState.QUEUED).update(
            state=RunState.RUNNING, started_at=now, beat_at=now
        )
        if claimed:
            _carry_out(run, owner)
    finally:
        leases.release(lease_key(run.connection_id), owner)
    run.refresh_from_db()
    return summary(run)


def _may_start(run: OdooSyncRun) -> bool:
    """False: it waits while Odoo is given a rest, or is ended since nothing can be sent."""
    try:
        require_usable(run.connection)
    except Conflict as exc:
        OdooSyncRun.objects.filter(pk=run.pk, state=RunState.QUEUED).update(
            state=RunState.FAILED,
            finished_at=timezone.now(),
            error_class=exc.code,
            error=exc.message[:500],
        )
        return False
    return not breaker.is_open(run.connection, timezone.now())


def _carry_out(run: OdooSyncRun, owner: Any) -> None:
    session = None
    try:
        session = Session(run, run.connection, owner)
        refused = _all_parts(session)
        opening.remember(run.connection, session.client)
        breaker.succeeded(run.connection)
        if refused is not None:
            raise refused
        _end(session, run, RunState.DONE)
    except LostLease:
        _end(session, run, RunState.INTERRUPTED, error_class="LostLease")
    except errors.OdooError as exc:
        _end(session, run, breaker.failed(run.connection, exc), exc)
    except Exception:
        log.exception("sync run %s broke", run.pk)
        message = _("Something went wrong inside SocialHub. The log names it by run %(id)s.")
        _end(session, run, RunState.FAILED, error=message % {"id": run.pk}, error_class="internal")


def _all_parts(session: Session) -> errors.OdooError | None:
    """Do the kinds of this run. One that Odoo does not offer or allow does not stop the others.

    Returns the first refusal of a run of everything.
    """
    if session.run.kind != SyncKind.ALL:
        PARTS[session.run.kind](session)
        session.beat()
        return None
    first: errors.OdooError | None = None
    for kind in EVERYTHING:
        try:
            PARTS[kind](session)
        except (errors.Unsupported, errors.AccessRefused) as exc:
            first = first or exc
        session.beat()
    return first


def _end(
    session: Session | None,
    run: OdooSyncRun,
    state: str,
    exc: errors.OdooError | None = None,
    **fields: Any,
) -> None:
    if exc is not None:
        fields = {"error_class": type(exc).__name__, "error": breaker.sentence(exc)[:500]}
    if session is not None:
        # The counts are stored all the same when somebody else ended the run.
        with contextlib.suppress(LostLease):
            session.beat()
    OdooSyncRun.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
        state=state, finished_at=timezone.now(), **fields
    )


def summary(run: OdooSyncRun) -> dict[str, Any]:
    """State and counts, as the periodic jobs print them and the API shows them."""
    found: dict[str, Any] = {"run": run.pk, "kind": run.kind, "state": run.state}
    for name in ("created", "updated", "skipped", "failed", "requests"):
        found[name] = getattr(run, name)
    found["errors"] = [run.error] if run.error else []
    return found


def sweep(now: datetime | None = None) -> dict[str, int]:
    """Ring again for runs whose message was lost; end those whose worker died."""
    now = now or timezone.now()
    died = OdooSyncRun.objects.filter(state=RunState.RUNNING, beat_at__lt=now - SILENT)
    ended = died.update(state=RunState.INTERRUPTED, finished_at=now, error_class="worker_lost")
    waiting = OdooSyncRun.objects.filter(state=RunState.QUEUED, asked_at__lt=now - RING_AGAIN)
    ids = list(waiting.order_by("asked_at").values_list("pk", flat=True)[:50])
    for run_id in ids:
        _ring(run_id)
    return {"rung": len(ids), "ended": ended}
