"""What a reader of the dashboard asked for, as it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.definitions import LABELS
from analytics.queries import filters as narrowing
from analytics.queries.dashboard import SERIES
from analytics.queries.filters import DEFAULT_DAYS, NAMES, Filters
from socialhub.models import Account, Campaign, ContentType
from socialhub.platforms.registry import ADAPTERS
from socialhub.services.errors import Invalid

PERIODS = (7, 30, 90, 365)
# How the panels show what was asked for: the values, the default first.
SHOWN = {
    "series": ("published", "happened"),
    "metric": ("engagements", *(name for name in SERIES if name != "engagements")),
    "by": ("engagement_rate", "engagements"),
    "order": ("best", "worst"),
}
FIELDS = {
    "days": gettext_lazy("Days"),
    "from": gettext_lazy("From"),
    "to": gettext_lazy("To"),
    "platform": gettext_lazy("Network"),
    "account": gettext_lazy("Account"),
    "campaign": gettext_lazy("Campaign"),
    "content_type": gettext_lazy("Type"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One parameter that cannot be used; `given` is what was typed."""

    name: str
    label: str
    given: str
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A list of the filter bar. What was asked for and is not in it stays visible."""

    name: str
    label: str
    everything: str
    options: list[Option]
    is_wrong: bool

    @property
    def chosen(self) -> str:
        return next((option.label for option in self.options if option.is_chosen), "")


@dataclass(frozen=True, slots=True)
class Asked:
    """`filters` is None when something cannot be used; `problems` says what."""

    given: dict[str, str]
    filters: Filters | None
    problems: list[Problem]

    @property
    def days(self) -> int | None:
        """The length of a period that moves on with time; None when it was given by dates."""
        if self.filters is None or self.given.get("from") or self.given.get("to"):
            return None
        return self.filters.days

    def shown(self, name: str) -> str:
        """How a panel is to show it, see SHOWN."""
        given = self.given.get(name, "")
        return given if given in SHOWN[name] else SHOWN[name][0]

    def query(self, **changes: Any) -> str:
        """The address of the same with changes, defaults and empty values left out."""
        if "days" in changes:
            changes = {"from": "", "to": "", **changes}
        wanted = {**self.given, **changes}
        usual = {name: values[0] for name, values in SHOWN.items()} | {"days": str(DEFAULT_DAYS)}
        kept = {
            name: str(wanted[name])
            for name in (*NAMES, *SHOWN)
            if wanted.get(name) and str(wanted[name]) != usual.get(name)
        }
        return urlencode(kept)

    @property
    def wrong(self) -> set[str]:
        return {problem.name for problem in self.problems}

    @property
    def dates(self) -> tuple[str, str]:
        """First and last day for the two fields, as typed when they cannot be used."""
        if self.filters is None:
            return self.given.get("from", ""), self.given.get("to", "")
        return self.filters.first.isoformat(), self.filters.last.isoformat()

    def kept(self, *changing: str) -> list[tuple[str, str]]:
        """Hidden fields of a form that sets the others."""
        return [(name, value) for name, value in self.given.items() if name not in changing]

    @property
    def kept_by_dates(self) -> list[tuple[str, str]]:
        return self.kept("days", "from", "to")

    @property
    def kept_by_lists(self) -> list[tuple[str, str]]:
        return self.kept("platform", "account", "campaign", "content_type")

    @property
    def when(self) -> str:
        """The period as part of a sentence."""
        if self.filters is None:
            return ""
        if (days := self.days) is not None:
            if days == 1:
                return _("today")
            return _("in the last %(days)s days") % {"days": days}
        if self.filters.days == 1:
            return _("on %(day)s") % {"day": _day(self.filters.first)}
        return _("from %(first)s to %(last)s") % {
            "first": _day(self.filters.first),
            "last": _day(self.filters.last),
        }

    @property
    def period(self) -> str:
        """The days in full, for paper."""
        if self.filters is None:
            return ""
        return f"{_day(self.filters.first)} – {_day(self.filters.last)}"

    @property
    def before(self) -> str:
        """The period before as part of a sentence."""
        days = self.filters.days if self.filters else 0
        return ngettext("the day before", "the %(days)s days before", days) % {"days": days}


def _day(day: Any) -> str:
    return formats.date_format(day, "DATE_FORMAT")


def parse(params: Mapping[str, str], user: Any) -> Asked:
    """Never raises: what cannot be used is in `problems`."""
    given = {name: params.get(name, "").strip() for name in (*NAMES, *SHOWN)}
    given = {name: value for name, value in given.items() if value}
    problems = [
        Problem(
            name,
            name,
            given[name],
            _("Choose one of: %(known)s.") % {"known": ", ".join(SHOWN[name])},
        )
        for name in SHOWN
        if name in given and given[name] not in SHOWN[name]
    ]
    try:
        filters = narrowing.parse(given, user, timezone.localdate(), also=tuple(SHOWN))
    except Invalid as exc:
        problems += [
            Problem(name, str(FIELDS.get(name, name)), given.get(name, ""), " ".join(messages))
            for name, messages in exc.fields.items()
        ]
        return Asked(given, None, problems)
    return Asked(given, None if problems else filters, problems)


def choices(
    asked: Asked, accounts: Sequence[Account], campaigns: Sequence[Campaign]
) -> list[Choice]:
    """What can be chosen: the networks are those of the accounts the reader sees."""
    platforms = sorted({account.platform for account in accounts})
    types = {value: str(label).capitalize() for value, label in ContentType.choices}
    return [
        _choice(
            asked, "platform", _("All networks"), {name: network_name(name) for name in platforms}
        ),
        _choice(asked, "account", _("All accounts"), {str(row.pk): str(row) for row in accounts}),
        _choice(
            asked, "campaign", _("All campaigns"), {str(row.pk): str(row) for row in campaigns}
        ),
        _choice(asked, "content_type", _("All types"), types),
    ]


def _choice(asked: Asked, name: str, everything: str, known: Mapping[str, str]) -> Choice:
    chosen = asked.given.get(name, "")
    options = [Option(value, label, value == chosen) for value, label in known.items()]
    if chosen and chosen not in known:
        label = network_name(chosen) if name == "platform" else chosen
        options.append(Option(chosen, label, True))
    return Choice(name, str(FIELDS[name]), everything, options, name in asked.wrong)


def network_name(platform: str) -> str:
    adapter = ADAPTERS.get(platform)
    return str(adapter.name) if adapter else platform


def metrics(asked: Asked) -> list[Option]:
    """The counters of the series, as they can be chosen."""
    chosen = asked.shown("metric")
    return [Option(name, str(LABELS[name]), name == chosen) for name in SHOWN["metric"]]
