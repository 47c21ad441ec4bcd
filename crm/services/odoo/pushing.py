"""A contact field changed here only: written to Odoo, unless somebody was faster there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from crm.models import Lead
from crm.odoo import errors
from crm.services.odoo import logs
from crm.services.odoo.lead_values import MODEL
from crm.services.odoo.merging import Merge
from crm.services.odoo.ownership import CONTACT
from crm.services.odoo.scrubbing import personal, scrubbed
from crm.services.odoo.session import Session


@dataclass(frozen=True, slots=True)
class Push:
    """`seen` is the write_date of the record the merge compared with."""

    lead_id: int
    odoo_id: int
    seen: datetime
    merge: Merge


# One lead's trouble; the others go on, and the next reading tries again.
SKIPPED = (
    errors.AccessRefused,
    errors.Conflict,
    errors.Invalid,
    errors.Moved,
    errors.NotFound,
    errors.ServerBug,
)


def push(session: Session, push: Push) -> None:
    """Write our values. A lost answer is settled by the next reading: it compares again."""
    lead = Lead.objects.get(pk=push.lead_id)
    values = {CONTACT[name]: value for name, value in push.merge.ours.items()}
    changes = dict.fromkeys(push.merge.ours, ("", ""))
    try:
        with (
            logs.attempt(
                session,
                object_type="lead",
                object_id=lead.pk,
                odoo_model=MODEL,
                odoo_id=push.odoo_id,
                operation="update",
            ) as line,
            scrubbed([*personal(lead), *values.values()]),
        ):
            moment = session.client.write_if_unchanged(MODEL, push.odoo_id, push.seen, values)
            line.ok(changes=changes)
    except SKIPPED:
        session.count(failed=1)
        return
    _agree(push, moment)
    session.count(updated=1)


@transaction.atomic
def _agree(push: Push, moment: datetime) -> None:
    """What was written is what both sides have now."""
    lead = Lead.objects.select_for_update().get(pk=push.lead_id)
    Lead.objects.filter(pk=lead.pk, odoo_id=push.odoo_id, erased_at__isnull=True).update(
        agreed={**lead.agreed, **push.merge.ours},
        odoo_write_date=moment,
        updated_at=timezone.now(),
    )
