"""What figures of leads can be grouped by: the column, and what its values are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Case, CharField, Count, DateField, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Concat, NullIf, TruncWeek
from django.utils.translation import gettext as _

from analytics.queries.filters import Filters
from crm.models import Lead, LeadOrder, OrderKind, Product, Service
from crm.queries import amounts, owed
from crm.queries.amounts import COUNTS, Parts
from socialhub.models import Account, Campaign, Post

Row = dict[str, Any]
Labels = dict[Any, str]
EVERYTHING = "all"
CENT = Decimal("0.01")
NO_COST: Row = {"cost_per_lead": None, "budget": None}


@dataclass(frozen=True, slots=True)
class Group:
    """`column` of the leads, made by `expression` when it is none yet."""

    column: str
    named: Callable[[list[Any]], Labels]
    nothing: Callable[[], str]
    expression: Callable[[], Any] | None = None

    def annotated(self, rows: QuerySet[Lead]) -> QuerySet[Lead]:
        return rows.annotate(**{self.column: self.expression()}) if self.expression else rows

    def labels(self, keys: Iterable[Any]) -> Labels:
        """One query; two for products."""
        wanted = [key for key in keys if key is not None]
        found = self.named(wanted) if wanted else {}
        return {None: self.nothing(), **{key: found.get(key, str(key)) for key in wanted}}


def _posts(keys: list[Any]) -> Labels:
    return {row.pk: str(row) for row in Post.objects.filter(pk__in=keys)}


def _campaigns(keys: list[Any]) -> Labels:
    return dict(Campaign.objects.filter(pk__in=keys).values_list("pk", "name"))


def _accounts(keys: list[Any]) -> Labels:
    return {row.pk: str(row) for row in Account.objects.filter(pk__in=keys)}


def _items(keys: list[Any]) -> Labels:
    """Keys are "product:3" and "service:3"."""
    found: Labels = {}
    for model in (Product, Service):
        ids = [int(key.partition(":")[2]) for key in keys if key.startswith(f"{model.kind}:")]
        rows = model.objects.filter(pk__in=ids).values_list("pk", "name")
        found |= {f"{model.kind}:{pk}": name for pk, name in rows}
    return found


def _item() -> Case:
    def key(kind: str) -> Concat:
        number = Cast(f"{kind}_id", CharField())
        return Concat(Value(f"{kind}:"), number, output_field=CharField())

    return Case(
        When(product__isnull=False, then=key("product")),
        When(service__isnull=False, then=key("service")),
        default=None,
        output_field=CharField(),
    )


def _week() -> TruncWeek:
    return TruncWeek("created_at", output_field=DateField(), tzinfo=owed.zone())


_GROUPS = {
    "post": Group("owed_post", _posts, lambda: _("no post")),
    "campaign": Group("owed_campaign", _campaigns, lambda: _("no campaign")),
    "account": Group("owed_account", _accounts, lambda: _("no account")),
    "product": Group("item", _items, lambda: _("no product"), _item),
    "variant": Group(
        "variant",
        lambda _keys: {},
        lambda: _("no variant"),
        lambda: NullIf("owed_variant", Value("")),
    ),
    "week": Group("week", lambda _keys: {}, str, _week),
}
NAMES = tuple(_GROUPS)
ALL = Group("everything", lambda _keys: {}, str, lambda: Value(EVERYTHING))


def get(name: str) -> Group:
    """Raises ValueError for a name that is none of NAMES."""
    if name not in _GROUPS:
        raise ValueError(f"leads cannot be grouped by {name!r}")
    return _GROUPS[name]


# -- what a lead costs -----------------------------------------------------------------


def costs(keys: Iterable[Any], touch: str, filters: Filters) -> dict[Any, Row]:
    """Budget ÷ all leads of the campaign, of every time and account. Two queries.

    The budget is for the whole campaign: leads of a period or an account would make it look
    dearer. Readers limited to some accounts get no cost, since they may not count all leads.
    """
    rows = Campaign.objects.filter(pk__in=[key for key in keys if key], budget__isnull=False)
    budgets = dict(rows.values_list("pk", "budget"))
    counts: dict[Any, int] = {}
    if budgets and filters.granted is None:
        every = owed.leads(touch).filter(owed_campaign__in=budgets)
        counts = dict(every.values_list("owed_campaign").annotate(n=Count("pk")))
    return {
        key: {"budget": budget, "cost_per_lead": _each(budget, counts.get(key))}
        for key, budget in budgets.items()
    }


def _each(budget: Decimal, leads: int | None) -> Decimal | None:
    return (budget / leads).quantize(CENT, ROUND_HALF_UP) if leads else None


# -- weeks -------------------------------------------------------------------------------


def weeks(filters: Filters, touch: str, parts: Parts) -> list[Row]:
    """Every week of the period, those at its ends as far as they lie in it.

    `won` is what the leads that came in that week have won until now, `won_by_order_date` what
    was ordered on its days by leads of any time, without estimates, which have no date.
    """
    ordered = _ordered(filters, touch)
    names = [*parts.currencies, *sorted({c for _w, c in ordered} - set(parts.currencies))]
    found = []
    for week in _mondays(filters):
        there = parts.amounts.get(week, {})
        used = [name for name in names if name in there or (week, name) in ordered] or [""]
        for number, name in enumerate(used):
            counts = parts.counts.get(week, dict.fromkeys(COUNTS, 0))
            found.append(
                {
                    "key": week,
                    "label": _("week %(week)s of %(year)s")
                    % dict(zip(("year", "week"), week.isocalendar(), strict=False)),
                    **(counts if number == 0 else dict.fromkeys(COUNTS)),
                    **there.get(name, {**amounts.NO_AMOUNT, "currency": name}),
                    "won_by_order_date": ordered.get((week, name)),
                    **NO_COST,
                }
            )
    return found


def _mondays(filters: Filters) -> list[date]:
    first = filters.first - timedelta(days=filters.first.weekday())
    return [first + timedelta(days=n) for n in range(0, (filters.last - first).days + 1, 7)]


def _ordered(filters: Filters, touch: str) -> dict[tuple[date, str], Decimal]:
    """(week, currency) → orders dated in it, of the narrowed leads of every time. One query."""
    zone = owed.zone()
    leads = owed.narrowed(owed.leads(touch), filters).values("pk")
    rows = LeadOrder.objects.filter(
        kind=OrderKind.ORDER, lead__in=leads, **owed.within(filters, zone, "happened_at")
    )
    week = TruncWeek("happened_at", output_field=DateField(), tzinfo=zone)
    sums = rows.order_by().annotate(week=week).values("week", "currency")
    return {
        (row["week"], row["currency"]): row["sum"].quantize(CENT)
        for row in sums.annotate(sum=Sum("amount"))
    }
