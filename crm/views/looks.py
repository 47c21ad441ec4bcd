"""How leads, runs and amounts look: a word, a colour and an icon, the same everywhere."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.models import Lead, LeadSource, LeadState, Outcome
from socialhub import badges

# Our states → the looks of socialhub.badges.
LEAD = {
    LeadState.NEW: "draft",
    LeadState.QUEUED: "queued",
    LeadState.EXPORTED: "sent",
    LeadState.LINKED: "sent",
    LeadState.PARKED: "failed",
}
OUTCOME = {Outcome.OPEN: "info", Outcome.WON: "done", Outcome.LOST: "disabled"}
CONNECTION = {"untested": "info", "ready": "ok", "incomplete": "warning", "paused": "failed"}
RUN = {"interrupted": "warning"}
LOG = {"started": "running", "skipped": "info", "retry": "waiting"}
CHECK = {"not_tried": "disabled"}


def lead_state(lead: Lead) -> SafeString:
    """Where it stands on its way to Odoo."""
    if lead.erased_at is not None:
        return badges.badge("disabled", _("erased"))
    if lead.gone_since is not None:
        return badges.badge("unknown", _("gone from Odoo"))
    return badges.badge(LEAD[LeadState(lead.state)], lead.get_state_display(), lead.park_reason)


def lead_outcome(lead: Lead) -> SafeString:
    """Won or lost; nothing while it is open."""
    if lead.outcome == Outcome.OPEN:
        return SafeString("")
    look = OUTCOME[Outcome(lead.outcome)]
    return badges.badge(look, lead.get_outcome_display(), lead.lost_reason)


def connection_state(connection: Any) -> SafeString:
    if not connection.is_active:
        return badges.badge("disabled", _("not in use"))
    look, word = CONNECTION[connection.state], connection.get_state_display()
    return badges.badge(look, word, connection.paused_reason)


def run_state(run: Any) -> SafeString:
    return badges.badge(RUN.get(run.state, run.state), run.get_state_display(), run.error)


def log_outcome(line: Any) -> SafeString:
    return badges.badge(LOG.get(line.outcome, line.outcome), line.get_outcome_display())


def check_state(state: str) -> SafeString:
    """A step of the checklist."""
    words = {
        "waiting": _("waiting"),
        "running": _("asking"),
        "ok": _("good"),
        "warning": _("look at this"),
        "failed": _("not good"),
        "not_tried": _("not tried"),
    }
    return badges.badge(CHECK.get(state, state), words.get(state, state))


def money(value: Decimal | None, currency: str = "", hint: str = "") -> SafeString:
    """An amount by language; "–" with the reason when none is known."""
    if value is None:
        told = hint or _("Odoo has told no amount.")
        return format_html('<span class="sh-number sh-missing" title="{}">–</span>', told)
    text = formats.number_format(round(value, 2), 2, use_l10n=True, force_grouping=True)
    return format_html('<span class="sh-number crm-money">{}\u00a0{}</span>', text, currency)


def worth(lead: Lead) -> tuple[str, Decimal, str] | None:
    """What a lead is worth at the moment: (kind, amount, currency); None when nothing is known.

    Kinds: "won", "estimate", "quoted", "expected".
    """
    revenue = getattr(lead, "revenue", None)
    if revenue is not None and revenue.won:
        return "estimate" if revenue.is_estimate else "won", revenue.won, revenue.currency
    if lead.outcome == Outcome.LOST:
        return None
    if revenue is not None and revenue.quoted:
        return "quoted", revenue.quoted, revenue.currency
    if lead.expected_revenue:
        return "expected", lead.expected_revenue, lead.currency
    return None


def worth_word(kind: str) -> str:
    return {
        "won": _("won"),
        "estimate": _("won, estimate"),
        "quoted": _("quoted"),
        "expected": _("expected"),
    }[kind]


def worth_shown(lead: Lead) -> SafeString:
    """The amount and what it is."""
    found = worth(lead)
    if found is None:
        return money(None, hint=_("No amount is known for this lead."))
    kind, amount, currency = found
    return format_html(
        '{} <span class="sh-quiet">{}</span>', money(amount, currency), worth_word(kind)
    )


def source_word(lead: Lead) -> str:
    """Where it came from, as a marketer says it."""
    if lead.source == LeadSource.INTERACTION:
        return _("comment")
    return str(lead.get_source_display())


def origin(lead: Lead) -> SafeString:
    """The source, and the network where there is one."""
    if lead.account is None:
        return format_html("{}", source_word(lead))
    return format_html(
        '<span class="sh-network">{} {}</span>',
        badges.network_icon(lead.account.platform),
        source_word(lead),
    )


def who(lead: Lead) -> str:
    """Contact, company and e-mail, without what the title says already."""
    parts = (lead.contact_name, lead.company, lead.email)
    return " · ".join(part for part in parts if part and part not in lead.name)


def timespan(length: timedelta | None) -> str:
    """How long: "3 min", "2 h 5 min", "4 d 3 h"; "–" for None."""
    if length is None:
        return "–"
    minutes = round(length.total_seconds() / 60)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    days, hours = divmod(hours, 24)
    return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours}


def run_link(run: Any) -> SafeString:
    url = reverse("admin:crm_odoosyncrun_change", args=[run.pk])
    return format_html('<a class="sh-link" href="{}">{}</a>', url, _("Watch the run"))
