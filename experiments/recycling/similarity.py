"""How alike two texts are: Jaccard over their runs of five characters (Broder 1997)."""

from __future__ import annotations

from collections.abc import Iterable

from socialhub.writing.similarity import grams as runs
from socialhub.writing.similarity import jaccard

__all__ = ["TOO_ALIKE", "Runs", "most_alike", "runs", "similarity"]

# From here on a text is "the same again" to somebody who sees both.
TOO_ALIKE = 0.8

Runs = frozenset[str]


def similarity(one: Runs, other: Runs) -> float:
    """Shared runs ÷ all runs, 0 to 1; 0 where one has no text: pictures are not compared."""
    return jaccard(one, other) if one and other else 0.0


def most_alike(one: Runs, others: Iterable[Runs]) -> float:
    """The largest similarity to any of the others; 0 without others."""
    return max((similarity(one, other) for other in others), default=0.0)
