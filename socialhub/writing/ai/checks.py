"""What an answer must keep to, whatever the model says. Each fault is a sentence for the model."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from socialhub.writing import protected
from socialhub.writing.similarity import grams, jaccard
from socialhub.writing.writer import MAX_PARTS, Explain, Fits

MOST_ROOM = 10_000
ALIKE = 0.8

_LINK = re.compile(r"https?://[^\s<>\"»”]+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w/])@[\w.@-]*\w")
_CURRENCY = r"(?:€|\$|£|EUR|USD|GBP|euros?|dólares|dollars|pounds)"
_PRICE = re.compile(rf"{_CURRENCY}\s?(\d[\d.,]*)|(\d[\d.,]*)\s?{_CURRENCY}", re.IGNORECASE)
_NUMBER = re.compile(r"\d[\d.,]*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that are common in one of the languages and rare in the other.
_COMMON = {
    "es": _words("el los las de del que y en una por para con se lo como más su es son"),
    "en": _words("the of and to is you that it for on with are this your be at from by"),
}


@dataclass(frozen=True, slots=True)
class House:
    """The organisation's own rules: how it sounds and what it never says."""

    voice: str = ""
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What fits, and by how much a text does not."""

    fits: Fits
    fits_last: Fits
    explain: Explain

    def fault(self, text: str, *, last: bool = False) -> str:
        """Why a text does not fit, "" when it does."""
        if not self.fits(text):
            why = self.explain(text)
            return f"too long: {why}" if why else self._over(text, room(self.fits))
        if last and not self.fits_last(text):
            return self._over(text, room(self.fits_last)) + ", as a closing follows it"
        return ""

    def _over(self, text: str, most: int) -> str:
        over = max(len(text) - most, 1)
        return f"too long by about {over} characters: at most {most} characters fit"


def room(fits: Fits) -> int:
    """How many plain characters fit."""
    low, high = 0, MOST_ROOM
    while low < high:
        middle = (low + high + 1) // 2
        if fits("x" * middle):
            low = middle
        else:
            high = middle - 1
    return low


def tidy(text: str) -> str:
    """Without the blanks around it, composed as the networks count."""
    return unicodedata.normalize("NFC", text).strip()


def without_number(text: str, position: int, total: int) -> str:
    """Models like to number the parts; the numbers of a series are ours."""
    mark = rf"\(?{position}\s?/\s?{total}\)?"
    text = re.sub(rf"^{mark}[.:)]?\s+", "", text)
    return re.sub(rf"\s+{mark}$", "", text)


# -- faults ------------------------------------------------------------------------


def of_series(
    parts: Sequence[str],
    *,
    wanted: int | None,
    limits: Limits,
    house: House,
    language: str,
    known: str,
) -> list[str]:
    """Everything that is wrong with a series; `known` is all text it may quote from."""
    faults = []
    if wanted is not None and len(parts) != wanted:
        faults.append(f"there are {len(parts)} parts, it must be exactly {wanted}")
    if not parts or len(parts) > MAX_PARTS:
        faults.append(f"there are {len(parts)} parts, it must be 1 to {MAX_PARTS}")
    for position, part in enumerate(parts, 1):
        last = position == len(parts)
        found = [] if part else ["empty"]
        if too_long := limits.fault(part, last=last):
            found.append(too_long)
        found += of_words(part, house=house, known=known)
        faults += [f"part {position} is {fault}" for fault in found]
    if len(set(parts)) < len(parts):
        faults.append("two parts are the same")
    return faults + of_language(" ".join(parts), language)


def of_words(text: str, *, house: House, known: str) -> list[str]:
    """Forbidden words, and addresses or prices that nobody gave."""
    faults = [f'using "{word}", which is forbidden' for word in forbidden_in(text, house)]
    given = set(links(known))
    faults += [f"naming the address {link}, which is not in the material"
               for link in links(text) if link not in given]  # fmt: skip
    numbers = {_digits(each) for each in _NUMBER.findall(known)}
    for found in _PRICE.finditer(text):
        if _digits(found[1] or found[2]) not in numbers:
            faults.append(f"naming the price {found[0]}, which is not in the material")
    return faults


def of_language(text: str, language: str) -> list[str]:
    """Only Spanish and English are told apart, and only where it is plain."""
    language = language.casefold()[:2]
    if language not in _COMMON:
        return []
    words = re.findall(r"[^\W\d_]+", text.casefold())
    own = sum(word in _COMMON[language] for word in words)
    other = sum(word in _COMMON["en" if language == "es" else "es"] for word in words)
    return [f"it must be written in {LANGUAGES[language]}"] if other > 2 * own + 2 else []


LANGUAGES = {"es": "Spanish", "en": "English"}


def of_keeping(old: str, new: str, *, exactly: bool) -> list[str]:
    """Addresses and mentions that got lost; with `exactly` also numbers, hashtags and emoji."""
    if exactly:
        before, after = protected.kept(old), protected.kept(new)
        lost, added = list((before - after).keys()), list((after - before).keys())
    else:
        kept = [*links(new), *_MENTION.findall(new)]
        lost = [each for each in (*links(old), *_MENTION.findall(old)) if each not in kept]
        added = []
    return [
        *[f"without {each}, which must stay as it was" for each in lost],
        *[f"with {each}, which was not there" for each in added],
    ]


def of_likeness(text: str, others: Sequence[str]) -> list[str]:
    own = grams(text)
    close = any(jaccard(own, grams(other)) >= ALIKE for other in others)
    return ["too much like the post or an earlier wording"] if close else []


def forbidden_in(text: str, house: House) -> list[str]:
    """The organisation's forbidden words that stand in the text as whole words."""
    folded = text.casefold()
    return [
        word
        for word in house.forbidden
        if re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", folded)
    ]


def links(text: str) -> list[str]:
    return [link.rstrip(".,;:!?…)]}'’") for link in _LINK.findall(text)]


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
