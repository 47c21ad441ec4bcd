"""Shortening without AI: what matters least is left out, in this order.

1. A lead-in of ours ("In case you missed it:").
2. Exclamations ("Hello everybody!").
3. Sentences that point back at another one ("It also …"), the last one first.
4. Hashtags at the end, the last one first.
5. Other statements, the last one first.
6. Calls and questions ("Write to us."), the last one first.
7. The end of the longest sentence that is left: a clause, or a few words; there stands "…".

The first sentence stays, and so does whatever holds an address, a mention, a number or a price.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from socialhub.writing import phrases, protected, sentences
from socialhub.writing.breaks import Level, find
from socialhub.writing.writer import Fits, MadeBy, Variation, WhyNot

CUT = "…"
_LINE = re.compile(r"([^\n]+)(\n*)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence or hashtag and the space after it. `rank`: the lowest is left out first."""

    text: str
    space: str
    rank: int | None


def shorten(text: str, *, language: str, fits: Fits) -> Variation:
    """The text without what matters least, as little as it takes."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        return _none(WhyNot.EMPTY)
    if fits(text):
        return _none(WhyNot.FITS)
    pieces = _pieces(text, language.casefold()[:2])
    order = sorted(
        (n for n, piece in enumerate(pieces) if piece.rank is not None),
        key=lambda n: (pieces[n].rank, -n),
    )
    dropped = _fewest(pieces, order, fits)
    if dropped is not None:
        return Variation(_joined(_without(pieces, order[:dropped])), MadeBy.DETERMINISTIC)
    rest = _cut(_without(pieces, order), fits)
    return Variation(rest, MadeBy.DETERMINISTIC) if rest else _none(WhyNot.NO_ROOM)


def _none(why: WhyNot) -> Variation:
    return Variation(None, MadeBy.DETERMINISTIC, why)


def _fewest(pieces: Sequence[Piece], order: Sequence[int], fits: Fits) -> int | None:
    """How many of `order` must go; None when all of them are not enough."""
    low, high = 1, len(order)
    if not order or not fits(_joined(_without(pieces, order))):
        return None
    while low < high:
        middle = (low + high) // 2
        if fits(_joined(_without(pieces, order[:middle]))):
            high = middle
        else:
            low = middle + 1
    return low


# -- taking apart --------------------------------------------------------------------


def _pieces(text: str, language: str) -> list[Piece]:
    lead_in, body = _lead_in(text, language)
    end = _tags_start(body)
    found = [lead_in] if lead_in else []
    is_first = True
    for sentence, space in _sentences(body[:end]):
        rank = _rank(sentence, language, is_first)
        # A greeting opens nothing: what follows it is the first sentence.
        is_first = is_first and rank is not None
        found.append(Piece(sentence, space, rank))
    found += [Piece(tag, space, 4) for tag, space in re.findall(r"(\S+)(\s*)", body[end:])]
    return found


def _lead_in(text: str, language: str) -> tuple[Piece | None, str]:
    for lead_in in phrases.LEAD_INS.get(language, ()):
        rest = text.removeprefix(lead_in)
        if rest != text and rest.strip():
            body = rest.lstrip()
            return Piece(lead_in, rest[: len(rest) - len(body)], 1), body
    return None, text


def _tags_start(text: str) -> int:
    """Where the hashtags at the end begin; a text of nothing else has none at its end."""
    start = len(text)
    for word in reversed(list(re.finditer(r"\S+", text))):
        if not protected.is_hashtag(word[0]):
            return start
        start = word.start()
    return len(text)


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    for line in _LINE.finditer(text):
        parts = sentences.split_line(line[1])
        yield from zip(parts.sentences, (*parts.spaces[:-1], line[2]), strict=True)


def _rank(sentence: str, language: str, is_first: bool) -> int | None:
    """None for what must stay."""
    if protected.has_facts(sentence):
        return None
    bare = sentence.strip().rstrip("\"'»”)")
    is_short = len(bare.split()) <= 6
    if bare.endswith("!") and (is_short or not is_first):
        return 2
    if is_first:
        return None
    words = sentences.words(sentence)[:2]
    if phrases.POINTING.get(language, frozenset()).intersection(words):
        return 3
    if language in phrases.CALLS and sentences.is_call(sentence, language):
        return 6
    return 5


# -- putting together ----------------------------------------------------------------


def _without(pieces: Sequence[Piece], dropped: Sequence[int]) -> list[Piece]:
    gone = set(dropped)
    kept: list[Piece] = []
    for n, piece in enumerate(pieces):
        if n not in gone:
            kept.append(piece)
        elif kept and piece.space.count("\n") > kept[-1].space.count("\n"):
            # The paragraph ends where it ended.
            kept[-1] = Piece(kept[-1].text, piece.space, kept[-1].rank)
    return kept


def _joined(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text + piece.space for piece in pieces).strip()


# -- cutting ---------------------------------------------------------------------------


def _cut(pieces: list[Piece], fits: Fits) -> str | None:
    """The longest sentence that may lose its end loses as little of it as it takes.

    Clauses come before words.
    """
    for n in sorted(range(len(pieces)), key=lambda n: -len(pieces[n].text)):
        for level in (Level.CLAUSE, Level.WORD):
            short = _longest(pieces, n, _beginnings(pieces[n].text, level), fits)
            if short is not None:
                return short
    return None


def _longest(pieces: list[Piece], n: int, ends: Sequence[int], fits: Fits) -> str | None:
    """The text with as much of sentence `n` as fits."""

    def cut(end: int) -> str:
        beginning = pieces[n].text[:end].rstrip(" ,;:–—([«“") + CUT
        return _joined([*pieces[:n], Piece(beginning, pieces[n].space, None), *pieces[n + 1 :]])

    # The first of these that does not fit.
    over = bisect_left(ends, True, key=lambda end: not fits(cut(end)))
    return cut(ends[over - 1]) if over else None


def _beginnings(sentence: str, level: Level) -> list[int]:
    """Where it may end: a quarter of it stays, and nothing that counts is cut off."""
    least = max([len(sentence) // 4, *_facts(sentence)])
    places = find(sentence)
    return [
        end
        for end, its_level in zip(places.ends[:-1], places.levels[:-1], strict=True)
        if its_level >= level and end >= least
    ]


def _facts(sentence: str) -> Iterator[int]:
    """Where each word that must stay ends."""
    for word in re.finditer(r"\S+", sentence):
        if protected.has_facts(word[0]):
            yield word.end()
    for _, end in protected.together(sentence):
        yield end
