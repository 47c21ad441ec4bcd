"""The factors of a score in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experiments.services.recycling.loading import Chain

if TYPE_CHECKING:
    from datetime import datetime

    from experiments.services.recycling.rating import Rating

NAMES = ("quality", "freshness", "fatigue", "decay", "season", "diversity")


@dataclass(frozen=True, slots=True)
class Factors:
    """Multiples of an ordinary showing; see experiments.recycling.score."""

    quality: float
    freshness: float
    fatigue: float
    decay: float
    season: float
    diversity: float = 1.0


@dataclass(frozen=True, slots=True)
class Factor:
    """1 is an ordinary showing, less is worse."""

    value: float
    words: str


def factors(chain: Chain, rating: Rating, diversity: float, now: datetime) -> dict[str, Factor]:
    """Every factor with its value and a sentence."""
    found = rating.factors
    words = {
        "quality": _quality(rating),
        "freshness": _shown((now - chain.last_at).days),
        "fatigue": _repeated(chain.times),
        "decay": _age(chain, now),
        "season": _season(found.season),
        "diversity": _diversity(diversity),
    }
    return {
        name: Factor(diversity if name == "diversity" else getattr(found, name), words[name])
        for name in NAMES
    }


def _quality(rating: Rating) -> str:
    if not rating.known:
        return _("Not measured: treated as an ordinary post.")
    percent = round(100 * (rating.factors.quality - 1))
    if percent > 0:
        return _("May earn %(percent)s %% more than the account's posts usually do.") % {
            "percent": percent
        }
    if percent < 0:
        return _("May earn %(percent)s %% less than the account's posts usually do.") % {
            "percent": -percent
        }
    return _("As good as the account's posts usually are.")


def _shown(days: int) -> str:
    return ngettext("Last shown %(days)s day ago.", "Last shown %(days)s days ago.", days) % {
        "days": days
    }


def _repeated(times: int) -> str:
    if not times:
        return _("Never repeated.")
    return ngettext("Repeated %(times)s time.", "Repeated %(times)s times.", times) % {
        "times": times
    }


def _age(chain: Chain, now: datetime) -> str:
    days = {"days": (now - chain.first_at).days}
    if chain.stays_true:
        return _("%(days)s days old, and evergreen.") % days
    return _("%(days)s days old; nobody said that it stays true.") % days


def _season(value: float) -> str:
    if value == 1:
        return _("For the whole year.")
    return _("In its season.") if value else _("Out of its season.")


def _diversity(value: float) -> str:
    if value >= 0.9:
        return _("Unlike the last posts and the queue.")
    return _("%(percent)s %% the same as one of the last posts or of the queue.") % {
        "percent": round(100 * (1 - value))
    }
