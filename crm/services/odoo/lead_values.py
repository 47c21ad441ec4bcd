"""A lead as one row for Odoo's `load`: every value as text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Lead, OdooConnection
from crm.odoo import FieldInfo, Html, errors, html
from crm.odoo.values import MAX_TEXT, clean_text
from crm.services.odoo.ownership import CONTACT, contact_of
from socialhub.platforms.registry import UnknownPlatform, get_adapter

MODEL = "crm.lead"
# Room for where the lead came from, below a message that is cut.
ORIGIN_BYTES = 6_000
SPLIT = re.compile(r"(&[#\w]*|<[^>]*)$")


def columns(
    lead: Lead,
    connection: OdooConnection,
    known: Mapping[str, FieldInfo],
    utm: Mapping[str, str],
) -> dict[str, str]:
    """Column → text. Fields this Odoo does not have are left out; without a title nothing goes.

    An empty salesperson is sent as such: left out, Odoo would take the bot itself.
    """
    if "name" not in known:
        raise errors.Invalid("Odoo's crm.lead has no field for the title")
    contact = contact_of(lead)
    wanted = {
        "name": " ".join(clean_text(lead.name).split()) or "SocialHub",
        **{CONTACT[name]: value for name, value in contact.items()},
        "description": description(lead, known.get("description")),
        "type": connection.lead_type,
        "user_id/.id": _id(connection.salesperson_id),
        "team_id/.id": _id(connection.team_id),
        **utm,
    }
    return {name: text for name, text in wanted.items() if name.partition("/")[0] in known}


def _id(number: int | None) -> str:
    return "" if number is None else str(number)


def network(lead: Lead) -> str:
    """The network's name ("Bluesky"); "" when the lead did not come from one."""
    if lead.account is None:
        return ""
    try:
        return get_adapter(lead.account.platform).name
    except UnknownPlatform:
        return lead.account.platform


def description(lead: Lead, info: FieldInfo | None) -> str:
    """The message and where it came from, escaped where Odoo's field is HTML."""
    origin = origin_lines(lead)
    if info is not None and info.type != "html":
        return "\n".join([_shortened(lead.message, MAX_TEXT - ORIGIN_BYTES), "", *origin])
    below = html("\n".join(["", "", *origin]))
    return Html(_shortened(html(lead.message), MAX_TEXT - len(below.encode())) + below)


def _shortened(text: str, size: int) -> str:
    """At most `size` bytes, cutting no letter, entity or tag in two."""
    data = clean_text(text).encode()
    if len(data) <= size:
        return data.decode()
    cut = data[:size].decode(errors="ignore")
    return SPLIT.sub("", cut) if isinstance(text, Html) else cut


def origin_lines(lead: Lead) -> list[str]:
    """Network, addresses of post and comment, and our own page of the lead."""
    touch = lead.first_touch
    comment = touch.interaction if touch is not None else None
    pairs = [
        (_("Network"), network(lead)),
        (_("Post"), lead.publication.permalink if lead.publication else ""),
        (_("Comment"), comment.permalink if comment else ""),
        (_("Campaign"), lead.campaign.name if lead.campaign else ""),
        (_("Product"), str(lead.product or lead.service or "")),
        ("SocialHub", page(lead)),
    ]
    return [f"{label}: {text[:1000]}" for label, text in pairs if text]


def page(lead: Lead) -> str:
    """The address of our own page of the lead."""
    return f"{settings.PUBLIC_URL}{reverse('admin:index')}crm/lead/{lead.pk}/change/"
