"""The inbox panel: is this person a lead, and making one of a comment."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from crm.models import Lead, LeadTouch
from crm.services import capture, identity, leads
from crm.services.erasing import odoo_address
from socialhub import policies
from socialhub.models import Interaction
from socialhub.views import desk

PANEL = "crm/inbox/_panel.html"


@require_GET
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The lead of a comment or of its author, or the button that makes one."""
    row = _visible(request, pk)
    if not policies.can(request.user, "view_leads"):
        # The page does not know our roles; who may not see leads sees no panel.
        return HttpResponse()
    return desk.fragment(request, PANEL, **_context(request, row))


@require_POST
@desk.needs_verb("capture_lead")
def make(request: HttpRequest, pk: int) -> HttpResponse:
    """One click: the lead of this comment."""
    row = _visible(request, pk)

    def convert() -> None:
        _lead, created = capture.convert(row, request.user)
        messages.success(
            request, _("A new lead.") if created else _("Added to the lead of this person.")
        )

    desk.attempt(request, convert)
    if not desk.wants_fragment(request):
        return redirect(f"{reverse('admin:inbox')}?i={pk}")
    return desk.answered(request, desk.fragment(request, PANEL, **_context(request, row)))


def make_many(model_admin: Any, request: HttpRequest, rows: QuerySet[Interaction]) -> None:
    """List action: leads of the selected comments."""
    found = rows.select_related("account", "publication__post__campaign", "publication__account")
    counts = capture.convert_many(found, request.user)
    parts = [
        ngettext("%(n)s new lead", "%(n)s new leads", counts["created"]) % {"n": counts["created"]}
    ]
    if counts["existing"]:
        known = ngettext(
            "%(n)s of a person who is a lead already",
            "%(n)s of people who are leads already",
            counts["existing"],
        )
        parts.append(known % {"n": counts["existing"]})
    if counts["refused"]:
        refused = ngettext(
            "%(n)s of a person who is a lead of an account you may not use",
            "%(n)s of people who are leads of accounts you may not use",
            counts["refused"],
        )
        parts.append(refused % {"n": counts["refused"]})
    level = messages.WARNING if counts["refused"] else messages.SUCCESS
    model_admin.message_user(request, f"{', '.join(parts)}.", level)


def _visible(request: HttpRequest, pk: int) -> Interaction:
    rows = Interaction.objects.visible_to(request.user).select_related(
        "account", "publication__post__campaign", "publication__account"
    )
    return get_object_or_404(rows, pk=pk)


def _context(request: HttpRequest, row: Interaction) -> dict[str, Any]:
    touch = LeadTouch.objects.filter(interaction=row).first()
    known = None if touch else identity.find("", "", identity.person_key(row))
    pk = touch.lead_id if touch else known.pk if known else None
    lead = Lead.objects.visible_to(request.user).for_list().filter(pk=pk).first()
    return {
        "row": row,
        "lead": lead,
        "is_noted": touch is not None,
        "is_hidden": pk is not None and lead is None,
        "why": leads.why(lead) if lead else None,
        "odoo_url": odoo_address(lead) if lead else "",
        "may_capture": policies.can(request.user, "capture_lead"),
    }
