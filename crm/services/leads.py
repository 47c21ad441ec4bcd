"""Verbs on leads: write, correct, send to Odoo, try again, decide, and say why one is not there."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import (
    ConnectionState,
    CrmSettings,
    Lead,
    LeadConflict,
    LeadSource,
    LeadState,
    OdooConnection,
    OdooSyncRun,
    SyncKind,
)
from crm.services import identity, notices
from crm.services.odoo import breaker, runs
from crm.services.reasons import Why, why
from socialhub import policies
from socialhub.services.errors import Conflict, Invalid, ServiceError

__all__ = [
    "Why",
    "create",
    "export",
    "queue",
    "retry",
    "send_by_itself",
    "settle_conflict",
    "update",
    "why",
]

log = logging.getLogger(__name__)

# What a person may write; all else is found out or comes from Odoo.
EDITABLE = (
    *("name", "contact_name", "email", "phone", "company", "message", "language"),
    *("product", "service"),
)
# The columns' own limits; texts without one may be long.
LIMITS = {"name": 300, "contact_name": 300, "email": 254, "phone": 60, "company": 300}
# With these states a lead may wait for Odoo: it is sent as soon as that works.
TAKES_LEADS = (ConnectionState.READY, ConnectionState.PAUSED)


# -- writing -----------------------------------------------------------------------


def create(user: Any, **fields: Any) -> Lead:
    """A lead written by hand; somebody who is one already gets the words as a note.

    `fields`: EDITABLE and `campaign`. Raises Forbidden, Invalid, Conflict.
    """
    from crm.services import capture
    from crm.services.told import LeadData

    placed = {name: fields.pop(name, None) for name in ("campaign", "product", "service")}
    told = _checked(fields)
    if not str(told.get("name", "")).strip():
        raise _wrong("name", _("Give the lead a title."))
    origin = capture.Origin(LeadSource.ADMIN, **placed)
    return capture.capture(LeadData(**told), origin, user)[0]


@transaction.atomic
def update(lead: Lead, user: Any, **fields: Any) -> Lead:
    """Correct what a person told. Raises Forbidden, Invalid; Conflict for an erased lead.

    After it was sent, Odoo gets contact, e-mail, phone and company with the next run.
    """
    policies.require(user, "change_lead")
    told = _checked(fields)
    row = Lead.objects.select_for_update().get(pk=lead.pk)
    require_person(row)
    for name, value in told.items():
        setattr(row, name, value)
    if not row.name.strip():
        raise _wrong("name", _("Give the lead a title."))
    row.email_key, row.phone_key = identity.email_key(row.email), identity.phone_key(row.phone)
    row.save(update_fields=[*told, "email_key", "phone_key", "updated_at"])
    return row


def require_person(lead: Lead) -> None:
    """Raise Conflict when its personal data was removed."""
    if lead.erased_at is not None:
        raise Conflict("erased", _("The data of this person was erased. Nothing can be changed."))


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    from crm.services.told import LONGEST_TEXT, writable

    unknown = sorted(set(fields) - set(EDITABLE))
    if unknown:
        raise _wrong(unknown[0], _("This field cannot be written."))
    found = {
        name: writable(value).strip() if isinstance(value, str) else value
        for name, value in fields.items()
    }
    for name, value in found.items():
        limit = LIMITS.get(name, LONGEST_TEXT)
        if isinstance(value, str) and len(value) > limit:
            raise _wrong(name, _("At most %(limit)s characters.") % {"limit": limit})
    if found.get("email"):
        try:
            validate_email(found["email"])
        except ValidationError:
            raise _wrong("email", _("This is no e-mail address.")) from None
    return found


def _wrong(field: str, message: str) -> Invalid:
    return Invalid("invalid", message, {field: [message]})


# -- to Odoo -------------------------------------------------------------------------


def send_by_itself(lead: Lead) -> None:
    """Put a new lead on the queue, if the settings say so and there is an Odoo to take it."""
    connection = runs.active()
    if connection is None or connection.state not in TAKES_LEADS:
        return
    if CrmSettings.get().send_by_itself and _enqueue([lead.pk]):
        lead.refresh_from_db(fields=["state", "queued_at", "next_try_at"])


@transaction.atomic
def queue(leads: Iterable[Lead], user: Any) -> int:
    """Put new leads on the queue; returns how many. Others are left as they are.

    Raises Forbidden; Conflict without a connection that could take them.
    """
    policies.require(user, "export_lead")
    require_connection()
    return _enqueue([lead.pk for lead in leads])


@transaction.atomic
def export(leads: Iterable[Lead], user: Any) -> OdooSyncRun:
    """Send these now: what is new goes on the queue, and a run for them starts.

    Raises Forbidden; Conflict when nothing can be sent at the moment.
    """
    policies.require(user, "export_lead")
    connection, ids = require_connection(), [lead.pk for lead in leads]
    runs.require_usable(connection)
    _enqueue(ids, at_once=False)
    return runs.start(connection, SyncKind.EXPORT, user, ids)


def require_connection() -> OdooConnection:
    """The connection in use. Raises Conflict, saying what to do, when it takes no leads."""
    connection = runs.active()
    if connection is None:
        raise Conflict("no_connection", _("No Odoo is connected. Connect one first."))
    if connection.state not in TAKES_LEADS:
        raise Conflict("not_ready", _("Test the connection first: the checklist has open steps."))
    return connection


def _enqueue(ids: list[int], *, at_once: bool = True) -> int:
    now = timezone.now()
    moved = Lead.objects.filter(
        pk__in=ids, state=LeadState.NEW, odoo_id__isnull=True, erased_at__isnull=True
    ).update(state=LeadState.QUEUED, queued_at=now, next_try_at=now, tries=0)
    if moved and at_once:
        transaction.on_commit(hurry, robust=True)
    return moved


def hurry() -> None:
    """Start sending now instead of with the next periodic run; that one comes in any case."""
    connection = runs.active()
    if connection is None or breaker.is_open(connection, timezone.now()):
        return
    try:
        runs.start(connection, SyncKind.EXPORT)
    except ServiceError as exc:
        # Paused: they wait.
        log.info("leads wait for Odoo: %s", exc.code)


@transaction.atomic
def retry(leads: Iterable[Lead], user: Any) -> int:
    """Parked leads go on their way again; returns how many.

    One that is in Odoo already is never queued: it goes back to sent.
    """
    policies.require(user, "export_lead")
    parked = Lead.objects.filter(
        pk__in=[lead.pk for lead in leads], state=LeadState.PARKED, erased_at__isnull=True
    )
    now = timezone.now()
    free = {"park_code": "", "park_reason": "", "tries": 0}
    rows = list(parked.only("pk"))
    back = parked.filter(odoo_id__isnull=False).update(state=LeadState.EXPORTED, **free)
    again = parked.filter(odoo_id__isnull=True).update(
        state=LeadState.QUEUED, queued_at=now, next_try_at=now, **free
    )
    for row in rows:
        notices.lead_settled(row)
    if again:
        transaction.on_commit(partial(hurry), robust=True)
    return back + again


# -- deciding --------------------------------------------------------------------------


@transaction.atomic
def settle_conflict(conflict: LeadConflict, user: Any, choice: str) -> LeadConflict:
    """Keep our value ("ours": Odoo gets it with the next run) or take Odoo's ("theirs").

    Raises Forbidden, Invalid; Conflict when somebody else decided.
    """
    policies.require(user, "change_lead")
    if choice not in ("ours", "theirs"):
        raise _wrong("choice", _("Choose one of the two values."))
    settled = LeadConflict.objects.filter(pk=conflict.pk, settled_at__isnull=True).update(
        settled_at=timezone.now(), settled_by=user, choice=choice
    )
    if not settled:
        raise Conflict("settled", _("Somebody has decided this already."))
    conflict.refresh_from_db()
    lead = Lead.objects.select_for_update().get(pk=conflict.lead_id)
    require_person(lead)
    # Their value is what both sides agree on now; ours, if it is kept, is a change after that.
    lead.agreed = {**lead.agreed, conflict.field: conflict.theirs}
    if choice == "theirs":
        setattr(lead, conflict.field, conflict.theirs[: LIMITS.get(conflict.field)])
    lead.email_key, lead.phone_key = identity.email_key(lead.email), identity.phone_key(lead.phone)
    lead.save(update_fields=["agreed", conflict.field, "email_key", "phone_key", "updated_at"])
    notices.conflict_settled(conflict)
    return conflict
