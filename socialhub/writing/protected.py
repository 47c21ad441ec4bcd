"""What no rewording may touch: addresses, mentions, hashtags, numbers, prices and emoji."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

# A word with one of these inside or in front, or with a dot between letters, is not prose.
_ADDRESS = re.compile(r"://|@|\w\.\w|#\w")
_NUMBER = re.compile(r"\d")
# Digits with what stands between them: "1.234,50", "12:30", "3/4".
DIGITS = re.compile(r"\d+(?:[.,:/'’]\d+)*")
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


def is_address(word: str) -> bool:
    """A URL, a mention, a mail address, a host or a hashtag: never cut."""
    # "1.200" has a dot between word characters as well.
    return bool(_ADDRESS.search(DIGITS.sub("0", word)))


# -- words that belong together -----------------------------------------------------

_GAP = "[ \u00a0\u202f]"
_UNITS = (
    r"[€$£¥%‰]|°[CF]?|º|ª|km/h|km|cm|mm|m[²³]?|kg|mg|g|ml|l|h|min|s|kwh|kw|w|gb|mb|tb|px"
    r"|eur|usd|gbp|mxn|euros?|dólares|dollars|pesos|mil|mill(?:ón|ones|ion)|billion"
    r"|[ap]m|[ap]\.\s?m\."
)
_MONTHS_ES = (
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
_MONTHS_EN = "january|february|march|april|may|june|july|august|september|october|november|december"
# So many groups at most: each is looked at from every place before it.
_NUMBER_WORD = rf"(?<![\w.,])\d+(?:[.,:/'’]\d+){{0,6}}(?:{_GAP}\d{{3}}(?!\d)){{0,3}}"
_ORDINAL = r"(?:st|nd|rd|th|\.?º)?"
_TOGETHER = re.compile(
    "|".join(
        [
            rf"\d{{1,2}}{_ORDINAL}{_GAP}de{_GAP}(?:{_MONTHS_ES})(?:{_GAP}del?{_GAP}\d{{4}})?",
            rf"(?:{_MONTHS_EN}){_GAP}\d{{1,2}}{_ORDINAL}(?:,?{_GAP}\d{{4}})?\b",
            rf"\d{{1,2}}{_ORDINAL}{_GAP}(?:{_MONTHS_EN})(?:,?{_GAP}\d{{4}})?\b",
            rf"\+\d{{1,3}}(?:{_GAP}\d{{2,4}}){{1,5}}",
            rf"\d{{2,3}}(?:{_GAP}\d{{2,3}}){{2,4}}",
            rf"(?:[€$£¥]|\b(?:eur|usd|gbp|mxn)){_GAP}{_NUMBER_WORD}",
            rf"(?:\bn\.?[º°]|\bnúm\.|\bno\.|\bpágs?\.|\bart\.){_GAP}\d+",
            rf"{_NUMBER_WORD}{_GAP}(?:{_UNITS})(?!\w)",
            rf"{_NUMBER_WORD}",
        ]
    ),
    re.IGNORECASE,
)


def together(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers stand with their unit, prices with their currency, dates with their month."""
    for found in _TOGETHER.finditer(text):
        yield found.span()


def has_facts(text: str) -> bool:
    """Does it hold an address, a mention, a hashtag, a number or a price?"""
    return bool(_ADDRESS.search(text) or _NUMBER.search(text))
