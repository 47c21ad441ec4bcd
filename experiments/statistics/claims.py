"""What may be said of a result. It follows from the design, never from how small p is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from experiments.statistics.counts import Kind
from experiments.statistics.plans import Design

Code = Literal[
    "causes_rate",
    "causes_count",
    "causes_value",
    "account_rate",
    "account_count",
    "account_value",
    "goes_with_rate",
    "goes_with_count",
    "goes_with_value",
    "post_rate",
    "post_count",
    "post_value",
]

# Divided by design first, by what was counted second.
SENTENCES: dict[Code, str] = {
    "causes_rate": "One audience was split at random: this variant causes a higher rate.",
    "causes_count": "One audience was split at random: this variant causes more reactions.",
    "causes_value": "One audience was split at random: this variant causes higher values.",
    "account_rate": "In matched slots of this account, this variant causes a higher rate.",
    "account_count": "In matched slots of this account, this variant causes more reactions.",
    "account_value": "In matched slots of this account, this variant causes higher values.",
    "goes_with_rate": "This variant goes with a higher rate; luck of single posts may be why.",
    "goes_with_count": "This variant goes with more reactions; luck of single posts may be why.",
    "goes_with_value": "This variant goes with higher values; luck of single posts may be why.",
    "post_rate": "This post had a higher rate. That does not show that its text is better.",
    "post_count": "This post got more reactions. That does not show that its text is better.",
    "post_value": "This post had a higher value. That does not show that its text is better.",
}

_REACH = {
    "split": "causes",
    "paired_slots": "account",
    "cmh": "goes_with",
    "single_post": "post",
}
_MEASURE = {"proportion": "rate", "rate": "rate", "count": "count", "per_post": "value"}


@dataclass(frozen=True, slots=True)
class Claim:
    """The most that a winner of such a test may be said to have shown."""

    code: Code
    sentence: str
    causal: bool


def claim(design: Design, kind: Kind) -> Claim:
    """Without impressions ("count") nobody may speak of a rate."""
    reach, measure = _REACH[design], _MEASURE[kind]
    # Only the two sides of the table above are joined, so the key is there.
    code: Code = f"{reach}_{measure}"  # type: ignore[assignment]
    return Claim(code, SENTENCES[code], causal=reach in ("causes", "account"))
