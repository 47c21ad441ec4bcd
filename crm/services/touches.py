"""Contacts of a lead with what we published, and which of them was first and last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from crm.models import Lead, LeadTouch, Outcome
from crm.services import conversions

# A touch that names none of these leads back to nothing we published.
ORIGIN = ("publication_id", "post_id", "campaign_id", "link_id", "account_id")


@transaction.atomic
def add(lead: Lead, kind: str, at: datetime, **origin: Any) -> LeadTouch:
    """Note a contact; `origin` are the other fields of LeadTouch.

    Which touch was first and last is decided until the lead is won or lost. A touch without an
    origin (an entry by hand) takes nothing away from one that has one. An interaction touches
    one lead only: a second one raises IntegrityError.
    """
    row = Lead.objects.select_for_update().get(pk=lead.pk)
    touch = LeadTouch.objects.create(lead=row, kind=kind, at=at, **origin)
    changes: dict[str, LeadTouch] = {}
    is_open = row.outcome == Outcome.OPEN
    if row.first_touch is None or (
        is_open and _takes(touch, row.first_touch, at < row.first_touch.at)
    ):
        changes["first_touch"] = touch
    if row.last_touch is None or (
        is_open and _takes(touch, row.last_touch, at >= row.last_touch.at)
    ):
        changes["last_touch"] = touch
    for name, value in changes.items():
        setattr(row, name, value)
        setattr(lead, name, value)
    if changes:
        row.save(update_fields=[*changes, "updated_at"])
    conversions.book(row)
    return touch


def _takes(touch: LeadTouch, other: LeadTouch, by_time: bool) -> bool:
    """Does `touch` take the place of `other`? One with an origin before one without, then time."""
    with_origin, other_with = _has_origin(touch), _has_origin(other)
    return by_time if with_origin == other_with else with_origin


def _has_origin(touch: LeadTouch) -> bool:
    return any(getattr(touch, name) is not None for name in ORIGIN)
