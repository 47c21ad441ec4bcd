"""How the exchange with Odoo is doing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import (
    ConnectionState,
    Lead,
    LeadState,
    OdooConnection,
    OdooSyncRun,
    RunState,
    SyncKind,
)
from crm.services.odoo import breaker, runs


@dataclass(frozen=True, slots=True)
class Kind:
    """The last run of a kind that went through; None = there is none."""

    kind: str
    label: str
    succeeded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Going:
    """A run under way. `seconds_left` is a guess from its pace; None = not known yet."""

    run: OdooSyncRun
    done: int
    total: int | None
    seconds_left: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """`is_fine`: everything goes by itself. `sentences` say what does not, or that all is well.

    `waiting` and `parked` count the leads of all connections. `key_days` are whole days until
    the key ends, negative when it has; None = it has no end, or Odoo does not tell.
    """

    connection: OdooConnection | None
    is_fine: bool
    sentences: list[str]
    kinds: list[Kind]
    going: Going | None
    waiting: int
    waiting_since: datetime | None
    parked: int
    key_days: int | None
    resting_until: datetime | None


def health(connection: OdooConnection | None, now: datetime) -> Health:
    """Of this connection; None = none is in use. Three queries, one without a connection."""
    counts = Lead.objects.filter(gone_since__isnull=True, erased_at__isnull=True).aggregate(
        waiting=Count("pk", filter=Q(state=LeadState.QUEUED)),
        since=Min("queued_at", filter=Q(state=LeadState.QUEUED)),
        parked=Count("pk", filter=Q(state=LeadState.PARKED)),
    )
    problems = _problems(connection, now)
    if counts["parked"]:
        problems.append(_parked(counts["parked"]))
    is_resting = connection is not None and breaker.is_open(connection, now)
    return Health(
        connection=connection,
        is_fine=not problems,
        sentences=problems or [_("Everything goes by itself.")],
        kinds=_kinds(connection) if connection else [],
        going=_going(connection, now) if connection else None,
        waiting=counts["waiting"],
        waiting_since=counts["since"],
        parked=counts["parked"],
        key_days=_key_days(connection, now),
        resting_until=connection.blocked_until if connection and is_resting else None,
    )


def _problems(connection: OdooConnection | None, now: datetime) -> list[str]:
    if connection is None:
        return [_("No Odoo is connected. Leads are kept here.")]
    if connection.state == ConnectionState.PAUSED:
        return [_("The connection is paused: %(reason)s") % {"reason": connection.paused_reason}]
    if connection.state != ConnectionState.READY:
        return [_("The connection to Odoo is not ready: its checklist has open steps.")]
    found = []
    if breaker.is_open(connection, now):
        found.append(_("Odoo could not be reached. SocialHub tries again by itself."))
    days = _key_days(connection, now)
    if days is not None and days < 0:
        found.append(_("The key has ended. Make a new one in Odoo."))
    elif days is not None and days < 14:
        text = ngettext("The key ends in %(n)s day.", "The key ends in %(n)s days.", days)
        found.append(text % {"n": days})
    return found


def _parked(count: int) -> str:
    text = ngettext(
        "%(n)s lead could not be sent: somebody has to look at it.",
        "%(n)s leads could not be sent: somebody has to look at them.",
        count,
    )
    return text % {"n": count}


def _key_days(connection: OdooConnection | None, now: datetime) -> int | None:
    if connection is None or connection.key_expires_at is None:
        return None
    return math.floor((connection.key_expires_at - now).total_seconds() / 86_400)


def _kinds(connection: OdooConnection) -> list[Kind]:
    """A run of everything counts for each kind it does. One query."""
    rows = OdooSyncRun.objects.filter(connection=connection, state=RunState.DONE)
    found = dict(rows.order_by().values_list("kind").annotate(at=Max("finished_at")))
    every = found.get(SyncKind.ALL)
    kinds = []
    for kind in (*runs.EVERYTHING, SyncKind.SCAN):
        times = [found.get(kind), every if kind in runs.EVERYTHING else None]
        at = max((time for time in times if time is not None), default=None)
        kinds.append(Kind(str(kind), str(kind.label), at))
    return kinds


def _going(connection: OdooConnection, now: datetime) -> Going | None:
    """The one under way, else the one that waits longest. One query."""
    rows = OdooSyncRun.objects.filter(
        connection=connection, state__in=(RunState.RUNNING, RunState.QUEUED)
    )
    # "running" comes after "queued".
    run = rows.order_by("-state", "asked_at", "pk").first()
    return going(run, now) if run is not None else None


def going(run: OdooSyncRun, now: datetime) -> Going:
    """How far a run is. No query."""
    left = None
    if run.state == RunState.RUNNING and run.total and run.done and run.started_at:
        pace = (now - run.started_at).total_seconds() / run.done
        left = max(0, round(pace * (run.total - run.done)))
    return Going(run, run.done, run.total, left)
