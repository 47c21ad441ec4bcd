"""Which posts may go out again, and why the others may not, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experiments.models import RecyclingRule
from experiments.recycling import dated, networks, season, similarity
from experiments.services.recycling.loading import STUCK, Chain, History
from socialhub.models import AccountStatus

# Without a rule: the network's own cooldown, and these.
YOUNGEST_DAYS, COOLDOWN_DAYS, CAP = 30, 21, 5
# Who cancels a repetition does not want it back the next morning.
CANCELLED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not; `code` is stable."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Why:
    """A reason before it is put into words."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def said(self) -> Reason:
        return Reason(self.code, sentence(self.code, self.params))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule asks of a post."""

    rule: RecyclingRule | None = None
    campaign: int | None = None
    language: str = ""
    only_evergreen: bool = False
    min_age_days: int = YOUNGEST_DAYS
    cooldown_days: int = COOLDOWN_DAYS
    cap: int = CAP
    season_from: str = ""
    season_to: str = ""
    expires_on: date | None = None

    @classmethod
    def of(cls, rule: RecyclingRule | None) -> Terms:
        if rule is None:
            return cls()
        return cls(
            rule,
            rule.campaign_id,
            rule.language,
            rule.only_evergreen,
            rule.min_age_days,
            rule.cooldown_days,
            rule.cap,
            rule.season_from,
            rule.season_to,
            rule.expires_on,
        )

    def covers(self, chain: Chain) -> bool:
        """Is it about this post at all?"""
        if self.campaign is not None and chain.campaign != self.campaign:
            return False
        return not self.language or chain.language == self.language

    def holds_on(self, day: date) -> bool:
        """Neither over nor out of its season."""
        if self.expires_on is not None and day > self.expires_on:
            return False
        return season.is_inside(day, self.season_from, self.season_to)


def check(
    chain: Chain, terms: Terms, history: History, now: datetime, *, measured: bool
) -> list[Why]:
    """Everything against it that can be said without reading its text.

    `measured`: the account has numbers; else none are asked for.
    """
    today = now.astimezone(history.home).date()
    return [
        *_by_people(chain, now),
        *_by_state(chain, history),
        *_by_calendar(chain, terms, today),
        *_by_times(chain, terms, history, now, measured),
    ]


def on_day(chain: Chain, terms: Terms, day: date) -> bool:
    """Does the calendar allow it on a later day too?"""
    return not list(_by_calendar(chain, terms, day))


def _by_people(chain: Chain, now: datetime) -> Iterable[Why]:
    if chain.said.never_at is not None:
        yield Why("never")
    if chain.said.skip_until is not None and chain.said.skip_until > now:
        yield Why("skipped", {"until": chain.said.skip_until})
    if chain.cancelled_for is not None and chain.cancelled_for + CANCELLED_FOR > now:
        yield Why("cancelled", {"until": chain.cancelled_for + CANCELLED_FOR})
    if chain.said.time_sensitive:
        yield Why("time_sensitive")
    if chain.is_archived:
        yield Why("archived")


def _by_state(chain: Chain, history: History) -> Iterable[Why]:
    if chain.is_gone:
        yield Why("gone")
    if chain.is_part:
        yield Why("part_of_series")
    if chain.tested:
        yield Why(chain.tested)
    if chain.on_its_way in STUCK:
        yield Why("waits_for_person")
    elif chain.on_its_way:
        yield Why("already_planned")
    if history.account.status != AccountStatus.ACTIVE:
        yield Why("account_unusable", {"account": str(history.account)})
    if chain.link_dead:
        yield Why("link_dead", {"detail": chain.link_dead})
    if chain.media_missing:
        yield Why("media_missing")


def _by_calendar(chain: Chain, terms: Terms, day: date) -> Iterable[Why]:
    said = chain.said
    if terms.only_evergreen and not chain.stays_true:
        yield Why("not_evergreen")
    ends = min((end for end in (said.expires_on, terms.expires_on) if end), default=None)
    if ends is not None and day > ends:
        yield Why("expired", {"day": ends})
    for first, last in (
        (said.season_from, said.season_to),
        (terms.season_from, terms.season_to),
    ):
        if not season.is_inside(day, first, last):
            yield Why("out_of_season", {"first": first, "last": last})
            return


def _by_times(
    chain: Chain, terms: Terms, history: History, now: datetime, measured: bool
) -> Iterable[Why]:
    youngest = max(YOUNGEST_DAYS, terms.min_age_days)
    if now - chain.first_at < timedelta(days=youngest):
        yield Why("too_young", {"days": youngest})
    elif measured and not chain.is_measured:
        yield Why("not_measured")
    if chain.times >= terms.cap:
        yield Why("cap", {"times": chain.times})
    over = cooled_down_at(chain, terms, history)
    if now < over:
        yield Why("cooldown", {"until": over})


def cooled_down_at(chain: Chain, terms: Terms, history: History) -> datetime:
    """When it may be shown again."""
    platform = history.account.platform
    days = networks.cooldown_days(platform, terms.cooldown_days, chain.times)
    return chain.last_at + timedelta(days=days)


def against_text(chain: Chain, text: str, alike: float) -> list[Why]:
    """What its text says against it; `alike` is the most similar of the account's window."""
    found = []
    if not chain.stays_true and (words := _bound_to_date(text)):
        found.append(Why("looks_bound_to_date", {"words": words}))
    if alike >= similarity.TOO_ALIKE:
        found.append(Why("similar", {"percent": round(100 * alike)}))
    return found


@lru_cache(maxsize=4096)
def _bound_to_date(text: str) -> str:
    """The first words that look so."""
    return next((found.words for found in dated.find(text)), "")


# -- words ---------------------------------------------------------------------------


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """The reason in the reader's language."""
    if code == "too_young":
        text = ngettext(
            "It has to be %(days)s day old first.",
            "It has to be %(days)s days old first.",
            params["days"],
        )
    elif code == "cap":
        text = ngettext(
            "It was repeated %(times)s time already.",
            "It was repeated %(times)s times already.",
            params["times"],
        )
    else:
        text = _texts()[code]
    return text % {name: _shown(value) for name, value in params.items()}


def _shown(value: Any) -> Any:
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    return value


def _texts() -> dict[str, str]:
    return {
        "never": _("Somebody said: never again."),
        "skipped": _("Skipped until %(until)s."),
        "cancelled": _("Somebody cancelled a repetition; again from %(until)s."),
        "time_sensitive": _("Somebody said it is bound to a date."),
        "archived": _("The post is archived."),
        "gone": _("The network has it no more."),
        "part_of_series": _("It is a part of a series."),
        "in_test": _("It is in a running A/B test."),
        "lost_test": _("Another variant won its A/B test."),
        "test_without_winner": _("Its A/B test found no winner: the control stands for it."),
        "shown_again_in_test": _("A later showing of the same A/B test stands for it."),
        "waits_for_person": _(
            "A repetition did not go out and waits for somebody to send or cancel it."
        ),
        "already_planned": _("A repetition is planned already."),
        "account_unusable": _("%(account)s has to be reconnected first."),
        "link_dead": _("Its link does not answer: %(detail)s."),
        "media_missing": _("A picture of it is missing."),
        "not_evergreen": _("Nobody said that it stays true, and the rule takes evergreen only."),
        "expired": _("It was good until %(day)s."),
        "out_of_season": _("Out of season: shown from %(first)s to %(last)s only."),
        "not_measured": _("Its numbers have not been read late enough."),
        "cooldown": _("It was shown not long ago; again from %(until)s."),
        "tired": _("Its last two showings were among the account's weakest."),
        "looks_bound_to_date": _(
            "“%(words)s” looks bound to a date. Say whether the post stays true."
        ),
        "similar": _("%(percent)s %% the same as a post of the last 14 days or of the queue."),
    }
