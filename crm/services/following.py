"""Later words of people who are leads already: noted with the lead, told to Odoo."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from crm.models import Lead, LeadTouch
from crm.services import capture, identity
from crm.services.told import cleaned
from socialhub.models import Interaction

# How far back the sweep looks for what no message told.
SWEPT = timedelta(days=7)
CHUNK = 500


def follow(interaction: Interaction) -> bool:
    """Note it with the open lead its author is; False when they are none, or it is noted.

    Nobody becomes a lead by this, and what they wrote before their first touch stays outside.
    """
    keys = capture.Keys(person=identity.person_key(interaction))
    origin = capture.origin_of(interaction)
    with transaction.atomic():
        identity.hold(capture.held(keys, origin))
        if LeadTouch.objects.filter(interaction=interaction).exists():
            return False
        lead = identity.find("", "", keys.person, lock=True)
        if lead is None or not _is_later(interaction.created_at, lead):
            return False
        capture.note_down(lead, cleaned(capture.told_by(interaction)), origin, keys)
    return True


def _is_later(at: datetime, lead: Lead) -> bool:
    return at >= (lead.first_touch.at if lead.first_touch else lead.created_at)


def follow_unseen(now: datetime) -> int:
    """Every interaction of the last days whose author is an open lead and that is not noted.

    What a lost message leaves behind; returns how many were noted.
    """
    known = identity.open_leads().exclude(person_key="")
    if not known.exists():
        return 0
    rows = (
        Interaction.objects.filter(lead_touch__isnull=True, collected_at__gte=now - SWEPT)
        .select_related("account")
        .order_by("created_at", "pk")
    )
    noted, chunk = 0, []
    for row in rows.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            noted, chunk = noted + _follow_known(chunk), []
    return noted + _follow_known(chunk)


def _follow_known(rows: list[Interaction]) -> int:
    keys = {row.pk: identity.person_key(row) for row in rows}
    wanted = set(keys.values()) - {""}
    found = identity.open_leads().filter(person_key__in=wanted).select_related("first_touch")
    known = {lead.person_key: lead for lead in found.order_by("created_at", "pk")}
    return sum(
        follow(row)
        for row in rows
        if keys[row.pk] in known and _is_later(row.created_at, known[keys[row.pk]])
    )
