"""A long text in parts that fit, without losing a character.

Paragraphs before sentences, sentences before clauses, clauses before words, and inside a word
only where nothing else is left. Never inside an address, a mention, a hashtag or a number.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from socialhub.writing.breaks import Breaks, Level, find
from socialhub.writing.writer import MAX_PARTS, Fits, WhyNot

Span = tuple[int, int]

# A part ends with its paragraph when that fills so much of what would fit, else with a sentence.
ROOMY = 0.5
# One short sentence before one that must be cut anyway is no part of its own.
SHORT = 1 / 3
# A clause must fill so much, else the part ends between two words.
CLAUSE = 0.5
# Steps in the search for parts of equal length.
STEPS = 12


class CannotSplit(Exception):
    """`what` is the piece that fits nowhere, `needed` how many parts there would be."""

    def __init__(self, why: WhyNot, what: str = "", needed: int | None = None) -> None:
        super().__init__(why.value)
        self.why = why
        self.what = what
        self.needed = needed


def split(
    text: str,
    *,
    fits: Fits,
    fits_last: Fits | None = None,
    parts: int | None = None,
    most: int = MAX_PARTS,
) -> tuple[str, ...]:
    """Parts that `fits` accepts, the last one `fits_last`; so many, or as many as it takes.

    Put together again they give every character of the text but white space between them.
    Raises CannotSplit.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise CannotSplit(WhyNot.EMPTY)
    splitter = _Splitter(text, fits, fits_last or fits)
    spans = splitter.balanced(parts) if parts else splitter.greedy(most)
    return tuple(text[start:end] for start, end in spans)


class _Splitter:
    """Packs one text. Each `fits` is asked about little more than one part's length."""

    def __init__(self, text: str, fits: Fits, fits_last: Fits) -> None:
        self.text = text
        self.fits = fits
        self.fits_last = fits_last
        self.breaks: Breaks = find(text)
        self.last = len(self.breaks.ends) - 1
        self._alone: dict[int, bool] = {}

    def greedy(self, most: int) -> list[Span]:
        """Whole paragraphs where that costs no part too many."""
        spans = self._closed(list(self._packed(ROOMY)))
        if len(spans) > most:
            spans = self._closed(list(self._packed(None)))
        if len(spans) > most:
            raise CannotSplit(WhyNot.TOO_LONG, needed=len(spans))
        return spans

    def balanced(self, parts: int) -> list[Span]:
        """Exactly so many parts, as even as their sentences allow."""
        best = self._closed(list(self._packed(None)))
        if len(best) > parts:
            raise CannotSplit(WhyNot.TOO_LONG, needed=len(best))
        least, enough = len(self.text) // parts, len(self.text)
        for _ in range(STEPS):
            cap = (least + enough) // 2
            spans = self._closed(list(self._packed(None, cap)))
            if len(spans) <= parts:
                best, enough = spans, cap
            else:
                least = cap + 1
        while len(best) < parts:
            best = self._one_more(best)
        return best

    # -- one part after the other -----------------------------------------------------

    def _packed(self, paragraphs: float | None, cap: int | None = None) -> Iterator[Span]:
        """Parts from the front. `cap` is a length in characters that a part should not exceed."""
        start, low, hint = 0, 0, 8
        while start < len(self.text):
            high = self._furthest(start, low, hint)
            if high < low:
                raise CannotSplit(WhyNot.NO_ROOM, self.text[start : self.breaks.ends[low]])
            at = self._capped(start, low, high, cap) if cap else None
            if at is None:
                at = self._best(start, low, high, paragraphs)
            yield start, self.breaks.ends[at]
            start, hint, low = self.breaks.starts[at], high - low + 1, at + 1

    def _furthest(self, start: int, low: int, hint: int) -> int:
        """The last place up to which the text fits; `low` - 1 when there is none."""
        good, bad, step = low - 1, self.last + 1, hint
        probe = low + hint - 1
        while probe < bad:
            if self._fits(start, probe):
                good, step = probe, step * 2
                probe = min(good + step, self.last) if good < self.last else bad
            else:
                bad = probe
        while bad - good > 1:
            middle = (good + bad) // 2
            if self._fits(start, middle):
                good = middle
            else:
                bad = middle
        return good

    def _fits(self, start: int, place: int) -> bool:
        return self.fits(self.text[start : self.breaks.ends[place]])

    def _best(self, start: int, low: int, high: int, paragraphs: float | None) -> int:
        """The best place for the end of a part."""
        if high == self.last:
            return high
        size = self.breaks.ends[high] - start

        def share(place: int) -> float:
            return (self.breaks.ends[place] - start) / size

        at = self._latest(low, high, Level.PARAGRAPH)
        if paragraphs is not None and at is not None and share(at) >= paragraphs:
            return at
        at = self._latest(low, high, Level.SENTENCE)
        if at is not None and (share(at) >= SHORT or self._next_fits(at)):
            return at
        at = self._latest(low, high, Level.CLAUSE)
        if at is not None and share(at) >= CLAUSE:
            return at
        at = self._latest(low, high, Level.WORD)
        return high if at is None else at

    def _capped(self, start: int, low: int, high: int, cap: int) -> int | None:
        """The last end of a sentence inside `cap`, else the first one behind it."""
        first = None
        for place in range(high, low - 1, -1):
            if self.breaks.levels[place] < Level.SENTENCE:
                continue
            if self.breaks.ends[place] - start <= cap:
                return place
            first = place
        return first

    def _latest(self, low: int, high: int, level: Level) -> int | None:
        levels = self.breaks.levels
        return next((n for n in range(high, low - 1, -1) if levels[n] >= level), None)

    def _next_fits(self, place: int) -> bool:
        """Does the sentence after this place fit alone? Asked once for each."""
        if place not in self._alone:
            levels = self.breaks.levels
            end = next(n for n in range(place + 1, self.last + 1) if levels[n] >= Level.SENTENCE)
            self._alone[place] = self._fits(self.breaks.starts[place], end)
        return self._alone[place]

    # -- the last part, and one part more -----------------------------------------------

    def _closed(self, spans: list[Span]) -> list[Span]:
        """The last part also leaves room for what closes the series."""
        while True:
            start, end = spans[-1]
            if self.fits_last(self.text[start:end]):
                return spans
            low, high = self._inner(start, end)
            first = self._first_that_closes(low, high)
            if first > high:
                raise CannotSplit(WhyNot.NO_ROOM, self.text[start:end][-80:])
            spans[-1:] = self._cut(start, end, first, high)

    def _first_that_closes(self, low: int, high: int) -> int:
        """The first place of these whose rest fits as the last part."""
        while low <= high:
            middle = (low + high) // 2
            if self.fits_last(self.text[self.breaks.starts[middle] :]):
                high = middle - 1
            else:
                low = middle + 1
        return low

    def _one_more(self, spans: list[Span]) -> list[Span]:
        """The longest part in two, at the end of a sentence as long as there is one."""
        longest = sorted(range(len(spans)), key=lambda n: spans[n][0] - spans[n][1])
        for level in (Level.SENTENCE, Level.CLAUSE, Level.WORD):
            for n in longest:
                low, high = self._inner(*spans[n])
                if self._latest(low, high, level) is not None:
                    return [*spans[:n], *self._cut(*spans[n], low, high), *spans[n + 1 :]]
        raise CannotSplit(WhyNot.TOO_SHORT, needed=len(spans))

    def _inner(self, start: int, end: int) -> tuple[int, int]:
        """First and last place inside a part."""
        return bisect_right(self.breaks.ends, start), bisect_left(self.breaks.ends, end) - 1

    def _cut(self, start: int, end: int, low: int, high: int) -> list[Span]:
        """A part in two at the best of these places, as near its middle as can be."""
        ends, levels = self.breaks.ends, self.breaks.levels
        middle = (start + end) // 2
        for level in (Level.SENTENCE, Level.CLAUSE, Level.WORD, Level.WITHIN):
            places = [n for n in range(low, high + 1) if levels[n] >= level]
            if places:
                at = min(places, key=lambda n: abs(ends[n] - middle))
                return [(start, ends[at]), (self.breaks.starts[at], end)]
        raise CannotSplit(WhyNot.NO_ROOM, self.text[start:end])
