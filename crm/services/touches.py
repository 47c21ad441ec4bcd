"""Contacts of a lead with what we published, and which of them was first and last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from crm.models import Lead, LeadTouch, Outcome
from crm.services import conversions


@transaction.atomic
def add(lead: Lead, kind: str, at: datetime, **origin: Any) -> LeadTouch:
    """Note a contact; `origin` are the other fields of LeadTouch.

    Which touch was first and last is decided until the lead is won or lost. An interaction
    touches one lead only: a second one raises IntegrityError.
    """
    row = Lead.objects.select_for_update().get(pk=lead.pk)
    touch = LeadTouch.objects.create(lead=row, kind=kind, at=at, **origin)
    changes: dict[str, LeadTouch] = {}
    is_open = row.outcome == Outcome.OPEN
    if row.first_touch is None or (is_open and at < row.first_touch.at):
        changes["first_touch"] = touch
    if row.last_touch is None or (is_open and at >= row.last_touch.at):
        changes["last_touch"] = touch
    for name, value in changes.items():
        setattr(row, name, value)
        setattr(lead, name, value)
    if changes:
        row.save(update_fields=[*changes, "updated_at"])
    conversions.book(row)
    return touch
