"""Without the sale app Odoo knows no orders: a won lead counts with what was expected of it."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from crm.models import Lead, LeadRevenue, OdooSyncLog, Outcome
from crm.services.odoo import sums
from crm.services.odoo.session import Session

AT_ONCE = 500


def store(session: Session) -> None:
    """Estimates of won leads; those that are not won any more lose theirs."""
    ids = list(
        Lead.objects.filter(
            connection=session.connection, outcome=Outcome.WON, expected_revenue__isnull=False
        ).values_list("pk", flat=True)
    )
    for start in range(0, len(ids), AT_ONCE):
        with transaction.atomic():
            rows = Lead.objects.filter(pk__in=ids[start : start + AT_ONCE]).order_by("pk")
            sums.log(session, [line for lead in rows for line in _estimate(session, lead)])
        session.beat()
    withdraw(session, still=ids)


def _estimate(session: Session, lead: Lead) -> list[OdooSyncLog]:
    before = LeadRevenue.objects.filter(lead=lead).first()
    if before is not None and not before.is_estimate:
        # Real figures from a time when Odoo told them.
        return []
    after = {
        "quoted": None,
        "won": lead.expected_revenue,
        "invoiced": None,
        "currency": lead.currency,
        "is_estimate": True,
    }
    return sums.settled(session, lead, before, after)


@transaction.atomic
def withdraw(session: Session, still: list[int] | None = None) -> None:
    """Remove estimates that do not hold any more; all of them when Odoo tells real figures."""
    rows = LeadRevenue.objects.filter(lead__connection=session.connection, is_estimate=True)
    kept = set(still or ())
    over = [row for row in rows.select_related("lead") if row.lead_id not in kept]
    gone: dict[str, tuple[Decimal | None, None]]
    lines = []
    for row in over:
        gone = {"won": (row.won, None)}
        lines.append(sums.line(row.lead, gone))
        row.delete()
    sums.log(session, lines)
