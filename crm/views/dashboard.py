"""The leads page: the funnel, revenue by what it is owed to, first answers, the exchange."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from crm.models import Lead, OdooConnection
from crm.queries import attribution, funnel, health
from crm.views import filtering
from crm.views.filtering import Asked
from socialhub import policies
from socialhub.models import Organisation
from socialhub.views import desk

FOLDER = "crm/dashboard"
ROWS = 10


@dataclass(frozen=True, slots=True)
class Panel:
    """`read` makes its context; `verb` is what its figures need."""

    name: str
    title: Any
    explained: Any
    template: str
    read: Callable[[Asked, Any], dict[str, Any]]
    is_wide: bool = False
    verb: str = "view_attribution"


@require_GET
@desk.needs_verb("view_attribution")
def show(request: HttpRequest) -> HttpResponse:
    """The page; each panel loads itself, so that one that breaks spoils no other."""
    user: Any = request.user
    asked = filtering.parse(request.GET, user)
    response = desk.page(
        request,
        f"{FOLDER}/page.html",
        _("Leads"),
        asked=asked,
        choices=filtering.choices(asked, user),
        periods=filtering.periods(asked),
        address="admin:crm",
        crm_view="funnel",
        crm_figures=True,
        crm_leads=policies.can(user, "view_leads"),
        panels=[_waiting(one, asked) for one in PANELS.values() if policies.can(user, one.verb)],
        is_empty=not Lead.objects.exists(),
        **(_lead(asked) if asked.filters else {}),
    )
    if asked.problems:
        response.status_code = 400
    return response


@require_GET
@desk.needs_verb("view_attribution")
def panel(request: HttpRequest, name: str) -> HttpResponse:
    """One panel."""
    found = PANELS.get(name)
    if found is None or not policies.can(request.user, found.verb):
        raise Http404
    asked = filtering.parse(request.GET, request.user)
    if asked.filters is None:
        return HttpResponse(status=400)
    data = found.read(asked, request.user)
    context = {**_waiting(found, asked), "waits": False, "data": data}
    return desk.fragment(request, f"{FOLDER}/_panel.html", shown=context)


def _waiting(found: Panel, asked: Asked) -> dict[str, Any]:
    address = reverse("admin:crm-panel", args=[found.name])
    return {
        "panel": found,
        "url": f"{address}?{asked.query()}",
        "waits": True,
        "template": f"{FOLDER}/{found.template}",
    }


def _lead(asked: Asked) -> dict[str, Any]:
    """The sentence on top."""
    assert asked.filters is not None
    totals = attribution.totals(asked.filters, asked.touch)
    count = ngettext("%(n)s lead", "%(n)s leads", totals["leads"]) % {"n": totals["leads"]}
    if not totals["leads"]:
        return {"sentence": _("No lead came in %(when)s.") % {"when": asked.when}}
    won = ngettext("%(n)s is won", "%(n)s are won", totals["won_leads"])
    words = {
        "leads": count,
        "when": asked.when,
        "won": won % {"n": totals["won_leads"]},
        "amount": _sum(totals["amounts"]),
    }
    if words["amount"]:
        sentence = _("%(leads)s %(when)s; %(won)s and brought in %(amount)s.") % words
    else:
        sentence = _("%(leads)s %(when)s; %(won)s.") % words
    return {"sentence": sentence}


def _sum(amounts: list[dict[str, Any]]) -> str:
    """What was won, in each currency."""
    parts = []
    for part in amounts:
        if part["won"]:
            number = formats.number_format(part["won"], 2, use_l10n=True, force_grouping=True)
            note = f" ({_('estimate')})" if part["is_estimate"] else ""
            parts.append(f"{number}\u00a0{part['currency']}{note}")
    return " + ".join(parts)


# -- the panels ------------------------------------------------------------------------


def _funnel(asked: Asked, user: Any) -> dict[str, Any]:
    assert asked.filters is not None
    found = funnel.funnel(asked.filters, asked.touch)
    most = max((step.value or 0 for step in found.steps[1:]), default=0)
    # Reactions outnumber leads by far: their bar is as long as the longest of the others.
    bars = [
        (step, 100.0 if number == 0 and step.value else _share(step.value, most))
        for number, step in enumerate(found.steps)
    ]
    return {"bars": bars, "elsewhere": found.elsewhere}


def _share(value: int | None, most: int) -> float:
    return 100 * value / most if value and most else 0.0


def _grouped(group: str) -> Callable[[Asked, Any], dict[str, Any]]:
    def read(asked: Asked, user: Any) -> dict[str, Any]:
        assert asked.filters is not None
        rows = attribution.stats(asked.filters, group, asked.touch, limit=ROWS)
        for row in rows:
            row["url"] = _page(group, row["key"])
        return {
            "rows": rows,
            "what": WHATS[group],
            "has_cost": any(row["budget"] is not None for row in rows),
            "is_empty": all(row["key"] is None and group == "product" for row in rows),
            # Budgets are in it.
            "currency": Organisation.get().currency,
        }

    return read


WHATS = {
    "post": gettext_lazy("Post"),
    "campaign": gettext_lazy("Campaign"),
    "account": gettext_lazy("Account"),
    "product": gettext_lazy("Product or service"),
}
PAGES = {
    "post": "admin:socialhub_post_change",
    "campaign": "admin:socialhub_campaign_change",
    "account": "admin:socialhub_account_change",
}


def _page(group: str, key: Any) -> str:
    """The page of what a row is about."""
    if key is None:
        return ""
    if group == "product":
        kind, _colon, pk = str(key).partition(":")
        return reverse(f"admin:crm_{kind}_change", args=[pk])
    return reverse(PAGES[group], args=[key])


def _weeks(asked: Asked, user: Any) -> dict[str, Any]:
    assert asked.filters is not None
    rows = attribution.stats(asked.filters, "week", asked.touch)
    # The newest on top.
    rows.sort(key=lambda row: row["key"], reverse=True)
    most = max((row["leads"] or 0 for row in rows), default=0)
    return {
        "rows": [(row, _share(row["leads"], most)) for row in rows],
        "is_empty": not any(row["leads"] or row["won_by_order_date"] for row in rows),
    }


def _answers(asked: Asked, user: Any) -> dict[str, Any]:
    assert asked.filters is not None
    return {"times": funnel.time_to_first_answer(asked.filters)}


def _health(asked: Asked, user: Any) -> dict[str, Any]:
    connection = OdooConnection.objects.filter(is_active=True).first()
    return {
        "health": health.health(connection, timezone.now()),
        "may_connect": policies.can(user, "connect_odoo"),
        "may_view": policies.can(user, "view_leads"),
    }


OWED = gettext_lazy(
    "Leads that came in in the period, and what they have won until now, without tax. Which post "
    "or campaign a lead belongs to is decided by its first or last touch; a dash means that no "
    "amount is known, not zero."
)
PANELS = {
    one.name: one
    for one in (
        Panel(
            "funnel",
            gettext_lazy("From reaction to order"),
            gettext_lazy(
                "Reactions are the lifetime engagements of what was published in the period. "
                "Leads came in in the period and are owed to a post; opportunities and won are "
                "those of them that Odoo has as such by now. The percentage is of the step above."
            ),
            "_funnel.html",
            _funnel,
        ),
        Panel(
            "weeks",
            gettext_lazy("Week by week"),
            gettext_lazy(
                "Leads by the week they came in. “Ordered” is what was ordered in that week by "
                "leads of any time."
            ),
            "_weeks.html",
            _weeks,
        ),
        Panel(
            "posts",
            gettext_lazy("Revenue per post"),
            OWED,
            "_table.html",
            _grouped("post"),
            is_wide=True,
        ),
        Panel(
            "campaigns",
            gettext_lazy("Revenue per campaign"),
            gettext_lazy(
                "As for posts. The cost per lead is the budget of the whole campaign by all its "
                "leads, whatever the period; without a budget there is none."
            ),
            "_table.html",
            _grouped("campaign"),
            is_wide=True,
        ),
        Panel(
            "products",
            gettext_lazy("Revenue per product and service"),
            gettext_lazy("By what the lead asked for, whatever post it came from."),
            "_table.html",
            _grouped("product"),
            is_wide=True,
        ),
        Panel(
            "answers",
            gettext_lazy("Time to the first answer"),
            gettext_lazy(
                "From the first comment of each lead to our first answer. Half were answered "
                "faster than the median; nine of ten waited no longer than the second figure."
            ),
            "_answers.html",
            _answers,
        ),
        Panel(
            "health",
            gettext_lazy("Exchange with Odoo"),
            gettext_lazy("When each kind of exchange last went through, and what waits."),
            "_health.html",
            _health,
            verb="view_sync",
        ),
    )
}
