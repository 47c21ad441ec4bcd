"""Leads as a board, in Odoo's stages. Odoo owns them: nothing can be dragged here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from crm.models import OdooConnection
from crm.queries import board as queries
from crm.views import filtering
from socialhub import policies
from socialhub.views import desk

TEMPLATE = "crm/board/page.html"


@require_GET
@desk.needs_verb("view_leads")
def show(request: HttpRequest) -> HttpResponse:
    """The board; `stage` is the column that a narrow screen shows."""
    user: Any = request.user
    asked = filtering.parse(request.GET, user)
    columns = queries.board(user, asked.filters) if asked.filters else []
    chosen = request.GET.get("stage", "")
    if chosen not in {column.key for column in columns}:
        filled = [column for column in columns if column.count]
        chosen = (filled or columns)[0].key if columns else ""
    response = desk.page(
        request,
        TEMPLATE,
        _("Leads"),
        asked=asked,
        choices=filtering.choices(asked, user),
        periods=filtering.periods(asked),
        address="admin:crm-board",
        columns=columns,
        chosen=chosen,
        sentence=_sentence(columns),
        is_empty=not any(column.count for column in columns),
        crm_view="board",
        crm_leads=True,
        crm_figures=policies.can(user, "view_attribution"),
        connection=OdooConnection.objects.filter(is_active=True).first(),
    )
    if asked.problems:
        response.status_code = 400
    return response


def _sentence(columns: list[queries.Column]) -> str:
    count = {column.key: column.count for column in columns}
    won, lost = count.get(queries.WON, 0), count.get(queries.LOST, 0)
    still = sum(count.values()) - won - lost - count.get(queries.GONE, 0)
    words = ngettext("%(n)s lead is open", "%(n)s leads are open", still) % {"n": still}
    return _("%(open)s; %(won)s won and %(lost)s lost in the period.") % {
        "open": words,
        "won": won,
        "lost": lost,
    }
