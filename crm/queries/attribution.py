"""Leads and revenue by what they are owed to: posts, campaigns, accounts, products, weeks.

Definitions are in docs/attribution.md. Amounts are without tax, in the currency of the company
in Odoo; a missing amount is None and never 0.
"""

from __future__ import annotations

from typing import Any

from analytics.queries.filters import Filters
from crm.queries import amounts, groups, owed
from crm.queries.amounts import COUNTS, Parts

Row = dict[str, Any]
GROUPS = groups.NAMES


def stats(
    filters: Filters, group_by: str, touch: str | None = None, *, limit: int | None = None
) -> list[Row]:
    """One row per group and currency; the groups with the most won revenue first.

    Counted are leads that came in on the local days of the period (organisation's zone), and
    the revenue of these leads until now. `touch` "first" or "last" says to which contact a lead
    is owed, None = as in the settings; filters narrow by that contact too. The product is the
    lead's own, whatever the touch. Weeks begin on Mondays, go forward and are all listed; their
    rows have `won_by_order_date` too, see `weeks`.

    Rows: key (None = owed to nothing of the kind), label, leads, opportunities, quotations (open
    ones), orders, won_leads, lost_leads, quoted, won, invoiced, currency, is_estimate,
    cost_per_lead, budget. A group with revenue in several currencies has a row for each; the
    counts, budget and cost stand in its first row, whose currency most leads have, and are None
    in the others. `limit` = so many groups. Raises ValueError for an unknown group or touch.
    """
    group = groups.get(group_by)
    chosen = owed.touch_or_default(touch)
    rows = group.annotated(owed.of_period(filters, chosen))
    parts = amounts.read(rows, group.column)
    if group_by == "week":
        return groups.weeks(filters, chosen, parts)
    keys = amounts.ranked(parts)[:limit]
    labels = group.labels(keys)
    money = groups.costs(keys, chosen, filters) if group_by == "campaign" else {}
    return [
        row
        for key in keys
        for row in _rows(key, labels[key], parts, money.get(key, groups.NO_COST))
    ]


def _rows(key: Any, label: str, parts: Parts, money: Row) -> list[Row]:
    """The rows of one group: counts in the first, an amount per currency in each."""
    found = []
    for number, part in enumerate(parts.amounts_of(key)):
        counts = parts.counts[key] if number == 0 else dict.fromkeys(COUNTS)
        cost = money if number == 0 else groups.NO_COST
        found.append({"key": key, "label": label, **counts, **part, **cost})
    return found


def totals(filters: Filters, touch: str | None = None) -> Row:
    """All of it in one row, as `stats` counts: the counts, and the amounts per currency.

    `currency`, `quoted`, `won`, `invoiced` and `is_estimate` are those of the currency that most
    leads have; `amounts` lists every currency, that one first, [] when no amount is known.
    """
    rows = groups.ALL.annotated(owed.of_period(filters, owed.touch_or_default(touch)))
    return amounts.together(amounts.read(rows, groups.ALL.column), groups.EVERYTHING)
