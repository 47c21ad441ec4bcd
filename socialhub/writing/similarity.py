"""How alike two texts are, as recycling sees it."""

from __future__ import annotations

import re
import unicodedata

GRAM = 5

_LINK = re.compile(r"https?://\S+")
_GAP = re.compile(r"[\W_]+")


def grams(text: str) -> frozenset[str]:
    """Runs of five characters; case, links, punctuation and spacing do not count.

    A text shorter than that is one run.
    """
    plain = unicodedata.normalize("NFKC", _LINK.sub(" ", text)).casefold()
    words = _GAP.sub(" ", plain).strip() or plain.strip()
    if len(words) <= GRAM:
        return frozenset([words] if words else [])
    return frozenset(words[n : n + GRAM] for n in range(len(words) - GRAM + 1))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the runs that both have, 0 to 1."""
    together = len(one | other)
    return len(one & other) / together if together else 1.0
