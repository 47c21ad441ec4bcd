"""What no rewording may touch: addresses, mentions, hashtags, numbers, prices and emoji."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

# A word with one of these inside or in front, or with a dot between letters, is not prose.
_ADDRESS = re.compile(r"\S*(?:://|@)\S*|\S*\w\.\w\S*|#\w+")
_NUMBER = re.compile(r"\S*\d\S*")
# Punctuation that ends a sentence or encloses, so it may move with the words around it.
_AROUND = ".,;:!?…()[]{}\"'«»“”‘’¡¿"


def kept(text: str) -> Counter[str]:
    """Everything in `text` that must be in each of its wordings, as often."""
    found: Counter[str] = Counter()
    for word in text.split():
        bare = word.strip(_AROUND)
        if bare and (_ADDRESS.search(word) or _NUMBER.search(word)):
            found[bare] += 1
    found.update(sign for sign in text if is_sign(sign))
    return found


def is_sign(character: str) -> bool:
    """Emoji and the currency signs; not letters, punctuation or space."""
    return unicodedata.category(character) in ("So", "Sk", "Sc", "Cs")


def is_hashtag(word: str) -> bool:
    return len(word) > 1 and word.startswith("#") and word[1:].replace("_", "").isalnum()


def has_address(text: str) -> bool:
    return any("://" in word or "@" in word for word in text.split())
