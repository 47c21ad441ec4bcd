"""Removing a person's data and keeping the figures: when, from where, what it brought in.

What stays of an interaction is its id on the network, or it would be collected again. What our
own publications say about somebody is out and is not changed here, nor is anything in Odoo.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Lead, LeadConflict, LeadNote, LeadState, LeadTouch, NoteState, OdooSyncLog
from crm.odoo import record_url
from crm.services import identity
from socialhub import policies
from socialhub.models import IdempotencyKey, Interaction
from socialhub.services.errors import Conflict

# A worker holds a lead no longer than this without a sign of life.
HELD = timedelta(minutes=10)
EMPTIED = (
    *("contact_name", "email", "phone", "company", "message", "language"),
    *("email_key", "phone_key", "person_key"),
)


@dataclass(frozen=True, slots=True)
class Erased:
    """`leads` are the ids of all leads of the person; `odoo` what has to be removed there too."""

    leads: list[int]
    interactions: int
    odoo: list[str]
    sentence: str


def erase_person(lead: Lead, user: Any) -> Erased:
    """Erase the person of this lead: all their leads by e-mail or network, all they wrote.

    Raises Forbidden; Conflict while one of them is being sent. Again: nothing changes.
    """
    policies.require(user, "erase_lead")
    with transaction.atomic():
        identity.hold([f"email:{lead.email_key}" if lead.email_key else ""])
        same = Q(pk=lead.pk)
        if lead.email_key:
            same |= Q(email_key=lead.email_key)
        if lead.person_key:
            same |= Q(person_key=lead.person_key)
        rows = list(Lead.objects.select_for_update().filter(same).order_by("pk"))
        wrote = [_written_by(row.person_key) for row in rows if row.person_key]
        return _erased(rows, [pk for found in wrote for pk in found])


def erase_lead(lead: Lead) -> Erased:
    """Erase one lead and what is linked with it; other leads of the person stay. For retention."""
    with transaction.atomic():
        return _erased(list(Lead.objects.select_for_update().filter(pk=lead.pk)), [])


def _erased(rows: list[Lead], interactions: list[int]) -> Erased:
    for row in rows:
        _require_not_held(row)
    ids = [row.pk for row in rows]
    touched = LeadTouch.objects.filter(lead__in=ids, interaction__isnull=False)
    noted = LeadNote.objects.filter(lead__in=ids, interaction__isnull=False)
    linked = {
        *interactions,
        *touched.values_list("interaction", flat=True),
        *noted.values_list("interaction", flat=True),
    }
    for row in rows:
        _anonymise(row)
    _forget_around(rows)
    for first in range(0, len(linked), 500):
        _anonymise_interactions(sorted(linked)[first : first + 500])
    there = [url for row in rows if (url := odoo_address(row))]
    return Erased(ids, len(linked), there, _sentence(rows, there))


def _require_not_held(row: Lead) -> None:
    recent = timezone.now() - HELD
    if row.claim is not None and row.claimed_at is not None and row.claimed_at > recent:
        raise Conflict(
            "being_sent", _("This lead is being sent to Odoo right now. Erase it in a minute.")
        )


def _anonymise(row: Lead) -> None:
    changes: dict[str, Any] = dict.fromkeys(EMPTIED, "")
    changes |= {"name": _("Erased person"), "agreed": {}}
    changes["erased_at"] = row.erased_at or timezone.now()
    if row.odoo_id is None:
        # It must not leave any more.
        reason = _("The data of this person was erased.")
        changes |= {"state": LeadState.PARKED, "park_code": "erased", "park_reason": reason}
        changes |= {"claim": None, "next_try_at": None}
    elif row.state == LeadState.PARKED:
        # The reason may quote what Odoo said about the values.
        changes["park_reason"] = _("The data of this person was erased.")
    Lead.objects.filter(pk=row.pk).update(**changes)


def _forget_around(rows: list[Lead]) -> None:
    ids = [row.pk for row in rows]
    notes = LeadNote.objects.filter(lead__in=ids)
    note_ids = list(notes.values_list("pk", flat=True))
    notes.update(text="", reason="")
    notes.exclude(state=NoteState.SENT).update(state=NoteState.PARKED, next_try_at=None)
    LeadConflict.objects.filter(lead__in=ids).update(ours="", theirs="")
    LeadConflict.objects.filter(lead__in=ids, settled_at__isnull=True).update(
        settled_at=timezone.now(), choice="theirs"
    )
    about = Q(object_type="note", object_id__in=note_ids)
    about |= Q(object_id__in=ids) & ~Q(object_type__in=("note", "product", "service", "run"))
    OdooSyncLog.objects.filter(about).update(changes={}, message="")
    _forget_in_admin(Lead, ids)
    _forget_answers(rows)


def _forget_in_admin(model: type[Model], ids: list[int]) -> None:
    """The admin's own log shows rows by their names."""
    kind = ContentType.objects.get_for_model(model)
    LogEntry.objects.filter(content_type=kind, object_id__in=[str(pk) for pk in ids]).update(
        object_repr=_("Erased person"), change_message=""
    )


def _forget_answers(rows: list[Lead]) -> None:
    """Answers kept for `Idempotency-Key` hold what was sent: only the ids stay."""
    for row in rows:
        answer = {"id": row.pk, "uuid": str(row.uuid), "erased": True}
        IdempotencyKey.objects.filter(
            path__startswith="/api/leads/", answer__uuid=str(row.uuid)
        ).update(answer=answer)


def _anonymise_interactions(ids: list[int]) -> None:
    now = timezone.now()
    rows = Interaction.objects.filter(pk__in=ids)
    rows.filter(archived_at__isnull=True).update(archived_at=now)
    rows.update(
        author_handle="",
        author_name=_("Erased person"),
        text="",
        permalink="",
        remote_data={},
    )
    _forget_in_admin(Interaction, ids)


def _written_by(person: str) -> list[int]:
    """Ids of everything this person wrote to us."""
    return [row.pk for row in _perhaps_by(person) if identity.person_key(row) == person]


def _perhaps_by(person: str) -> QuerySet[Interaction]:
    platform, _colon, name = person.partition(":")
    first = name.split("@")[0]
    handles = Q(author_handle__istartswith=first) | Q(author_handle__istartswith=f"@{first}")
    by = Q(remote_id__startswith=f"at://{name}/") if name.startswith("did:") else handles
    return Interaction.objects.filter(by, account__platform=platform).select_related("account")


# -- what is left to do in Odoo --------------------------------------------------------------


def odoo_address(lead: Lead) -> str:
    """The page of the lead in Odoo; "" when it is not there."""
    connection = lead.connection
    if connection is None or lead.odoo_id is None:
        return ""
    digits = "".join(one if one.isdigit() else " " for one in connection.version).split()
    return record_url(connection.url, int(digits[0]) if digits else 18, "crm.lead", lead.odoo_id)


def _sentence(rows: list[Lead], there: list[str]) -> str:
    if there:
        return _(
            "Erased here. Odoo still holds this person: delete or anonymise the record there: "
            "%(links)s"
        ) % {"links": " ".join(there)}
    if any(row.was_sent for row in rows):
        names = ", ".join(row.external_name for row in rows if row.was_sent)
        return _(
            "Erased here. It may have reached Odoo: look there for the external id %(names)s."
        ) % {"names": names}
    return _("Erased here. It never went to Odoo.")
