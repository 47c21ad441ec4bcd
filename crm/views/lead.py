"""The page of a lead: its story, its way to Odoo, its person; and writing one by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm.models import Lead, LeadConflict, LeadState, OdooConnection, Outcome
from crm.queries import story
from crm.services import erasing, leads
from crm.services.odoo import ownership
from crm.views import looks
from crm.views.fields import DeskForm, SearchField
from socialhub import policies
from socialhub.models import Campaign
from socialhub.services.errors import ServiceError
from socialhub.views import desk

FOLDER = "crm/lead"


class LeadDataForm(DeskForm):
    """What a person may write of a lead; the services check it."""

    name = forms.CharField(label=gettext_lazy("Title"), max_length=300)
    contact_name = forms.CharField(label=gettext_lazy("Contact"), required=False, max_length=300)
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False, max_length=60)
    company = forms.CharField(label=gettext_lazy("Company"), required=False, max_length=300)
    message = forms.CharField(
        label=gettext_lazy("Message"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    product = SearchField(Lead, "product", label=gettext_lazy("Product"))
    service = SearchField(Lead, "service", label=gettext_lazy("Service"))


class NewLeadForm(LeadDataForm):
    campaign = forms.ModelChoiceField(
        Campaign.objects.filter(is_archived=False), label=gettext_lazy("Campaign"), required=False
    )


# -- the page ------------------------------------------------------------------------


def page(request: HttpRequest, model_admin: Any, object_id: str) -> HttpResponse:
    """GET shows it; POST corrects what a person told."""
    lead = _visible(request, model_admin, object_id)
    form = LeadDataForm(initial=_initial(lead))
    if request.method == "POST":
        if not policies.can(request.user, "change_lead"):
            raise PermissionDenied
        form = LeadDataForm(request.POST)
        if form.is_valid() and _saved(request, lead, form):
            return redirect("admin:crm_lead_change", lead.pk)
    response = desk.page(
        request,
        f"{FOLDER}/page.html",
        _("Lead"),
        subtitle=str(lead),
        opts=model_admin.opts,
        original=lead,
        form=form,
        **_context(request, lead),
    )
    if form.errors:
        response.status_code = 400
    return response


def _saved(request: HttpRequest, lead: Lead, form: LeadDataForm) -> bool:
    try:
        leads.update(lead, request.user, **form.cleaned_data)
    except ServiceError as exc:
        form.refuse(exc)
        return False
    sent = lead.odoo_id is not None
    done = _("Saved. Odoo gets it with the next run.") if sent else _("Saved.")
    messages.success(request, done)
    return True


def _initial(lead: Lead) -> dict[str, Any]:
    return {name: getattr(lead, name) for name in LeadDataForm.base_fields}


def _context(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    able = {
        f"may_{name}": policies.can(request.user, f"{name}_lead")
        for name in ("change", "export", "erase")
    }
    touches = list(
        lead.touches.select_related("post", "publication", "account", "link", "campaign")
    )
    return {
        "lead": lead,
        "revenue": getattr(lead, "revenue", None),
        "headline": headline(lead),
        "why": leads.why(lead),
        "odoo_url": erasing.odoo_address(lead),
        "entries": story.story(lead),
        "touches": touches,
        "conflicts": _conflicts(lead),
        "going": lead.claim is not None,
        "connection": OdooConnection.objects.filter(is_active=True).first(),
        "log_url": f"{reverse('admin:crm_odoosynclog_changelist')}?object_type=lead&object_id="
        f"{lead.pk}",
        "may_view_sync": policies.can(request.user, "view_sync"),
        "may_connect": policies.can(request.user, "connect_odoo"),
        **able,
    }


def _conflicts(lead: Lead) -> list[tuple[LeadConflict, str]]:
    """Open conflicts with the field's name."""
    rows = lead.conflicts.filter(settled_at__isnull=True)
    return [
        (row, str(ownership.OWNERS[row.field].label) if row.field in ownership.OWNERS else "")
        for row in rows
    ]


def headline(lead: Lead) -> str:
    """Where the lead stands, in one sentence."""
    if lead.erased_at is not None:
        return _("The data of this person was erased; what it brought in stays counted.")
    if lead.state == LeadState.PARKED or lead.gone_since is not None:
        return leads.why(lead).sentence
    if lead.outcome == Outcome.WON:
        return _("Won%(when)s%(amount)s.") % {"when": _on(lead), "amount": _amount(lead)}
    if lead.outcome == Outcome.LOST:
        reason = f" ({lead.lost_reason})" if lead.lost_reason else ""
        return _("Lost%(when)s%(reason)s.") % {"when": _on(lead), "reason": reason}
    if lead.stage_name:
        return _("In Odoo at “%(stage)s”%(amount)s.") % {
            "stage": lead.stage_name,
            "amount": _amount(lead),
        }
    return leads.why(lead).sentence


def _on(lead: Lead) -> str:
    if lead.closed_at is None:
        return ""
    day = formats.date_format(timezone.localtime(lead.closed_at), "DATE_FORMAT")
    return _(" on %(day)s") % {"day": day}


def _amount(lead: Lead) -> str:
    found = looks.worth(lead)
    if found is None:
        return ""
    kind, amount, currency = found
    number = formats.number_format(amount, 2, use_l10n=True, force_grouping=True)
    told = f"{number}\u00a0{currency}"
    if kind == "won":
        return f": {told}"
    return f", {told} {looks.worth_word(kind)}"


# -- by hand --------------------------------------------------------------------------


def add(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Write one by hand; somebody known gets the words added."""
    if not policies.can(request.user, "capture_lead"):
        raise PermissionDenied
    form = NewLeadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            lead = leads.create(request.user, **form.cleaned_data)
        except ServiceError as exc:
            form.refuse(exc)
        else:
            messages.success(request, _("The lead is stored."))
            return redirect("admin:crm_lead_change", lead.pk)
    response: TemplateResponse = desk.page(
        request, f"{FOLDER}/add.html", _("New lead"), opts=model_admin.opts, form=form
    )
    if form.errors:
        response.status_code = 400
    return response


# -- what the buttons do ----------------------------------------------------------------


@require_POST
def verb(request: HttpRequest, model_admin: Any, pk: int, verb: str) -> HttpResponse:
    lead = _visible(request, model_admin, str(pk))
    if verb not in VERBS:
        raise Http404
    call, done = VERBS[verb]
    desk.attempt(request, lambda: call(lead, request.user), done)
    return redirect("admin:crm_lead_change", pk)


VERBS: dict[str, tuple[Callable[[Lead, Any], object], Any]] = {
    "export": (
        lambda lead, user: leads.export([lead], user),
        gettext_lazy("It is being sent to Odoo."),
    ),
    "retry": (lambda lead, user: leads.retry([lead], user), gettext_lazy("It is tried again.")),
}


@require_POST
def settle(request: HttpRequest, model_admin: Any, pk: int, conflict: int) -> HttpResponse:
    """Which of two values is right."""
    lead = _visible(request, model_admin, str(pk))
    row = get_object_or_404(LeadConflict, pk=conflict, lead=lead)
    choice = request.POST.get("choice", "")
    desk.attempt(request, lambda: leads.settle_conflict(row, request.user, choice), _("Decided."))
    return redirect("admin:crm_lead_change", pk)


@require_http_methods(["GET", "POST"])
@desk.needs_verb("erase_lead")
def erase(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Asks first, saying what goes and what stays; then erases."""
    lead = _visible(request, model_admin, str(pk))
    if request.method == "POST":
        try:
            found = erasing.erase_person(lead, request.user)
        except ServiceError as exc:
            messages.error(request, exc.message)
        else:
            messages.success(request, found.sentence)
        return redirect("admin:crm_lead_change", pk)
    return desk.page(
        request,
        f"{FOLDER}/erase.html",
        _("Erase this person"),
        opts=model_admin.opts,
        original=lead,
        lead=lead,
        others=_same_person(lead),
        odoo_url=erasing.odoo_address(lead),
    )


def _same_person(lead: Lead) -> int:
    """How many other leads are erased with it."""
    rows = Lead.objects.exclude(pk=lead.pk)
    same = Lead.objects.none()
    if lead.email_key:
        same = same | rows.filter(email_key=lead.email_key)
    if lead.person_key:
        same = same | rows.filter(person_key=lead.person_key)
    return same.count()


def _visible(request: HttpRequest, model_admin: Any, object_id: str) -> Lead:
    lead: Lead | None = model_admin.get_object(request, object_id)
    if not policies.can(request.user, "view_leads"):
        raise PermissionDenied
    if lead is None:
        raise Http404
    return lead


# -- around the list -----------------------------------------------------------------------


def standing(request: HttpRequest) -> dict[str, Any]:
    """What the list shows above its rows."""
    user: Any = request.user
    return {
        "crm_view": "list",
        "crm_leads": True,
        "crm_any": Lead.objects.visible_to(user).exists(),
        "crm_figures": policies.can(user, "view_attribution"),
    }
