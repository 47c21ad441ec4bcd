"""How alike two texts are: Jaccard over their runs of five characters (Broder 1997)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

RUN = 5
# From here on a text is "the same again" to somebody who sees both.
TOO_ALIKE = 0.8

_LINK = re.compile(r"https?://\S+")
_GAP = re.compile(r"[\W_]+")

Runs = frozenset[str]


def runs(text: str) -> Runs:
    """The text's runs of five characters; case, links, punctuation and spacing do not count."""
    plain = unicodedata.normalize("NFKC", _LINK.sub(" ", text)).casefold()
    # Emoji only: compared as it stands.
    words = _GAP.sub(" ", plain).strip() or plain.strip()
    if len(words) <= RUN:
        return frozenset({words} if words else ())
    return frozenset(words[at : at + RUN] for at in range(len(words) - RUN + 1))


def similarity(one: Runs, other: Runs) -> float:
    """Shared runs ÷ all runs, 0 to 1; 0 where one has no text."""
    if not one or not other:
        return 0.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def most_alike(one: Runs, others: Iterable[Runs]) -> float:
    """The largest similarity to any of the others; 0 without others."""
    return max((similarity(one, other) for other in others), default=0.0)
