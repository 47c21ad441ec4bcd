"""Who decides about which field of a lead once it is in Odoo. Pages and docs show this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.models import Lead
from crm.odoo.values import clean_text

Rule = Literal["odoo", "both", "socialhub"]


@dataclass(frozen=True, slots=True)
class Owner:
    """`rule`: "odoo" is only read, "socialhub" is sent once with the lead, "both" is merged."""

    rule: Rule
    label: str | Promise
    # The field of crm.lead it stands for; "" = Odoo has none.
    odoo_field: str = ""


OWNERS: dict[str, Owner] = {
    "contact_name": Owner("both", _("contact"), "contact_name"),
    "email": Owner("both", _("e-mail"), "email_from"),
    "phone": Owner("both", _("phone"), "phone"),
    "company": Owner("both", _("company"), "partner_name"),
    "stage": Owner("odoo", _("stage"), "stage_id"),
    "probability": Owner("odoo", _("probability"), "probability"),
    "expected_revenue": Owner("odoo", _("expected revenue"), "expected_revenue"),
    "outcome": Owner("odoo", _("won or lost"), "active"),
    "closed_at": Owner("odoo", _("closed"), "date_closed"),
    "lost_reason": Owner("odoo", _("lost reason"), "lost_reason_id"),
    "salesperson": Owner("odoo", _("salesperson"), "user_id"),
    "odoo_type": Owner("odoo", _("lead or opportunity"), "type"),
    "revenue": Owner("odoo", _("quotations, orders and invoices")),
    "name": Owner("socialhub", _("title"), "name"),
    "message": Owner("socialhub", _("message"), "description"),
    "origin": Owner("socialhub", _("source, medium and campaign"), "source_id"),
    "touches": Owner("socialhub", _("post, campaign and variant it came from")),
    "consent": Owner("socialhub", _("consent")),
}

# Ours → Odoo's, of the fields both sides may change.
CONTACT: dict[str, str] = {
    name: owner.odoo_field for name, owner in OWNERS.items() if owner.rule == "both"
}


def contact_of(lead: Lead) -> dict[str, str]:
    """The contact fields as Odoo would get them."""
    return {name: clean_text(getattr(lead, name)).strip() for name in CONTACT}


def same(field: str, one: str, other: str) -> bool:
    """Do two values mean the same? Odoo writes phone numbers its own way."""
    if field == "email":
        return one.strip().lower() == other.strip().lower()
    if field == "phone":
        return _digits(one) == _digits(other)
    return " ".join(one.split()) == " ".join(other.split())


def _digits(phone: str) -> str:
    """What is dialled; the text itself when nothing of it can be."""
    return "".join(sign for sign in phone if sign.isdecimal() or sign == "+") or phone.strip()
