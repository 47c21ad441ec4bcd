"""The filter bar of the lead pages: as in analytics, and which touch counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.queries import filters as narrowing
from analytics.queries.filters import DEFAULT_DAYS, Filters
from analytics.views import asking
from analytics.views.asking import Choice, Option, Problem
from crm.models import Attribution, CrmSettings
from socialhub.models import Account, Campaign, Organisation
from socialhub.services.errors import Invalid

NAMES = ("days", "from", "to", "platform", "account", "campaign", "touch")
LISTS = ("platform", "account", "campaign", "touch")


@dataclass(frozen=True, slots=True)
class Asked:
    """`filters` is None when something cannot be used; `problems` says what."""

    given: dict[str, str]
    filters: Filters | None
    touch: str
    problems: list[Problem]

    def query(self, **changes: Any) -> str:
        """The address of the same with changes."""
        if "days" in changes:
            changes = {"from": "", "to": "", **changes}
        wanted = {**self.given, **changes}
        kept = {name: str(wanted[name]) for name in NAMES if wanted.get(name)}
        if kept.get("days") == str(DEFAULT_DAYS):
            kept.pop("days")
        return urlencode(kept)

    @property
    def days(self) -> int | None:
        if self.filters is None or self.given.get("from") or self.given.get("to"):
            return None
        return self.filters.days

    @property
    def dates(self) -> tuple[str, str]:
        """First and last day for the two fields, as typed when they cannot be used."""
        if self.filters is None:
            return self.given.get("from", ""), self.given.get("to", "")
        return self.filters.first.isoformat(), self.filters.last.isoformat()

    @property
    def wrong(self) -> set[str]:
        return {problem.name for problem in self.problems}

    @property
    def kept_by_dates(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.given.items() if name in LISTS]

    @property
    def kept_by_lists(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.given.items() if name not in LISTS]

    @property
    def when(self) -> str:
        """The period as part of a sentence."""
        return asking.Asked(self.given, self.filters, []).when

    @property
    def period(self) -> str:
        """The days in full, for paper."""
        return asking.Asked(self.given, self.filters, []).period


def parse(params: Mapping[str, str], user: Any) -> Asked:
    """Never raises: what cannot be used is in `problems`."""
    given = {name: value for name in NAMES if (value := params.get(name, "").strip())}
    today = timezone.localdate(timezone=Organisation.get().zone)
    problems = []
    touch = given.get("touch") or CrmSettings.get().attribution
    if touch not in Attribution.values:
        text = _("Choose one of: %(known)s.") % {"known": ", ".join(Attribution.values)}
        problems.append(Problem("touch", _("Touch"), touch, text))
    found = None
    try:
        found = narrowing.parse(given, user, today, also=("touch",))
    except Invalid as exc:
        problems += [
            Problem(name, str(asking.FIELDS.get(name, name)), given.get(name, ""), " ".join(told))
            for name, told in exc.fields.items()
        ]
    return Asked(given, None if problems else found, touch, problems)


def periods(asked: Asked) -> list[tuple[int, bool, str]]:
    return [(days, days == asked.days, asked.query(days=days)) for days in asking.PERIODS]


def choices(asked: Asked, user: Any) -> list[Choice]:
    """What can be chosen: network, account, campaign, touch."""
    accounts = list(Account.objects.visible_to(user))
    named = asking.Asked(asked.given, asked.filters, asked.problems)
    known = asking.choices(named, accounts, list(Campaign.objects.all()))
    words = {
        Attribution.FIRST: _("Owed to the first touch"),
        Attribution.LAST: _("Owed to the last touch"),
    }
    touches = [Option(str(value), text, value == asked.touch) for value, text in words.items()]
    wrong = "touch" in asked.wrong
    return [
        *(choice for choice in known if choice.name in LISTS),
        Choice("touch", _("Touch"), "", touches, wrong),
    ]
