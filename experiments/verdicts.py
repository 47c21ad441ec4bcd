"""What a test says, as sentences: from its state, its last look and the effects measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from experiments import wording
from experiments.models import ABTest, ABTestState, Design, Metric, MetricKind, Outcome


@dataclass(frozen=True, slots=True)
class Effect:
    """How `name` stands to `against`: 0.2 is a fifth more. None: not known."""

    name: str
    against: str
    effect: float | None
    low: float | None = None
    high: float | None = None

    def turned(self) -> Effect:
        """The same seen from the other side."""

        def other(value: float | None) -> float | None:
            return None if value is None or value <= -1 else 1 / (1 + value) - 1

        low, high = other(self.high), other(self.low)
        return Effect(self.against, self.name, other(self.effect), low, high)


def percent(value: float, *, sign: bool = False) -> str:
    """0.234 → "23 %", with `sign` "+23 %". Below 10 and just below 100 a decimal is kept."""
    shown = round(100 * value, 1)
    is_fine = abs(shown) < 10 or 99 < abs(shown) < 100
    decimals = 1 if is_fine and shown != round(shown) else 0
    text = formats.number_format(round(abs(shown), decimals), decimals, force_grouping=True)
    mark = "−" if shown < 0 else "+" if sign else ""
    return f"{mark}{text}\u00a0%"


def percents(value: float | None) -> str:
    """With its sign; "–" where it is not known."""
    return "–" if value is None else percent(value, sign=True)


def measure(test: ABTest) -> str:
    """ "engagements per impression"."""
    what = str(Metric(test.metric).label)
    if test.kind == MetricKind.COUNT:
        return what
    if test.design == Design.SPLIT:
        return _("%(what)s per visitor") % {"what": what}
    if test.kind == MetricKind.PER_POST:
        return _("%(what)s per post") % {"what": what}
    return _("%(what)s per impression") % {"what": what}


def progress(test: ABTest, counts: Any, blocks: int | None) -> tuple[int, int] | None:
    """(what there is, what was planned): slots, else of the variant that has the least."""
    if not test.planned_size:
        return None
    if test.design == Design.PAIRED:
        return blocks or 0, test.planned_size
    if not counts:
        return 0, test.planned_size
    unit = 0 if test.kind == MetricKind.COUNT else 1
    return min(int(pair[unit] or 0) for pair in counts), test.planned_size


def progress_words(test: ABTest, done: int, planned: int) -> str:
    """ "6 of 12 slots", by what the size is counted in."""
    if test.design == Design.PAIRED:
        words = _("%(done)s of %(planned)s slots")
    elif test.kind == MetricKind.COUNT:
        words = _("%(done)s of %(planned)s reactions each")
    elif test.design == Design.SPLIT:
        words = _("%(done)s of %(planned)s visitors each")
    elif test.kind == MetricKind.PER_POST:
        words = _("%(done)s of %(planned)s posts each")
    else:
        words = _("%(done)s of %(planned)s impressions each")
    shown = {"done": done, "planned": planned}
    return words % {
        name: formats.number_format(value, 0, force_grouping=True) for name, value in shown.items()
    }


# -- in a few words: the list -----------------------------------------------------------


def briefly(test: ABTest, reason: str = "") -> str:
    """`reason` is that of the last look; the winner should be loaded."""
    if test.state == ABTestState.DECIDED:
        if test.outcome == Outcome.WINNER and test.winner is not None:
            return _("%(name)s won") % {"name": test.winner.name}
        return _OUTCOME_WORDS[Outcome(test.outcome)]()
    if test.state == ABTestState.RUNNING:
        return _("not decided yet") if reason else _("waiting for the first look")
    if test.state == ABTestState.DRAFT:
        return _("changes are asked for") if test.review_comment else _("not handed in")
    waits = {
        ABTestState.IN_REVIEW: _("waits for somebody else's eyes"),
        ABTestState.APPROVED: _("may be started"),
    }
    return waits[ABTestState(test.state)]


_OUTCOME_WORDS = {
    Outcome.WINNER: lambda: _("there is a winner"),
    Outcome.NO_MEANINGFUL_DIFFERENCE: lambda: _("no difference that matters"),
    Outcome.INCONCLUSIVE: lambda: _("no winner"),
    Outcome.INVALID: lambda: _("cannot be used"),
    Outcome.STOPPED: lambda: _("stopped, no winner"),
}


# -- the sentence on top of the page --------------------------------------------------------


def headline(
    test: ABTest,
    effects: Sequence[Effect],
    done: tuple[int, int] | None = None,
    detectable: float | None = None,
) -> str:
    """The verdict. `effects` are of every pair; `detectable` is what the data could have seen."""
    if test.state == ABTestState.DECIDED:
        return _decided(test, effects, detectable)
    if test.state == ABTestState.RUNNING:
        if done is None:
            return _("Running. The first look comes within the hour.")
        return _("Not decided yet: %(progress)s.") % {"progress": progress_words(test, *done)}
    if test.state == ABTestState.IN_REVIEW:
        return _("Waits for approval. Plan and variants are approved as one.")
    if test.state == ABTestState.APPROVED:
        return _("Approved. It begins when somebody starts it.")
    if test.review_comment:
        return _("Sent back with a comment.")
    return _("A draft. Nothing is planned or published yet.")


def _decided(test: ABTest, effects: Sequence[Effect], detectable: float | None) -> str:
    if test.outcome == Outcome.WINNER and test.winner is not None:
        return _won(test, test.winner.name, effects)
    if test.outcome == Outcome.NO_MEANINGFUL_DIFFERENCE:
        return _("No difference that matters: all variants are within ±%(effect)s.") % {
            "effect": percent(test.smallest_effect)
        }
    if test.outcome == Outcome.INCONCLUSIVE:
        return _inconclusive(effects, detectable)
    if test.outcome == Outcome.INVALID:
        return _("This test cannot be used. %(why)s") % {"why": wording.reason(test.reason)}
    return _("Stopped before a decision. No variant may be called better.")


def _won(test: ABTest, winner: str, effects: Sequence[Effect]) -> str:
    """Against the control; the control against whoever came next."""
    mine = [_seen_from(winner, one) for one in effects if winner in (one.name, one.against)]
    known = [one for one in mine if one.effect is not None]
    if not known:
        return _("%(name)s gets more %(what)s than every other variant.") % {
            "name": winner,
            "what": measure(test),
        }
    shown = min(known, key=lambda one: one.effect or 0.0)
    words = {
        "name": shown.name,
        "other": shown.against,
        "what": measure(test),
        "effect": percent(shown.effect or 0.0),
        "low": percents(shown.low),
        "high": percents(shown.high),
    }
    if shown.low is None or shown.high is None:
        return _("%(name)s gets %(effect)s more %(what)s than %(other)s.") % words
    return (
        _("%(name)s gets %(effect)s more %(what)s than %(other)s (between %(low)s and %(high)s).")
        % words
    )


def _seen_from(name: str, effect: Effect) -> Effect:
    return effect if effect.name == name else effect.turned()


def _inconclusive(effects: Sequence[Effect], detectable: float | None) -> str:
    if detectable is None:
        return _("No winner: the data does not tell the variants apart. Keep the control.")
    return _("No winner: the data could have seen %(effect)s or more. Keep the control.") % {
        "effect": percent(detectable, sign=True)
    }


def claim(test: ABTest) -> tuple[str, str]:
    """(heading, sentence): what may be said because of it, and before a winner what might be."""
    if test.state != ABTestState.DECIDED:
        return _("What a winner will show:"), wording.claim_of(test.design, test.kind)
    heading = _("What may be claimed:")
    if test.outcome == Outcome.WINNER:
        return heading, wording.claim_of(test.design, test.kind)
    said = {
        Outcome.NO_MEANINGFUL_DIFFERENCE: _(
            "The variants are alike as far as you care; either may be used."
        ),
        Outcome.INCONCLUSIVE: _("Neither that one is better, nor that they are alike."),
    }
    return heading, said.get(Outcome(test.outcome), _("Nothing."))


# -- what stands below it ------------------------------------------------------------------


def notes(test: ABTest, reason: str, conditional_power: float | None = None) -> list[str]:
    """Why, and how far to trust it. `reason` is that of the last look."""
    found = []
    if test.state == ABTestState.DECIDED:
        if test.outcome != Outcome.INVALID:
            found.append(wording.reason(test.reason))
        if test.outcome == Outcome.WINNER and test.reason == "sequential":
            found.append(
                _(
                    "It stopped early, where effects look larger than they are: plan with the "
                    "lower end of the interval."
                )
            )
    elif test.state == ABTestState.RUNNING:
        found.append(wording.reason(reason))
        if conditional_power is not None and conditional_power < 0.1:
            found.append(
                _(
                    "If it goes on like this, the chance of a winner at the planned end is "
                    "%(chance)s. You may stop it; that costs nothing."
                )
                % {"chance": percent(conditional_power)}
            )
    return [one for one in found if one]
