"""How alike two texts are."""

from __future__ import annotations

GRAM = 5


def grams(text: str) -> frozenset[str]:
    """Runs of five characters, whatever the case and the white space.

    A text shorter than that is one run.
    """
    plain = " ".join(text.casefold().split())
    if len(plain) <= GRAM:
        return frozenset([plain] if plain else [])
    return frozenset(plain[n : n + GRAM] for n in range(len(plain) - GRAM + 1))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the runs that both have, 0 to 1."""
    together = len(one | other)
    return len(one & other) / together if together else 1.0
