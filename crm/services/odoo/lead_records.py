"""One record of crm.lead as fields of our lead, and what of it is new."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone

from crm.models import Lead, LeadState, OdooStage, Outcome
from crm.odoo import Client, Record
from crm.services import conversions, identity
from crm.services.odoo import merging
from crm.services.odoo.lead_values import MODEL
from crm.services.odoo.merging import Merge
from crm.services.odoo.ownership import CONTACT

WANTED = (
    *("stage_id", "probability", "expected_revenue", "company_currency", "active", "won_status"),
    *("date_closed", "lost_reason_id", "user_id", "type"),
    *CONTACT.values(),
)
CENT = Decimal("0.01")
LARGEST = Decimal("99999999999999.99")


def fields(client: Client) -> list[str]:
    """Of what we read, what this Odoo has."""
    known = client.fields(MODEL)
    return [name for name in WANTED if name in known]


def apply(
    lead: Lead, record: Record, stages: Mapping[int, OdooStage]
) -> tuple[dict[str, Any], Merge]:
    """Store what Odoo says about a lead that is locked by the caller.

    Returns {field: (before, after)} of what changed, and how contact fields were merged.
    """
    values = _odoo_owned(lead, record, stages)
    found = Merge() if lead.erased_at is not None else merging.merge(lead, record)
    values |= found.taken
    if "email" in found.taken:
        values["email_key"] = identity.email_key(found.taken["email"])
    if "phone" in found.taken:
        values["phone_key"] = identity.phone_key(found.taken["phone"])
    if lead.state == LeadState.EXPORTED:
        values["state"] = LeadState.LINKED
    changes = {
        name: (getattr(lead, name), value)
        for name, value in values.items()
        if getattr(lead, name) != value
    }
    _write(lead, record, changes, found)
    if lead.erased_at is None:
        merging.raise_conflicts(lead, found.conflicts)
    if "opportunity_at" in changes:
        conversions.book(lead)
    return _shown(changes), found


def _write(lead: Lead, record: Record, changes: dict[str, Any], found: Merge) -> None:
    update = {name: after for name, (_before, after) in changes.items()}
    if lead.odoo_write_date != record["write_date"]:
        update["odoo_write_date"] = record["write_date"]
    if lead.erased_at is None and found.agreed != lead.agreed:
        update["agreed"] = found.agreed
    if changes or lead.pulled_at is None:
        update["pulled_at"] = update["updated_at"] = timezone.now()
    if not update:
        return
    # The row is locked; the condition keeps it right where a database locks no rows.
    Lead.objects.filter(pk=lead.pk, odoo_id=lead.odoo_id).update(**update)
    for name, value in update.items():
        setattr(lead, name, value)


def _shown(changes: dict[str, Any]) -> dict[str, Any]:
    """For the log: without what only serves us, and without dates of our own."""
    hidden = {"email_key", "phone_key", "stage", "opportunity_at"}
    return {name: values for name, values in changes.items() if name not in hidden}


def _odoo_owned(lead: Lead, record: Record, stages: Mapping[int, OdooStage]) -> dict[str, Any]:
    stage_id, stage_name = record.get("stage_id") or (None, "")
    stage = stages.get(stage_id) if stage_id else None
    outcome = _outcome(record, stage)
    currency = (record.get("company_currency") or (0, ""))[1][:3]
    kind = record.get("type") or ""
    values: dict[str, Any] = {
        "stage": stage,
        "stage_name": (stage.name if stage else stage_name)[:200],
        "probability": _float(record.get("probability")),
        "expected_revenue": _money(record.get("expected_revenue")) if currency else None,
        "currency": currency,
        "outcome": outcome,
        "closed_at": _closed(record, outcome),
        "lost_reason": (record.get("lost_reason_id") or (0, ""))[1][:200],
        "salesperson": (record.get("user_id") or (0, ""))[1][:200],
        "odoo_type": kind,
    }
    if kind == "opportunity" and lead.opportunity_at is None:
        first = lead.pulled_at is None and lead.exported_at
        values["opportunity_at"] = first or timezone.now()
    return values


def _outcome(record: Record, stage: OdooStage | None) -> str:
    """Lost leads are archived with probability 0; Odoo 19 also says it by name."""
    said = record.get("won_status")
    if said in (Outcome.WON, Outcome.LOST):
        return str(said)
    if record.get("active") is False and not record.get("probability"):
        return Outcome.LOST
    return Outcome.WON if stage is not None and stage.is_won else Outcome.OPEN


def _closed(record: Record, outcome: str) -> Any:
    if outcome == Outcome.OPEN:
        return None
    return record.get("date_closed") or record["write_date"]


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _money(value: Any) -> Decimal | None:
    """As much as our column holds."""
    if value is None:
        return None
    amount = Decimal(value).quantize(CENT, ROUND_HALF_UP)
    return max(-LARGEST, min(amount, LARGEST))
