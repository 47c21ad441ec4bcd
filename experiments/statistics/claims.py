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
    "causes_rate": "The audience was split at random: a winner causes the higher rate.",
    "causes_count": "The audience was split at random: a winner causes more reactions.",
    "causes_value": "The audience was split at random: a winner causes the higher values.",
    "account_rate": "Slots were matched: a winner causes the higher rate on this account.",
    "account_count": "Slots were matched: a winner causes more reactions on this account.",
    "account_value": "Slots were matched: a winner causes higher values on this account.",
    "goes_with_rate": "A winner goes with the higher rate; the luck of single posts may be why.",
    "goes_with_count": "A winner goes with more reactions; the luck of single posts may be why.",
    "goes_with_value": "A winner goes with higher values; the luck of single posts may be why.",
    "post_rate": "One post each: this post did better; its text need not be better.",
    "post_count": "One post each: this post got more reactions; its text need not be better.",
    "post_value": "Posts were not matched: these did better; their text need not be better.",
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
