"""The planner's answer for a form: how much a test needs, and what the accounts can earn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments.models import ABTest, Design
from experiments.views import figures, looks
from socialhub.models import Account
from socialhub.services.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Answer:
    """`planned` is that of experiments.services.planner; else `problem` says what is missing."""

    planned: Any = None
    problem: str = ""

    @property
    def weeks(self) -> int | None:
        """Whole weeks; None where nobody knows, or nobody can wait for them."""
        found = self.planned.weeks if self.planned else None
        return math.ceil(found) if found else None

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Where the numbers come from: (what, how much), without what is not known."""
        planned = self.planned
        known = [
            (_("Posts of the history"), planned.history_n or None, looks.number),
            (_("The control's rate"), planned.baseline, figures.rate),
            (_("Impressions of a post"), planned.impressions_per_post, _rounded),
            (_("Reactions of a post"), planned.engagements_per_post, _rounded),
            (_("Luck of a post"), planned.luck_sd, _luck),
            (_("Slots finished in a week"), planned.blocks_per_week, _rounded),
        ]
        return [(name, shown(value)) for name, value, shown in known if value is not None]


def _rounded(value: float) -> str:
    return looks.number(value, 0 if value >= 10 or value == int(value) else 1)


def _luck(sd: float) -> str:
    """A spread of logs as people see it: two thirds of posts are within a factor of it."""
    times = looks.number(math.exp(sd), 2)
    return _("two posts in three within × or ÷ %(times)s") % {"times": times}


def of_form(form: forms.Form, variants: int) -> Answer:
    """For what is in a test's form; wrong numbers are named where they stand."""
    data = getattr(form, "cleaned_data", None)
    if data is None:
        data = _of_initial(form)
    if any(data.get(name) is None for name in ("effect", "confidence", "power")):
        return Answer(problem=_("Enter the numbers of the plan to see what it needs."))
    return answer(
        accounts=list(data.get("accounts") or []),
        design=data.get("design") or Design.PAIRED,
        metric=data["metric"],
        variants=variants,
        confidence=data["confidence"],
        power=data["power"],
        smallest_effect=data["effect"] / 100,
        washout_hours=int(data.get("washout_hours") or 48),
    )


def of_test(test: ABTest) -> Answer:
    """For a test that has not started."""
    return answer(
        accounts=list(test.accounts.prefetch_related("slots")),
        design=test.design,
        metric=test.metric,
        variants=test.variants.count(),
        confidence=test.confidence,
        power=test.power,
        smallest_effect=test.smallest_effect,
        washout_hours=test.washout_hours,
    )


def _of_initial(form: forms.Form) -> dict[str, Any]:
    """A form that was not sent yet: what it starts with."""
    chosen = {str(pk) for pk in form["accounts"].value() or []}
    rows = form.fields["accounts"].queryset  # type: ignore[attr-defined]
    return {
        "accounts": [row for row in rows if str(row.pk) in chosen],
        "design": form["design"].value(),
        "metric": form["metric"].value(),
        **{name: float(form[name].value()) for name in ("effect", "confidence", "power")},
    }


def answer(
    *, accounts: Sequence[Account], design: str, metric: str, variants: int, **numbers: Any
) -> Answer:
    """Asks the planner. A split needs no account; every other design does."""
    if not accounts and design != Design.SPLIT:
        return Answer(problem=_("Choose an account: the answer rests on what its posts earn."))
    # Brings numpy and scipy, which pages that plan nothing need not load.
    from experiments.api import errors
    from experiments.services import planner

    try:
        with errors.named():
            planned = planner.plan_for(
                accounts=accounts,
                design=design,
                metric=metric,
                variants=max(2, variants),
                now=timezone.now(),
                **numbers,
            )
    except ServiceError as exc:
        return Answer(problem=exc.message)
    return Answer(planned=planned)
