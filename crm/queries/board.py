"""Leads by stage, as Odoo's pipeline has them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Coalesce, Concat, RowNumber
from django.utils.translation import gettext as _

from analytics.queries.filters import Filters
from crm.models import CrmSettings, Lead, LeadRevenue, OdooStage, Outcome
from crm.queries import owed
from crm.queries.amounts import CENT
from crm.services.erasing import odoo_address

# Cards of one column; `Column.count` tells how many there are.
CARDS = 50
WAITING, WON, LOST, GONE = "waiting", "won", "lost", "gone"


@dataclass(frozen=True, slots=True)
class Card:
    """`amount`: won revenue of a won lead, else what Odoo expects; None = not known."""

    lead: Lead
    amount: Decimal | None
    currency: str
    is_estimate: bool
    odoo_url: str


@dataclass(slots=True)
class Column:
    """`key`: "waiting", "stage:3" (our id), "won", "lost" or "gone". `amounts`: currency → sum."""

    key: str
    title: str
    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    cards: list[Card] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many are not shown."""
        return max(0, self.count - len(self.cards))


def board(user: Any, filters: Filters | None = None, *, cards: int = CARDS) -> list[Column]:
    """Columns from left to right: not in Odoo yet, Odoo's stages, won, lost. Constant queries.

    Shows leads visible to the user, newest first. What is open is shown whenever it came in;
    of won and lost leads those closed on the days of the period. Network, account, campaign and
    type narrow by the contact a lead is owed to, as the settings say. Leads that Odoo does not
    show any more have a column of their own, if there are any.
    """
    rows = _chosen(user, filters)
    columns = {column.key: column for column in _columns()}
    counted = list(_counted(rows))
    columns |= _more({row["column"] for row in counted} - columns.keys())
    for row in counted:
        column = columns[row["column"]]
        column.count += row["n"]
        _add(column, row["currency"], row["expected_revenue"])
    _won(columns[WON], rows)
    for key, lead in _shown(rows, cards):
        # Moved to a new stage after the columns were counted: there it is the next time.
        if key in columns:
            columns[key].cards.append(_card(lead))
    return _ordered(columns.values())


def _chosen(user: Any, filters: Filters | None) -> QuerySet[Lead]:
    rows = owed.leads(CrmSettings.get().attribution, Lead.objects.visible_to(user))
    if filters is not None:
        # Whose leads may be seen is decided above: own ones belong to no account.
        rows = owed.narrowed(rows, replace(filters, granted=None))
        closed = Q(**owed.within(filters, owed.zone(), "closed_at"))
        rows = rows.filter(Q(outcome=Outcome.OPEN) | closed)
    stage = Concat(Value("stage:"), Cast(Coalesce("stage_id", 0), CharField()))
    column = Case(
        When(outcome=Outcome.WON, then=Value(WON)),
        When(outcome=Outcome.LOST, then=Value(LOST)),
        When(gone_since__isnull=False, then=Value(GONE)),
        When(odoo_id__isnull=True, then=Value(WAITING)),
        default=stage,
        output_field=CharField(),
    )
    return rows.annotate(column=column)


def _columns() -> list[Column]:
    """Those that are shown when empty too. One query."""
    stages = OdooStage.objects.filter(connection__is_active=True, is_won=False)
    return [
        Column(WAITING, _("Not in Odoo yet")),
        *(Column(f"stage:{stage.pk}", stage.name) for stage in stages),
        Column(WON, _("Won")),
        Column(LOST, _("Lost")),
    ]


def _more(keys: Collection[str]) -> dict[str, Column]:
    """Columns for stages of another connection, won stages, no stage, and leads gone. One query."""
    ids = {key: int(key.partition(":")[2]) for key in keys if key != GONE}
    named = dict(OdooStage.objects.filter(pk__in=ids.values()).values_list("pk", "name"))
    titles = {key: named.get(pk, _("Without a stage")) for key, pk in ids.items()}
    if GONE in keys:
        titles[GONE] = _("Not in Odoo any more")
    return {key: Column(key, titles[key]) for key in sorted(titles)}


def _ordered(columns: Iterable[Column]) -> list[Column]:
    """Won and lost at the right end."""
    last = {WON: 1, LOST: 2, GONE: 3}
    return sorted(columns, key=lambda column: last.get(column.key, 0))


def _counted(rows: QuerySet[Lead]) -> QuerySet[Lead, dict[str, Any]]:
    return rows.values("column", "currency").annotate(
        n=Count("pk"), expected_revenue=Sum("expected_revenue", filter=~Q(outcome=Outcome.WON))
    )


def _won(column: Column, rows: QuerySet[Lead]) -> None:
    """The sums of won leads. One query."""
    won = rows.filter(outcome=Outcome.WON, revenue__won__isnull=False).values("revenue__currency")
    for row in won.annotate(sum=Sum("revenue__won")):
        _add(column, row["revenue__currency"], row["sum"])


def _add(column: Column, currency: str, amount: Decimal | None) -> None:
    if amount is not None:
        column.amounts[currency] = (column.amounts.get(currency, Decimal(0)) + amount).quantize(
            CENT
        )


def _shown(rows: QuerySet[Lead], most: int) -> list[tuple[str, Lead]]:
    """Column and lead, in the order of the cards. Two queries: sorting whole rows is slow."""
    place = Window(
        RowNumber(),
        partition_by=[F("column")],
        order_by=[Coalesce("closed_at", "created_at").desc(), F("id").desc()],
    )
    numbered = rows.annotate(place=place).filter(place__lte=most).order_by("place", "pk")
    places = list(numbered.values_list("column", "pk"))
    leads = Lead.objects.for_list().in_bulk([pk for _column, pk in places])
    # One that was deleted in between is left out.
    return [(column, leads[pk]) for column, pk in places if pk in leads]


def _card(lead: Lead) -> Card:
    revenue: LeadRevenue | None = getattr(lead, "revenue", None)
    if lead.outcome == Outcome.WON and revenue is not None and revenue.won is not None:
        found = (revenue.won, revenue.currency, revenue.is_estimate)
    else:
        found = (lead.expected_revenue, lead.currency, False)
    return Card(lead, *found, odoo_url=odoo_address(lead))
