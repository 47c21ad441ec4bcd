"""Leads and revenue in the report of a period."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.queries.filters import Filters
from analytics.report_sections import Section
from crm.models import Lead
from crm.queries import attribution

KEY = "leads"
TOP = 5


def section(filters: Filters, language: str) -> Section | None:
    """Sentence, and the campaigns and posts that brought in most; None where nobody has leads."""
    if not Lead.objects.exists():
        return None
    totals = attribution.totals(filters)
    return Section(_("Leads and revenue"), _text(totals), _columns(), _rows(filters))


def _text(totals: dict[str, Any]) -> str:
    if not totals["leads"]:
        return _("No leads came in.")
    leads = ngettext("%(n)s lead came in", "%(n)s leads came in", totals["leads"])
    won = ngettext("%(n)s of them is won", "%(n)s of them are won", totals["won_leads"])
    parts = [leads % {"n": totals["leads"]}, won % {"n": totals["won_leads"]}]
    amounts = [_amount(part) for part in totals["amounts"] if part["won"] is not None]
    if amounts:
        parts.append(_("revenue until now: %(amounts)s") % {"amounts": ", ".join(amounts)})
    return f"{'; '.join(parts)}."


def _amount(part: dict[str, Any]) -> str:
    number = number_format(part["won"], 2, use_l10n=True, force_grouping=True)
    text = f"{number} {part['currency']}"
    return _("%(amount)s (estimate)") % {"amount": text} if part["is_estimate"] else text


def _columns() -> tuple[tuple[str, str], ...]:
    return (
        (_("owed to"), "text"),
        (_("kind"), "text"),
        (_("leads"), "number"),
        (_("won"), "number"),
        (_("won revenue"), "amount"),
        (_("currency"), "text"),
        (_("estimate"), "text"),
    )


def _rows(filters: Filters) -> list[list[Any]]:
    found = []
    for group, word in (("campaign", _("campaign")), ("post", _("post"))):
        # One more: leads that are owed to none are left out.
        listed = attribution.stats(filters, group, limit=TOP + 1)
        named = [row for row in listed if row["key"] is not None]
        keys = list(dict.fromkeys(row["key"] for row in named))[:TOP]
        found += [_row(row, word) for row in named if row["key"] in keys]
    return found


def _row(row: dict[str, Any], word: str) -> list[Any]:
    mark = _("yes") if row["is_estimate"] else ""
    counts = [row["leads"], row["won_leads"]]
    return [row["label"], word, *counts, row["won"], row["currency"], mark]
