"""Planted effects: posts with these words in them do better, or worse, than they would."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

MOST = 100.0


@dataclass(frozen=True, slots=True)
class Effect:
    """Factors on what becomes of a post: on its impressions, and on the share who act."""

    impressions: float = 1.0
    likes: float = 1.0
    shares: float = 1.0
    comments: float = 1.0
    clicks: float = 1.0

    def times(self, other: Effect) -> Effect:
        both = {name: getattr(self, name) * getattr(other, name) for name in FACTORS}
        return replace(self, **both)


FACTORS = tuple(field.name for field in fields(Effect))
NONE = Effect()
# The words → their effect.
Planted = dict[str, Effect]


def parse(given: Any) -> Planted:
    """`[{"contains": "…", "likes": 1.5, …}, …]`. Raises ValueError."""
    if not isinstance(given, list):
        raise ValueError("a list of effects, each an object")
    return dict(_parsed(one) for one in given)


def _parsed(one: Any) -> tuple[str, Effect]:
    if not isinstance(one, dict) or not set(one) <= {"contains", *FACTORS}:
        raise ValueError(f"an effect has contains and any of {', '.join(FACTORS)}")
    words = one.get("contains")
    if not isinstance(words, str) or not words.strip():
        raise ValueError("contains is a part of the text")
    factors = {name: one[name] for name in FACTORS if name in one}
    for value in factors.values():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not 0 <= value <= MOST:
            raise ValueError(f"a factor is a number from 0 to {MOST:g}")
    return words, Effect(**{name: float(value) for name, value in factors.items()})


def listed(planted: Planted) -> list[dict[str, Any]]:
    """As `parse` takes them."""
    return [
        {"contains": words, **{name: getattr(effect, name) for name in FACTORS}}
        for words, effect in planted.items()
    ]


def on(text: str, effects: Iterable[tuple[str, Effect]]) -> Effect:
    """All effects whose words are in the text, together."""
    found = NONE
    for words, effect in effects:
        if words in text:
            found = found.times(effect)
    return found
