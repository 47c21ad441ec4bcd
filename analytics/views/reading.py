"""What each panel of the dashboard reads: its context, from a board of figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.queries import audience, best_times, dashboard
from analytics.queries import costs as cost_queries
from analytics.queries.filters import Filters
from analytics.queries.sources import Sums
from analytics.views import charts, figures
from analytics.views.asking import Asked, metrics, network_name
from analytics.views.boards import Alone
from socialhub import money
from socialhub.models import Account, Campaign, ContentType
from socialhub.services import publishing

PUNCTUALITY_DAYS = 30
# Hours listed as the best.
BEST = 7


def numbers(board: Any, asked: Asked) -> dict[str, Any]:
    return {"cards": figures.cards(board), "before": asked.before, "when": asked.when}


def series(board: Any, asked: Asked) -> dict[str, Any]:
    return {
        "chart": charts.series(board),
        "kinds": [
            (name, title, name == asked.shown("series"), asked.query(series=name))
            for name, title in charts.KINDS.items()
        ],
        "metrics": metrics(asked),
        "is_empty": not board.totals.publications and not any(board.happened.totals.values()),
        "has_campaign": board.filters.campaign is not None,
    }


@dataclass(slots=True)
class Line:
    """One bar of a breakdown; `share` of the longest, in percent, None without engagements."""

    label: str
    sums: Sums
    share: float | None
    platform: str = ""
    query: str = ""
    audience: audience.AccountAudience | None = None


def _lines(found: Iterable[Any], asked: Asked, column: str, names: Mapping[Any, Any]) -> Any:
    found = list(found)
    most = max((sums.metrics["engagements"] or 0 for _key, sums in found), default=0)
    lines = []
    for key, sums in found:
        engaged = sums.metrics["engagements"]
        share = None if engaged is None else 100 * max(engaged, 0) / most if most else 0.0
        query = asked.query(**{column: key}) if column and key is not None else ""
        lines.append(Line(str(names.get(key, key)), sums, share, query=query))
    return lines


def platforms(board: Any, asked: Asked) -> dict[str, Any]:
    names = {name: network_name(name) for name in board.platforms}
    lines = _lines(board.platforms.items(), asked, "platform", names)
    for platform, line in zip(board.platforms, lines, strict=True):
        line.platform = platform
    return {"lines": lines, "what": _("Network"), "has_posts": True}


def content_types(board: Any, asked: Asked) -> dict[str, Any]:
    names = {value: str(label).capitalize() for value, label in ContentType.choices}
    lines = _lines(board.content_types.items(), asked, "content_type", names)
    return {"lines": lines, "what": _("Type"), "has_posts": True}


def accounts(board: Alone, asked: Asked) -> dict[str, Any]:
    found = dashboard.by_account(board.filters, board.state)
    rows = Account.objects.visible_to(board.user).in_bulk(list(found))
    names = {pk: str(row) for pk, row in rows.items()}
    followers = {
        one.account: one
        for one in audience.followers(list(found), board.filters.first, board.filters.last)
    }
    lines = _lines(found.items(), asked, "account", names)
    for pk, line in zip(found, lines, strict=True):
        line.platform = rows[pk].platform if pk in rows else ""
        line.audience = followers.get(pk)
    return {"lines": lines, "what": _("Account"), "has_followers": True}


def campaigns(board: Alone, asked: Asked) -> dict[str, Any]:
    found = dashboard.by_campaign(board.filters)
    rows = Campaign.objects.in_bulk([pk for pk in found if pk is not None])
    names = {pk: str(row) for pk, row in rows.items()}
    lines = _lines(found.items(), asked, "campaign", {**names, None: _("no campaign")})
    return {"lines": lines, "what": _("Campaign"), "has_posts": True}


def heatmap(board: Any, asked: Asked) -> dict[str, Any]:
    return {
        "map": charts.heatmap(board.heatmap),
        "zone": board.state.zone.key,
        "few": charts.FEW,
        "hours": range(24),
    }


def best(board: Alone, asked: Asked) -> dict[str, Any]:
    found = best_times.for_accounts(_account_ids(board.filters), timezone.now())
    slots = found.slots[:BEST]
    most = max((slot.high or 0 for slot in slots), default=0)
    words = {"strong": _("strong"), "likely": _("likely"), "guess": _("a guess")}
    looks = {"strong": "ok", "likely": "info", "guess": "waiting"}
    return {
        "best": found,
        "slots": [
            {
                "slot": slot,
                "name": charts.hour_start(slot.weekday, slot.hour),
                "look": looks[slot.badge],
                "word": words[slot.badge],
                "chance": 100 * slot.p_top5,
                "bar": _interval(slot, most),
            }
            for slot in slots
        ],
        "is_rate": found.unit == "rate",
    }


def _interval(slot: Any, most: float) -> dict[str, float] | None:
    """Where interval and estimate lie on a scale from 0 to the highest bound, in percent."""
    if slot.rate is None or slot.low is None or slot.high is None or not most:
        return None
    return {
        "left": 100 * slot.low / most,
        "width": 100 * (slot.high - slot.low) / most,
        "at": 100 * slot.rate / most,
    }


def _account_ids(filters: Filters) -> Sequence[int] | None:
    """The accounts of the selection, None for all."""
    if not filters.platform:
        return filters.accounts
    rows = Account.objects.filter(platform=filters.platform)
    if filters.accounts is not None:
        rows = rows.filter(pk__in=filters.accounts)
    return list(rows.values_list("pk", flat=True))


def top(board: Any, asked: Asked) -> dict[str, Any]:
    by, order = asked.shown("by"), asked.shown("order")
    labels = {
        ("engagement_rate", "best"): _("Best by rate"),
        ("engagements", "best"): _("Best by engagements"),
        ("engagement_rate", "worst"): _("Worst by rate"),
        ("engagements", "worst"): _("Worst by engagements"),
    }
    switches = [
        (label, key == (by, order), asked.query(by=key[0], order=key[1]))
        for key, label in labels.items()
    ]
    return {"top": board.top, "switches": switches}


def pending(board: Any, asked: Asked) -> dict[str, Any]:
    rows = board.pending.rows
    return {"pending": board.pending, "oldest": rows[0].created_at if rows else None}


def costs(board: Alone, asked: Asked) -> dict[str, Any]:
    found = cost_queries.costs(board.filters)
    prices = [cost.price_usd for cost in found if cost.price_usd is not None]
    return {
        "costs": [(network_name(cost.platform), cost) for cost in found],
        "total": sum(prices) if prices else None,
        "months": [
            {
                "month": one,
                "spent": money.dollars(one.spent),
                "cap": "" if one.cap is None else money.dollars(one.cap),
            }
            for one in cost_queries.months(board.filters, timezone.now())
        ],
    }


def punctuality(board: Alone, asked: Asked) -> dict[str, Any]:
    return {"punctuality": publishing.punctuality(timezone.now(), PUNCTUALITY_DAYS)}
