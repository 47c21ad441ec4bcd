"""Contact fields that both sides may change: merged with what they last agreed on as the base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from crm.models import Lead, LeadConflict
from crm.services import notices
from crm.services.odoo.ownership import CONTACT, contact_of, same


@dataclass(slots=True)
class Merge:
    """What a merge decided, field by field; names are ours."""

    taken: dict[str, str] = field(default_factory=dict)
    # Changed here only: to be written to Odoo.
    ours: dict[str, str] = field(default_factory=dict)
    # Field → ours and theirs.
    conflicts: dict[str, tuple[str, str]] = field(default_factory=dict)
    agreed: dict[str, str] = field(default_factory=dict)


def merge(lead: Lead, record: Mapping[str, Any]) -> Merge:
    """Compare a lead with Odoo's record. Nothing is stored.

    Changed on one side: that one counts. On both, differently: neither, a person decides.
    """
    found = Merge(agreed=dict(lead.agreed))
    for name, ours in contact_of(lead).items():
        if CONTACT[name] not in record:
            continue
        theirs = str(record[CONTACT[name]] or "")
        base = lead.agreed.get(name, "")
        if same(name, ours, theirs):
            found.agreed[name] = ours
        elif same(name, ours, base):
            found.taken[name] = found.agreed[name] = fitting(name, theirs)
        elif same(name, theirs, base):
            found.ours[name] = ours
        else:
            found.conflicts[name] = (ours, theirs)
    return found


def fitting(name: str, text: str) -> str:
    """As much of Odoo's value as our column holds."""
    longest: int | None = getattr(Lead._meta.get_field(name), "max_length", None)
    return text.strip()[:longest]


def changed_here() -> QuerySet[Lead]:
    """Leads whose contact fields are not what both sides agreed on; open conflicts among them."""
    differs = Q()
    for name in CONTACT:
        differs |= Q(**{f"agreed_{name}__isnull": True}) | ~Q(**{f"agreed_{name}": F(name)})
    agreed = {f"agreed_{name}": KT(f"agreed__{name}") for name in CONTACT}
    return Lead.objects.annotate(**agreed).filter(
        differs, odoo_id__isnull=False, erased_at__isnull=True
    )


def raise_conflicts(lead: Lead, found: Mapping[str, tuple[str, str]]) -> list[LeadConflict]:
    """One open conflict per field, with the values as they are now; the new ones are returned.

    One that is over (both sides have the same value by now) is settled without a choice.
    """
    raised = []
    still = {row.field: row for row in lead.conflicts.filter(settled_at__isnull=True)}
    for name, (ours, theirs) in found.items():
        row = still.pop(name, None)
        if row is None:
            row = LeadConflict.objects.create(lead=lead, field=name, ours=ours, theirs=theirs)
            notices.conflict_raised(row)
            raised.append(row)
        elif (row.ours, row.theirs) != (ours, theirs):
            LeadConflict.objects.filter(pk=row.pk, settled_at__isnull=True).update(
                ours=ours, theirs=theirs
            )
    for row in still.values():
        LeadConflict.objects.filter(pk=row.pk, settled_at__isnull=True).update(
            settled_at=timezone.now()
        )
        notices.conflict_settled(row)
    return raised
