"""How recycling looks: factors as bars, reasons as headings with their remedy, results in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from experiments.models import RecycledPost, RecyclingLearned, RecyclingRule
from experiments.services.recycling.lasting import Lasting
from socialhub.writing import MadeBy, Variation, WhyNot

if TYPE_CHECKING:
    from experiments.services.recycling.candidates import Candidate

# The factor 1 is an ordinary post; a bar has room for twice that.
ROOM = {"quality": 2.0, "season": 1.25}


@dataclass(frozen=True, slots=True)
class Bar:
    """A factor of the score: `percent` of the bar is filled."""

    name: str
    title: str
    words: str
    value: str
    percent: int


def bars(candidate: Candidate) -> list[Bar]:
    """The factors in their order, each with what it means."""
    return [
        _bar(code, factor.value, factor.words)
        for code, factor in candidate.factors.items()
        # Without a season of its own it says nothing.
        if not (code == "season" and factor.value == 1)
    ]


def stored_bars(row: RecycledPost) -> list[Bar]:
    """The factors as they were when it was chosen."""
    return [_bar(code, getattr(row, code), "") for code in _factor_names()]


def _bar(code: str, value: float, words: str) -> Bar:
    name, title = _factor_names()[code]
    percent = round(100 * min(1.0, value / ROOM.get(code, 1.0)))
    return Bar(name, title, words, formats.number_format(round(value, 2), 2), percent)


def _factor_names() -> dict[str, tuple[str, str]]:
    return {
        "quality": (
            _("How good"),
            _("What its showings earned beyond the account's usual, beyond luck."),
        ),
        "freshness": (_("Forgotten"), _("How much of it the audience has forgotten since.")),
        "fatigue": (_("Not worn"), _("Each repetition earns less than the one before.")),
        "decay": (_("Still topical"), _("Topics grow old, evergreen ones slowly.")),
        "season": (_("Season"), _("In its own season a post does better.")),
        "diversity": (_("Different"), _("How unlike the last posts and the queue it is.")),
    }


@dataclass(frozen=True, slots=True)
class Remedy:
    """A button: a verb of the board, or the address of a page."""

    word: str
    verb: str = ""
    url_name: str = ""


def remedies(code: str) -> list[Remedy]:
    """What a person can do about a reason; nothing helps against those that pass."""
    stays = Remedy(_("It stays true"), verb=Lasting.STAYS)
    dated = Remedy(_("It is bound to a date"), verb=Lasting.DATED)
    post = Remedy(_("Open the post"), url_name="admin:socialhub_post_change")
    found = {
        "looks_bound_to_date": [stays, dated],
        "not_evergreen": [stays, dated],
        "time_sensitive": [stays],
        "skipped": [Remedy(_("Show it again"), verb="again")],
        "account_unusable": [Remedy(_("Reconnect"), url_name="admin:socialhub_account_change")],
        "link_dead": [post],
        "media_missing": [post],
        "expired": [post],
        "out_of_season": [post],
    }
    return found.get(code, [])


def most_frequent(found: Iterable[Candidate]) -> list[tuple[str, int]]:
    """The first reasons of those that are not eligible, the most frequent first."""
    codes = Counter(one.reasons[0].code for one in found if not one.eligible)
    return [(heading(code), n) for code, n in codes.most_common(4)]


def heading(code: str) -> str:
    """A reason in a few words."""
    return {
        "skipped": _("Skipped"),
        "time_sensitive": _("Bound to a date"),
        "archived": _("Archived"),
        "gone": _("Deleted on the network"),
        "part_of_series": _("Part of a series"),
        "in_test": _("In a running A/B test"),
        "lost_test": _("Lost its A/B test"),
        "test_without_winner": _("A/B test without a winner"),
        "shown_again_in_test": _("Shown again in its A/B test"),
        "waits_for_person": _("A repetition waits for a person"),
        "already_planned": _("Planned already"),
        "account_unusable": _("Account not connected"),
        "link_dead": _("Dead link"),
        "media_missing": _("Missing picture"),
        "not_evergreen": _("Not marked as evergreen"),
        "expired": _("Expired"),
        "out_of_season": _("Out of season"),
        "too_young": _("Too young"),
        "not_measured": _("Not measured yet"),
        "cap": _("Repeated often enough"),
        "cooldown": _("Resting"),
        "tired": _("Worn out"),
        "looks_bound_to_date": _("Looks bound to a date"),
        "similar": _("Too much like another post"),
        "never": _("Never again"),
    }.get(code, _("Other reasons"))


def lead(eligible: int, waiting: int, is_cut: bool) -> str:
    """The board in a sentence; `is_cut`: there may be more."""
    may = ngettext("%(n)s post may go out again", "%(n)s posts may go out again", eligible) % {
        "n": formats.number_format(eligible, force_grouping=True)
    }
    if is_cut:
        may = _("At least %(may)s") % {"may": may}
    if not waiting:
        return _("%(may)s; no repetition is planned.") % {"may": may}
    planned = ngettext("%(n)s repetition is planned", "%(n)s repetitions are planned", waiting) % {
        "n": formats.number_format(waiting, force_grouping=True)
    }
    return f"{may}; {planned}."


def learning(learned: RecyclingLearned, measured: int) -> str:
    """What repetitions have taught so far."""
    from experiments.recycling.learning import NEEDED

    less = formats.number_format(round(100 - 100 * 2**-learned.fatigue_exponent))
    if not learned.showings:
        return _(
            "How fast posts wear out is learned from %(needed)s measured repetitions; so far there "
            "are %(n)s. Until then the first repetition is taken to earn %(less)s %% less."
        ) % {"needed": NEEDED, "n": measured, "less": less}
    return _(
        "Learned from %(n)s measured repetitions: the first repetition of a post earns "
        "%(less)s %% less than its first showing."
    ) % {"n": learned.showings, "less": less}


def made_by(found: Variation) -> str:
    """Who wrote a variation, or why there is none."""
    if found.why_not is None:
        return {
            MadeBy.DETERMINISTIC: _("Made without AI. Read it before it goes out."),
            MadeBy.AI: _("Made with AI. Read it before it goes out."),
        }[found.made_by]
    return {
        WhyNot.EMPTY: _("There is no text to vary."),
        WhyNot.LANGUAGE: _("Only Spanish and English can be varied."),
        WhyNot.NO_ROOM: _("No variation is short enough. Shorten the text by hand."),
        WhyNot.TOO_ALIKE: _("Too long to be varied enough. Change it by hand."),
    }[found.why_not]


# -- predicted and actual ------------------------------------------------------------------


def expected(value: float | None, is_rate: bool) -> str:
    """Engagements as a share of impressions, or per post; "–" when there is no guess."""
    if value is None:
        return "–"
    if is_rate:
        return _("%(rate)s %%") % {"rate": formats.number_format(round(100 * value, 2), 2)}
    decimals = 0 if value >= 10 else 1
    return formats.number_format(round(value, decimals), decimals, force_grouping=True)


def unit(is_rate: bool) -> str:
    return _("engagements per impression") if is_rate else _("engagements per post")


def compared(row: RecycledPost) -> dict[str, Any]:
    """How a repetition did against what was expected: sign, words and tone."""
    if row.actual is None or not row.predicted:
        return {}
    percent = round(100 * (row.actual / row.predicted - 1))
    if not percent:
        return {"sign": "=", "tone": "same", "words": pgettext("result", "as expected")}
    words = (
        _("%(percent)s %% above what was expected")
        if percent > 0
        else _("%(percent)s %% below what was expected")
    )
    return {
        "sign": f"{'▲' if percent > 0 else '▼'} {abs(percent)} %",
        "tone": "up" if percent > 0 else "down",
        "words": words % {"percent": abs(percent)},
    }


def no_result(row: RecycledPost) -> str:
    """Why there is nothing to compare."""
    if row.measured_at is None:
        return _("It is compared when its numbers have settled.")
    return _("Nothing was predicted, as the account had no numbers yet.")


# -- rules -----------------------------------------------------------------------------------


def terms(rule: RecyclingRule) -> list[str]:
    """Which posts it takes, in words."""
    found = [_("evergreen") if rule.only_evergreen else _("all that may be true still")]
    if rule.campaign:
        found.append(str(rule.campaign))
    if rule.language:
        found.append(str(rule.get_language_display()))
    if rule.season_from:
        found.append(f"{rule.season_from} – {rule.season_to}")
    return found


def rhythm(rule: RecyclingRule) -> str:
    """How often, in words."""
    times = ngettext("%(n)s time", "up to %(n)s times", rule.cap) % {"n": rule.cap}
    return _("%(times)s, %(days)s days apart, %(share)s %% of the slots") % {
        "times": times,
        "days": rule.cooldown_days,
        "share": round(100 * rule.share),
    }
