"""What waits for a person here, as lines for Today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import (
    ConnectionState,
    Lead,
    LeadConflict,
    LeadState,
    OdooConnection,
    PriceFlag,
)
from socialhub import policies
from socialhub.models import Post
from socialhub.queries.needs import Need, Step

# Days before a key ends.
WARN = timedelta(days=14)


def needs(user: Any, now: datetime) -> tuple[Sequence[Need], int]:
    """Lines for this person, most urgent first; never more than one per kind."""
    found = [
        *_connections(user, now),
        *_parked(user),
        *_conflicts(user),
        *_prices(user),
    ]
    return found, 0


def _connections(user: Any, now: datetime) -> list[Need]:
    if not policies.can(user, "connect_odoo"):
        return []
    row = OdooConnection.objects.filter(is_active=True).first()
    if row is None:
        return []
    url = reverse("admin:crm_odooconnection_change", args=[row.pk])
    if row.state == ConnectionState.PAUSED:
        text = row.paused_reason
        word, label = _("paused"), _("Enter a key")
    elif row.key_expires_at is not None and row.key_expires_at < now + WARN:
        text = _("After its end Odoo refuses every request. Make a new key in Odoo.")
        word, label = _("key ends"), _("Enter a new key")
    else:
        return []
    return [_need("odoo", "needs_reconnect", word, row.name, text, url, label)]


def _parked(user: Any) -> list[Need]:
    if not policies.can(user, "export_lead"):
        return []
    rows = Lead.objects.visible_to(user).filter(state=LeadState.PARKED)
    counted = rows.aggregate(n=Count("pk"), oldest=Min("queued_at"))
    if not counted["n"]:
        return []
    title = ngettext(
        "%(n)s lead could not be sent to Odoo",
        "%(n)s leads could not be sent to Odoo",
        counted["n"],
    ) % {"n": counted["n"]}
    first = rows.order_by("queued_at", "pk").values_list("park_reason", flat=True).first()
    url = reverse("admin:crm_lead_changelist") + "?state__exact=parked"
    return [
        _need(
            "leads-parked",
            "failed",
            _("parked"),
            title,
            first or "",
            url,
            _("Look at them"),
            counted["oldest"],
        )
    ]


def _conflicts(user: Any) -> list[Need]:
    if not policies.can(user, "change_lead"):
        return []
    leads = Lead.objects.visible_to(user).values("pk")
    rows = LeadConflict.objects.filter(settled_at__isnull=True, lead__in=leads)
    row = rows.order_by("raised_at", "pk").first()
    if row is None:
        return []
    count = rows.count()
    title = ngettext(
        "%(n)s field was changed here and in Odoo",
        "%(n)s fields were changed here and in Odoo",
        count,
    ) % {"n": count}
    url = reverse("admin:crm_lead_change", args=[row.lead_id])
    text = _("Choose which value is right.")
    return [
        _need(
            "lead-conflicts", "unknown", _("conflict"), title, text, url, _("Decide"), row.raised_at
        )
    ]


def _prices(user: Any) -> list[Need]:
    if not policies.can(user, "change_catalogue"):
        return []
    posts = Post.objects.visible_to(user).values("pk")
    rows = PriceFlag.objects.filter(settled_at__isnull=True, post__in=posts)
    row = rows.select_related("product", "service").order_by("raised_at", "pk").first()
    if row is None:
        return []
    count = rows.count()
    title = ngettext(
        "%(n)s post may show an old price", "%(n)s posts may show an old price", count
    ) % {"n": count}
    text = _("The price of %(item)s changed.") % {"item": row.item}
    url = reverse("admin:socialhub_post_change", args=[row.post_id])
    return [_need("prices", "unknown", _("price"), title, text, url, _("Check"), row.raised_at)]


def _need(
    key: str,
    state: str,
    word: str,
    title: str,
    text: str,
    url: str,
    label: str,
    since: datetime | None = None,
) -> Need:
    return Need(
        key=key,
        state=state,
        word=word,
        title=title,
        text=text,
        url=url,
        since=since,
        step=Step(label, url=url),
    )
