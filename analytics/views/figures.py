"""The dashboard's figures in words: its sentence and its cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.definitions import EXPLAINED, LABELS
from analytics.views.asking import Asked

CARDS = ("impressions", "engagements", "engagement_rate", "likes", "comments", "shares", "clicks")
AVERAGE = gettext_lazy(
    "100 × the sum of engagements ÷ the sum of impressions, over publications that report both."
)


@dataclass(frozen=True, slots=True)
class Card:
    """A lifetime number of what the period published, and what happened in the period itself.

    `change` is percent against the period before, None = not enough data; `has_change` is False
    where nothing is compared.
    """

    name: str
    label: str
    value: float | None
    decimals: int | None = None
    unit: str = ""
    hint: str = ""
    note: str = ""
    has_change: bool = True
    happened: int | None = None
    change: float | None = None


def cards(board: Any) -> list[Card]:
    """Posts first, then the counters. Reads `totals`, `happened` and `changes`."""
    totals, changes = board.totals, board.changes
    publications = ngettext("%(n)s publication", "%(n)s publications", totals.publications)
    found = [
        Card(
            "posts",
            _("Posts"),
            totals.posts,
            hint=_(
                "A post on two networks is one post and two publications. Answers to comments "
                "are not counted."
            ),
            note=publications % {"n": number(totals.publications)},
            change=changes["posts"],
        )
    ]
    for name in CARDS:
        if name == "engagement_rate":
            found.append(_rate(totals))
            continue
        found.append(
            Card(
                name,
                str(LABELS[name]),
                totals.metrics[name],
                hint=str(EXPLAINED.get(name, "")),
                happened=board.happened.totals[name],
                change=changes[name],
            )
        )
    return found


def _rate(totals: Any) -> Card:
    return Card(
        "engagement_rate",
        str(LABELS["engagement_rate"]),
        totals.avg_engagement_rate,
        decimals=2,
        unit="%",
        hint=str(AVERAGE),
        note=_("engagements per 100 impressions"),
        has_change=False,
    )


def sentence(board: Any, asked: Asked) -> str:
    """What the period was like, written from the figures."""
    return _("%(result)s; %(comparison)s.") % {
        "result": _result(board.totals, asked.when),
        "comparison": _comparison(board.changes["engagements"], asked.before),
    }


def _result(totals: Any, when: str) -> str:
    if not totals.publications:
        return _("Nothing was published %(when)s") % {"when": when}
    words = {"n": number(totals.posts), "when": when}
    seen, engaged = totals.metrics["impressions"], totals.metrics["engagements"]
    if seen is not None:
        text = ngettext(
            "%(n)s post %(when)s reached %(seen)s impressions",
            "%(n)s posts %(when)s reached %(seen)s impressions",
            totals.posts,
        )
        return text % {**words, "seen": number(seen)}
    if engaged is not None:
        text = ngettext(
            "%(n)s post %(when)s got %(engaged)s engagements",
            "%(n)s posts %(when)s got %(engaged)s engagements",
            totals.posts,
        )
        return text % {**words, "engaged": number(engaged)}
    text = ngettext(
        "%(n)s post %(when)s, and no number is known yet",
        "%(n)s posts %(when)s, and no number is known yet",
        totals.posts,
    )
    return text % words


def _comparison(change: float | None, before: str) -> str:
    """`change` is of engagement that happened: what is young does not look like a fall."""
    if change is None:
        return _("there is not enough data to compare with %(before)s") % {"before": before}
    words = {"percent": percent(abs(change)), "before": before}
    if percent(abs(change)) == percent(0):
        return _("engagement is the same as on %(before)s") % words
    if change > 0:
        return _("engagement is up %(percent)s %% on %(before)s") % words
    return _("engagement is down %(percent)s %% on %(before)s") % words


def number(value: float) -> str:
    return str(formats.number_format(value, use_l10n=True, force_grouping=True))


def percent(value: float) -> str:
    """Whole from ten on, one decimal below. `value` is not negative."""
    if value == 0 or value >= 9.95:
        return number(round(value))
    return str(formats.number_format(round(value, 1), 1, use_l10n=True))
