"""Where a text may be cut, and how well each place suits. Time grows with the text, not faster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain, pairwise

import regex

from socialhub.writing import protected, sentences


class Level(IntEnum):
    """What a place stands between; the higher, the better a part ends there."""

    WITHIN = 0
    WORD = 1
    CLAUSE = 2
    SENTENCE = 3
    LINE = 4
    PARAGRAPH = 5


# A word is everything up to a space; a space that carries an accent belongs to the word.
_WORD = regex.compile(r"(?:\S|\s(?=[\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}]))+")
_GRAPHEME = regex.compile(r"\X")
# A shorter word is never cut.
LONG_WORD = 12
_CLAUSE_ENDS = (",", ";", ":", ")", "]", "»", "”", "–", "—")
_CLAUSE_STARTS = ("(", "[", "–", "—", "«", "“")
# Scripts without spaces end sentences and clauses with these.
_WIDE_SENTENCE = frozenset("。！？")
_WIDE_CLAUSE = frozenset("、，；：")
_CLOSING = frozenset("」』）”’。！？")


@dataclass(frozen=True, slots=True)
class Breaks:
    """Places in order: a part may end at `ends[i]`, the next one then begins at `starts[i]`.

    The last place is the end of the text.
    """

    ends: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)

    def add(self, end: int, start: int, level: Level) -> None:
        self.ends.append(end)
        self.starts.append(start)
        self.levels.append(level)


def find(text: str) -> Breaks:
    """Every place of a text that begins and ends with a word."""
    words = (word.span() for word in _WORD.finditer(text))
    found = Breaks()
    openings = frozenset(_sentence_starts(text))
    joined = _Inside(protected.together(text))
    owed = Level.WORD
    for (start, end), (following, next_end) in pairwise(chain(words, [(len(text), len(text))])):
        _within(found, text, start, end)
        if following == len(text):
            break
        if joined(end):
            continue
        level = max(_between(text, start, end, following, next_end, openings), owed)
        owed = Level.WORD
        if level == Level.SENTENCE and all(map(protected.is_sign, text[following:next_end])):
            # An emoji after a sentence belongs to it.
            level, owed = Level.WORD, Level.SENTENCE
        found.add(end, following, level)
    found.add(len(text), len(text), Level.PARAGRAPH)
    return found


def _sentence_starts(text: str) -> Iterator[int]:
    at = 0
    for line in text.split("\n"):
        for _, start in sentences.ends(line):
            yield at + start
        at += len(line) + 1


class _Inside:
    """Tells for places asked in order whether they lie inside one of the spans."""

    def __init__(self, spans: Iterator[tuple[int, int]]) -> None:
        self._spans = spans
        self._start, self._end = next(spans, (0, 0))

    def __call__(self, at: int) -> bool:
        while self._end <= at:
            span = next(self._spans, None)
            if span is None:
                return False
            self._start, self._end = span
        return self._start < at


def _between(
    text: str, start: int, end: int, following: int, next_end: int, openings: frozenset[int]
) -> Level:
    """How well the gap between two words suits."""
    gap = text[end:following]
    if "\n" in gap:
        # What a colon announces and a line of hashtags are no parts of their own.
        if text[end - 1] == ":" or _is_tags(text, following):
            return Level.CLAUSE
        return Level.PARAGRAPH if gap.count("\n") > 1 else Level.LINE
    if following in openings:
        return Level.SENTENCE
    if gap.strip("\u00a0\u202f") == "":
        return Level.WITHIN
    if text[start:end].endswith(_CLAUSE_ENDS) or text[following:next_end].startswith(
        _CLAUSE_STARTS
    ):
        return Level.CLAUSE
    return Level.WORD


def _is_tags(text: str, start: int) -> bool:
    """Does the line hold hashtags only?"""
    end = text.find("\n", start)
    line = text[start:] if end < 0 else text[start:end]
    return line.startswith("#") and all(map(protected.is_hashtag, line.split()))


def _within(found: Breaks, text: str, start: int, end: int) -> None:
    """Places inside a long word: between graphemes, not in an address or a number."""
    word = text[start:end]
    if len(word) <= LONG_WORD or protected.is_address(word):
        return
    in_number = _Inside(each.span() for each in protected.DIGITS.finditer(word))
    at = 0
    before = ""
    for grapheme in _GRAPHEME.findall(word):
        if at and not in_number(at):
            found.add(start + at, start + at, _wide_level(before, grapheme))
        at += len(grapheme)
        before = grapheme


def _wide_level(before: str, after: str) -> Level:
    if after in _CLOSING:
        return Level.WITHIN
    if before in _WIDE_SENTENCE:
        return Level.SENTENCE
    return Level.CLAUSE if before in _WIDE_CLAUSE else Level.WITHIN
