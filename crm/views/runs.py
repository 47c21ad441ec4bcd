"""A sync run with its log lines, and "why is this lead not in Odoo"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from crm.models import Lead, LogOutcome, OdooSyncLog, OdooSyncRun, RunState
from crm.queries import health
from crm.services import identity, leads
from socialhub import badges, policies
from socialhub.views import desk

FOLDER = "crm/odoo"
LINES = 50
ANSWERS = 5
# How "no value" stands in the log.
NOTHING = (None, "", "None")
# What a line is about → its name and its page.
OBJECTS: dict[str, tuple[Any, str]] = {
    "lead": (gettext_lazy("lead"), "admin:crm_lead_change"),
    "note": (gettext_lazy("note"), ""),
    "revenue": (gettext_lazy("revenue"), "admin:crm_lead_change"),
    "product": (gettext_lazy("product"), "admin:crm_product_change"),
    "service": (gettext_lazy("service"), "admin:crm_service_change"),
    "stage": (gettext_lazy("stage"), ""),
    "utm": (gettext_lazy("campaign names"), ""),
    "run": (gettext_lazy("run"), "admin:crm_odoosyncrun_change"),
}


# -- a run -----------------------------------------------------------------------------


def page(request: HttpRequest, model_admin: Any, object_id: str) -> HttpResponse:
    """What it did: counts, then line by line; `outcome` narrows the lines."""
    run = _row(request, model_admin, object_id)
    lines = run.logs.all()
    outcome = request.GET.get("outcome", "")
    if outcome in LogOutcome.values:
        lines = lines.filter(outcome=outcome)
    shown = Paginator(lines, LINES).get_page(request.GET.get("page"))
    return desk.page(
        request,
        f"{FOLDER}/run.html",
        _("Sync run"),
        subtitle=str(run.get_kind_display()),
        opts=model_admin.opts,
        original=run,
        lines=[(line, about(line), told(line)) for line in shown],
        shown=shown,
        outcome=outcome,
        outcomes=LogOutcome.choices,
        **_context(run),
    )


@require_GET
def live(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """Counts while it is going; the whole page once it is over."""
    run = _row(request, model_admin, str(pk))
    response = desk.fragment(request, f"{FOLDER}/run.html#live", **_context(run))
    if not _is_going(run):
        response["HX-Refresh"] = "true"
    return response


def _context(run: OdooSyncRun) -> dict[str, Any]:
    is_going = _is_going(run)
    return {
        "run": run,
        "going": health.going(run, timezone.now()) if is_going else None,
        "took": duration(run),
    }


def _is_going(run: OdooSyncRun) -> bool:
    return run.state in (RunState.QUEUED, RunState.RUNNING)


def _row(request: HttpRequest, model_admin: Any, object_id: str) -> OdooSyncRun:
    if not policies.can(request.user, "view_sync"):
        raise PermissionDenied
    run: OdooSyncRun | None = model_admin.get_object(request, object_id)
    if run is None:
        raise Http404
    return run


def duration(run: OdooSyncRun) -> str:
    """ "3 s" or "2 min 10 s"; "–" until it has ended."""
    if run.started_at is None or run.finished_at is None:
        return "–"
    took: timedelta = run.finished_at - run.started_at
    minutes, seconds = divmod(round(took.total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def counts(run: OdooSyncRun) -> SafeString:
    """In one line what it did; what is zero is left out."""
    named = (
        (run.created, _("created")),
        (run.updated, _("updated")),
        (run.skipped, _("unchanged")),
        (run.failed, _("failed")),
    )
    found = [(badges.number(count), word) for count, word in named if count]
    return format_html_join(" · ", "<span>{} {}</span>", found) or SafeString(_("nothing to do"))


# -- a line ------------------------------------------------------------------------------


def about(line: OdooSyncLog) -> SafeString:
    """What it is about, linked to its page."""
    label, page_name = OBJECTS.get(line.object_type, (line.object_type, ""))
    if line.object_id is None:
        return format_html("{}", label)
    if not page_name:
        return format_html("{} {}", label, line.object_id)
    url = reverse(page_name, args=[line.object_id])
    return format_html('<a class="sh-link" href="{}">{} {}</a>', url, label, line.object_id)


def told(line: OdooSyncLog) -> str:
    """Its message, or in short what changed."""
    if line.message:
        return line.message
    parts = []
    for name, sides in sorted(line.changes.items()):
        if isinstance(sides, list) and len(sides) == 2:
            before, after = ("–" if side in NOTHING else side for side in sides)
            parts.append(f"{name}: {before} → {after}")
        else:
            parts.append(f"{name}: {_('changed')}")
    return " · ".join(parts) or line.error_class


def changes(line: OdooSyncLog) -> SafeString:
    """Each field with before and after; personal ones only say that they changed."""
    rows = [
        (name, *(sides if isinstance(sides, list) else (_("not shown"), _("not shown"))))
        for name, sides in sorted(line.changes.items())
    ]
    if not rows:
        return SafeString("–")
    return format_html_join("", "<p><strong>{}</strong>: <del>{}</del> → <ins>{}</ins></p>", rows)


# -- why ------------------------------------------------------------------------------------


@require_GET
@desk.needs_verb("view_leads")
def why(request: HttpRequest) -> HttpResponse:
    """The answer for each lead that the words fit."""
    text = request.GET.get("q", "").strip()
    context = {"q": text, "answers": [(row, leads.why(row)) for row in _found(request, text)]}
    if desk.wants_fragment(request):
        return desk.fragment(request, f"{FOLDER}/why.html#found", **context)
    return desk.page(request, f"{FOLDER}/why.html", _("Why is this lead not in Odoo?"), **context)


def _found(request: HttpRequest, text: str) -> list[Lead]:
    if not text:
        return []
    rows = Lead.objects.visible_to(request.user).for_list()
    if text.isdecimal() and len(text) < 10:
        wanted = Q(pk=int(text)) | Q(odoo_id=int(text))
    elif "@" in text and identity.email_key(text):
        wanted = Q(email_key=identity.email_key(text))
    else:
        wanted = Q(name__icontains=text) | Q(contact_name__icontains=text)
        wanted |= Q(company__icontains=text)
    return list(rows.filter(wanted)[:ANSWERS])
