"""Demo leads and what hangs on them, before the posts they came from are removed."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from crm.models import Lead, LeadForm, OdooConnection, Product, Service
from crm.services import conversions


def forget(publication_ids: Sequence[int], account_ids: Sequence[int]) -> None:
    """Delete every demo row of this app, in the caller's transaction.

    A lead of real work that came from a demo account goes too: its comment is invented.
    """
    invented = Q(is_demo=True) | Q(account__in=account_ids) | Q(publication__in=publication_ids)
    leads = Lead.objects.filter(invented)
    for lead in leads:
        conversions.forget(lead)
    leads.delete()
    LeadForm.objects.filter(is_demo=True).delete()
    for model in (Product, Service):
        model.objects.filter(is_demo=True).delete()
    OdooConnection.objects.filter(is_demo=True).delete()
