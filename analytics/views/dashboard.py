"""The dashboard: one page, and each panel of it by itself."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.models import AnalyticsReport, DataVersion
from analytics.views import asking, boards, figures, panels
from socialhub import policies
from socialhub.models import Account, Campaign
from socialhub.views import desk

log = logging.getLogger(__name__)

PAGE = f"{panels.FOLDER}/page.html"
PANEL = f"{panels.FOLDER}/_panel.html"


@require_GET
@desk.needs_verb("view_metrics")
def show(request: HttpRequest) -> HttpResponse:
    """The whole page; for HTMX everything below the title."""
    asked = asking.parse(request.GET, request.user)
    context = _context(request, asked)
    if not desk.wants_fragment(request):
        response = desk.page(request, PAGE, _("Analytics"), **context)
        if asked.problems:
            response.status_code = 400
        return response
    response = desk.fragment(request, f"{PAGE}#main", **context)
    if request.htmx.trigger != "an-refresh":  # type: ignore[attr-defined]
        response["HX-Push-Url"] = _address(asked)
    return response


def _context(request: HttpRequest, asked: asking.Asked) -> dict[str, Any]:
    accounts = list(Account.objects.visible_to(request.user))
    context: dict[str, Any] = {
        "asked": asked,
        "choices": asking.choices(asked, accounts, list(Campaign.objects.all())),
        "periods": [(days, days == asked.days, asked.query(days=days)) for days in asking.PERIODS],
        "may_answer": policies.can(request.user, "answer_interaction"),
    }
    if asked.filters is None:
        return context
    return {**context, **_figures(asked, request.user)}


def _figures(asked: asking.Asked, user: Any) -> dict[str, Any]:
    """When they cannot be read at once, each panel tries by itself and says what it met."""
    try:
        board = boards.load(asked, user)
        found = {
            "state": board.state,
            "sentence": figures.sentence(board, asked),
            "panels": panels.on_page(asked, board),
        }
    except Exception:
        log.exception("the dashboard could not be read at once")
        found = {"panels": panels.on_page(asked, None)}
    swapped = ["an-lead", "an-poll"]
    swapped += [f"an-{one.panel.name}" for one in found["panels"] if not one.panel.is_lazy]
    return {**found, "swapped": ",".join(f"#{name}" for name in swapped)}


def _address(asked: asking.Asked) -> str:
    query = asked.query()
    return f"{reverse('admin:analytics')}?{query}" if query else reverse("admin:analytics")


@require_GET
@desk.needs_verb("view_metrics")
def panel(request: HttpRequest, name: str) -> HttpResponse:
    """One panel. A figure that cannot be read is an error here, and of this panel only."""
    found = panels.PANELS.get(name)
    if found is None:
        raise Http404
    asked = asking.parse(request.GET, request.user)
    if asked.filters is None:
        return HttpResponse(status=400)
    board = boards.Alone(asked, request.user)
    response = desk.fragment(
        request,
        PANEL,
        shown=panels.filled(found, asked, board),
        asked=asked,
        may_answer=policies.can(request.user, "answer_interaction"),
    )
    if request.htmx.trigger_name == "view":  # type: ignore[attr-defined]
        response["HX-Replace-Url"] = _address(asked)
    return response


@require_GET
@desk.needs_verb("view_metrics")
def version(request: HttpRequest) -> HttpResponse:
    """Nothing, and an event when the figures moved on from the version the page has."""
    response = HttpResponse(status=204)
    current = DataVersion.objects.filter(pk=1).values_list("version", flat=True).first() or 0
    have = request.GET.get("have", "")
    if have and have != str(current):
        response["HX-Trigger"] = "an:moved"
    return response


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """This week in three numbers and the latest report, for the page Today."""
    user: Any = request.user
    if not policies.can(user, "view_metrics"):
        # Today is for everybody; who sees no numbers sees no panel.
        return HttpResponse()
    day = timezone.localdate()
    monday = day - timedelta(days=day.weekday())
    asked = asking.parse({"from": monday.isoformat(), "to": day.isoformat()}, user)
    board = boards.Alone(asked, user)
    cards = {card.name: card for card in figures.cards(board)}
    return desk.fragment(
        request,
        f"{panels.FOLDER}/_today.html",
        cards=[cards[name] for name in ("posts", "impressions", "engagements")],
        state=board.state,
        before=asked.before,
        query=asked.query(),
        report=AnalyticsReport.objects.visible_to(user).latest_revisions().first(),
    )
