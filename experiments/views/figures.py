"""Every figure of `calculate`, as the calculator and the page of a test show it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from experiments import wording
from experiments.verdicts import Effect, percent, percents
from experiments.views import evidence, looks

Found = Mapping[str, Any]
# In percent.
LEAST_SHOWN = 0.0001


def shown(found: Found, kind: str) -> dict[str, Any]:
    """Sentence, plot and tables."""
    effects = [_effect(pair) for pair in found["pairs"]]
    names = [one["name"] for one in found["variants"]]
    return {
        "sentence": sentence(found, effects),
        "claim": wording.claim(found["claim_code"]),
        "plot": evidence.plot(names[0], effects),
        "variants": [_variant(one, kind) for one in found["variants"]],
        "pairs": [_pair(pair, kind) for pair in found["pairs"]],
        "omnibus": _omnibus(found["omnibus"]),
        "srm": _mismatch(found["srm"]),
        "phi": looks.number(found["phi"], 2) if found["phi"] is not None else "",
        "paired": [_paired(one) for one in (found["paired"] or {}).get("pairs", [])],
        "cmh": [_stratified(one) for one in (found["cmh"] or {}).get("pairs", []) if "p" in one],
        "is_counted": kind != "per_post",
        "is_rate": kind in ("proportion", "rate"),
        "has_beliefs": any(one["p_best"] is not None for one in found["variants"]),
    }


def _effect(pair: Found) -> Effect:
    low, high = pair["lift_ci"] or (None, None)
    ends = [None if v is None or not math.isfinite(v) else v for v in (pair["lift"], low, high)]
    return Effect(pair["b"], pair["a"], *ends)


def sentence(found: Found, effects: list[Effect]) -> str:
    """The verdict on counts that are looked at once."""
    status, winner = found["status"], found["winner"]
    if status == "winner":
        return _winner(str(winner), effects)
    words = {
        "insufficient_data": _(
            "Too little to say anything: each variant needs 100 impressions and 25 reactions "
            "(or four posts)."
        ),
        "invalid": _("The audience was not split as intended, so nothing may be compared."),
        "inconclusive": _("No winner: the counts do not tell the variants apart."),
        "no_meaningful_difference": _("No difference that matters."),
        "running": _("Not decided yet."),
        "stopped": _("Stopped before a decision."),
    }
    return words.get(str(status), str(status))


def _winner(winner: str, effects: list[Effect]) -> str:
    mine = [
        one if one.name == winner else one.turned()
        for one in effects
        if winner in (one.name, one.against)
    ]
    known = [one for one in mine if one.effect is not None]
    if not known:
        return _("%(name)s is ahead of every other variant.") % {"name": winner}
    least = min(known, key=lambda one: one.effect or 0.0)
    words = {
        "name": winner,
        "other": least.against,
        "effect": percent(least.effect or 0.0),
        "low": percents(least.low),
        "high": percents(least.high),
    }
    if least.low is None or least.high is None:
        return _("%(name)s wins: %(effect)s more than %(other)s.") % words
    return (
        _("%(name)s wins: %(effect)s more than %(other)s (between %(low)s and %(high)s).") % words
    )


def _variant(one: Found, kind: str) -> dict[str, Any]:
    scale = rate if kind == "proportion" else value
    low, high = one["wilson"] or (None, None)
    return {
        "name": one["name"],
        "engagements": looks.number(one["engagements"]) if kind != "per_post" else "",
        "impressions": looks.number(one["impressions"]) if kind != "per_post" else "",
        "rate": scale(one["rate"]),
        "interval": f"{scale(low)} … {scale(high)}" if low is not None else "–",
        "p_best": percent(one["p_best"]) if one["p_best"] is not None else "–",
        "loss": scale(one["expected_loss"]),
    }


def _pair(pair: Found, kind: str) -> dict[str, Any]:
    scale = points if kind == "proportion" else value
    low, high = pair["ci"] or (None, None)
    effect = _effect(pair)
    return {
        "a": pair["a"],
        "b": pair["b"],
        "diff": scale(pair["diff"]),
        "ci": f"{scale(low)} … {scale(high)}" if low is not None else "–",
        "lift": percents(effect.effect),
        "lift_ci": f"{percents(effect.low)} … {percents(effect.high)}"
        if effect.low is not None
        else "–",
        "p_raw": evidence.p_of(pair["p_raw"]),
        "p_holm": evidence.p_of(pair["p_holm"]),
        "p_sequential": evidence.p_of(pair["p_sequential"]),
    }


def _omnibus(found: Found) -> dict[str, str]:
    return {
        "method": str(found["method"]).replace("_", " "),
        "statistic": looks.number(found["statistic"], 3),
        "dof": looks.number(found["dof"]),
        "p": evidence.p_of(found["p"]),
    }


def _mismatch(found: Found | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "p": evidence.p_of(found["p"]),
        "p_sequential": evidence.p_of(found["p_sequential"]),
        "is_bad": found["p"] < 0.001,
        "enforced": found["enforced"],
    }


def _paired(one: Found) -> dict[str, str]:
    return {
        "a": one["a"],
        "b": one["b"],
        "slots": looks.number(one["slots"]),
        "t": looks.number(one["t"], 3),
        "p": evidence.p_of(one["p"]),
        "p_wilcoxon": evidence.p_of(one["p_wilcoxon"]),
    }


def _stratified(one: Found) -> dict[str, str]:
    return {"a": one["a"], "b": one["b"], "p": evidence.p_of(one["p"])}


def rate(value: float | None) -> str:
    """A share in percent, with the decimals that matter."""
    if value is None or not math.isfinite(value):
        return "–"
    shown = 100 * value
    if 0 < abs(shown) < LEAST_SHOWN:
        return _("below %(least)s") % {"least": f"{looks.number(LEAST_SHOWN)}\u00a0%"}
    return f"{looks.number(shown, _decimals(shown, 0.1))}\u00a0%"


def points(value: float | None) -> str:
    """A difference of shares."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{looks.number(100 * value, 2)} {_('points')}"


def value(number: float | None) -> str:
    """A number with about three digits."""
    if number is None or not math.isfinite(number):
        return "–"
    return looks.number(number, _decimals(number, 1))


def _decimals(number: float, large: float) -> int:
    """Two for a `large` number, for smaller ones as many as show two or three digits."""
    if not number or abs(number) >= large:
        return 2
    return min(8, 2 - math.floor(math.log10(abs(number))) - (large < 1))
