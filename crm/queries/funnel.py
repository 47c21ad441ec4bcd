"""From reactions to revenue, and how long people wait for a first answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from analytics.queries import published
from analytics.queries.filters import Filters
from analytics.queries.state import current_state
from crm.models import Attribution, LeadSource, Outcome
from crm.queries import owed


@dataclass(frozen=True, slots=True)
class Step:
    """`rate` is percent of the step above; None when that one is unknown or 0."""

    key: str
    label: str
    value: int | None
    rate: float | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """`elsewhere` are leads of the period that are owed to no post: they are not in the steps."""

    steps: list[Step]
    elsewhere: int


def funnel(filters: Filters, touch: str | None = None) -> Funnel:
    """Reactions, leads, opportunities and won leads; a constant number of queries.

    Reactions: lifetime engagements of what was published in the period; None when no network
    reports any. Leads: those that came in in the period and are owed to a post or publication,
    whenever that went out; opportunities and won are of them, until now.
    """
    rows = owed.of_period(filters, owed.touch_or_default(touch))
    posted = Q(owed_publication__isnull=False) | Q(owed_post__isnull=False)
    counts = rows.aggregate(
        leads=Count("pk", filter=posted),
        opportunities=Count("pk", filter=posted & Q(opportunity_at__isnull=False)),
        won=Count("pk", filter=posted & Q(outcome=Outcome.WON)),
        every=Count("pk"),
    )
    reactions = published.totals(filters, current_state(filters)).metrics["engagements"]
    named = (
        ("reactions", _("reactions"), reactions),
        ("leads", _("leads"), counts["leads"]),
        ("opportunities", _("opportunities"), counts["opportunities"]),
        ("won", _("won"), counts["won"]),
    )
    above = [None, *(value for _key, _label, value in named)]
    steps = [
        Step(key, label, value, _rate(value, before))
        for (key, label, value), before in zip(named, above, strict=False)
    ]
    return Funnel(steps, counts["every"] - counts["leads"])


def _rate(value: int | None, above: int | None) -> float | None:
    return None if value is None or not above else 100.0 * value / above


# -- the first answer ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """From a comment that became a lead to our first answer. None without answers.

    `n` comments were answered, `unanswered` were not; `p90`: nine of ten waited no longer.
    """

    median: timedelta | None
    p90: timedelta | None
    n: int
    unanswered: int


def time_to_first_answer(filters: Filters) -> AnswerTimes:
    """Of the first comment of each lead made of a comment in the period. Constant queries.

    Narrowed by the first touch, which that comment is. Written to answered, by the network's
    clock and ours; a clock that is ahead makes no negative times.
    """
    rows = owed.of_period(filters, Attribution.FIRST).filter(
        source=LeadSource.INTERACTION, first_touch__interaction__isnull=False
    )
    found: list[tuple[Any, Any]] = list(
        rows.values_list(
            "first_touch__interaction__created_at", "first_touch__interaction__answered_at"
        )
    )
    waited = sorted(max(end - start, timedelta(0)) for start, end in found if end is not None)
    if not waited:
        return AnswerTimes(None, None, 0, len(found))
    # Nearest rank: a time that somebody really waited.
    last = waited[math.ceil(0.9 * len(waited)) - 1]
    return AnswerTimes(median(waited), last, len(waited), len(found) - len(waited))
