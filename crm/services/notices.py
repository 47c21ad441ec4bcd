"""Telling people of what only a person can settle. One open notice per incident."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from crm.models import Lead, LeadConflict, OdooConnection, PriceFlag
from socialhub.models import NoticeKind
from socialhub.registries import NoticeSource, NoticeText
from socialhub.services import notices

VERBS = {
    "connection": "connect_odoo",
    "key": "connect_odoo",
    "lead": "export_lead",
    "conflict": "change_lead",
    "price": "change_catalogue",
}


def connection_paused(connection: OdooConnection, reason: str) -> None:
    """Nothing goes to Odoo until somebody enters a working key."""
    stamp = f"{timezone.now():%Y%m%d%H%M%S}"
    _open(f"crm:connection:{connection.pk}:{stamp}")


def connection_works(connection: OdooConnection) -> None:
    """The trouble is over."""
    notices.resolve(f"crm:connection:{connection.pk}:")


def key_ends(connection: OdooConnection) -> None:
    """The API key ends within two weeks."""
    if connection.key_expires_at is not None:
        _open(f"crm:key:{connection.pk}:{connection.key_expires_at:%Y%m%d}")


def lead_parked(lead: Lead) -> None:
    """A lead could not be sent and waits for a person."""
    _open(f"crm:lead:{lead.pk}:{lead.tries}")


def lead_settled(lead: Lead) -> None:
    """A parked lead is on its way again."""
    notices.resolve(f"crm:lead:{lead.pk}:")


def conflict_raised(conflict: LeadConflict) -> None:
    """Two values for one field of a lead."""
    _open(f"crm:conflict:{conflict.pk}:")


def conflict_settled(conflict: LeadConflict) -> None:
    """A person has decided."""
    notices.resolve(f"crm:conflict:{conflict.pk}:")


def price_changed(flag: PriceFlag) -> None:
    """A post that is not out yet may show an old price."""
    notices.open_notice(NoticeKind.TASK, f"crm:price:{flag.pk}:", post=flag.post)


def price_settled(flag: PriceFlag) -> None:
    """Somebody has looked, or the price is the old one again."""
    notices.resolve(f"crm:price:{flag.pk}:")


def _open(incident: str) -> None:
    notices.open_notice(NoticeKind.TASK, incident)


# -- in words ------------------------------------------------------------------------


def describe(incident: str) -> NoticeText | None:
    """The notice in the active language; None when what it was about is gone."""
    _app, kind, pk, *_rest = incident.split(":")
    return _DESCRIBED[kind](int(pk))


def verb(incident: str) -> str:
    """What a person must be allowed to do to hear of it."""
    return VERBS[incident.split(":")[1]]


SOURCE = NoticeSource(describe, verb)


def _page(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return reverse("admin:index")


def _connection(pk: int) -> NoticeText | None:
    row = OdooConnection.objects.filter(pk=pk).first()
    if row is None:
        return None
    return NoticeText(
        _("The connection to %(name)s is paused") % {"name": row.name},
        row.paused_reason,
        _("Open the connection, enter a working key and test it. Leads wait until then."),
        _page("admin:crm_odooconnection_change", pk),
    )


def _key(pk: int) -> NoticeText | None:
    row = OdooConnection.objects.filter(pk=pk, key_expires_at__isnull=False).first()
    if row is None or row.key_expires_at is None:
        return None
    day = formats.date_format(timezone.localtime(row.key_expires_at), "DATE_FORMAT")
    return NoticeText(
        _("The Odoo key of %(name)s ends on %(day)s") % {"name": row.name, "day": day},
        _("After that Odoo refuses every request."),
        _("Make a new key named SocialHub in Odoo and enter it here."),
        _page("admin:crm_odooconnection_change", pk),
    )


def _lead(pk: int) -> NoticeText | None:
    row = Lead.objects.filter(pk=pk).first()
    if row is None:
        return None
    return NoticeText(
        _("A lead could not be sent to Odoo"),
        row.park_reason or _("It was settled in the meantime."),
        _("Open the lead: correct it and try again."),
        _page("admin:crm_lead_change", pk),
    )


def _conflict(pk: int) -> NoticeText | None:
    row = LeadConflict.objects.filter(pk=pk).first()
    if row is None:
        return None
    return NoticeText(
        _("A lead was changed here and in Odoo"),
        _("SocialHub and Odoo have different values for the same field."),
        _("Open the lead and choose which value is right."),
        _page("admin:crm_lead_change", row.lead_id),
    )


def _price(pk: int) -> NoticeText | None:
    row = PriceFlag.objects.select_related("product", "service").filter(pk=pk).first()
    if row is None or row.item is None:
        return None
    return NoticeText(
        _("The price of %(item)s changed") % {"item": row.item},
        _("A post about it is not out yet and may show the old price."),
        _("Open the post and check the price."),
        _page("admin:socialhub_post_change", row.post_id),
    )


_DESCRIBED = {
    "connection": _connection,
    "key": _key,
    "lead": _lead,
    "conflict": _conflict,
    "price": _price,
}
