"""The writer without AI: another lead-in, another order where that is safe, other small words.

It invents nothing. What it cannot vary enough it does not vary, and says why.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from socialhub.writing import alt, phrases, protected, sentences, shortening, sources
from socialhub.writing.similarity import grams, jaccard
from socialhub.writing.writer import (
    Explain,
    Fits,
    MadeBy,
    Rewording,
    Source,
    Variation,
    WhyNot,
    Written,
)

# Networks that forbid repetitions mean "substantially similar"; recycling refuses from here on.
ALIKE = 0.8
# Orders of the same parts tried with each lead-in.
ORDERS = 4


class DeterministicWriter:
    """Rearranges and introduces; see `socialhub.writing.writer.Writer`."""

    made_by = MadeBy.DETERMINISTIC

    def series(
        self,
        source: Source,
        *,
        language: str,
        parts: int | None,
        fits: Fits,
        fits_last: Fits | None = None,
        explain: Explain | None = None,
    ) -> Written:
        """The source's own sentences, or fixed texts around what is known of a product."""
        return sources.write(
            source, language=language, parts=parts, fits=fits, fits_last=fits_last or fits
        )

    def rewrite(
        self,
        text: str,
        *,
        language: str,
        instruction: str,
        fits: Fits,
        explain: Explain | None = None,
    ) -> Rewording:
        """Another wording. It cannot follow an instruction; a new one draws another wording."""
        return self.vary(text, language=language, limit_check=fits, seed=instruction)

    def shorten(
        self, text: str, *, language: str, fits: Fits, explain: Explain | None = None
    ) -> Rewording:
        """Leaves out what matters least."""
        return shortening.shorten(text, language=language, fits=fits)

    def alt_text(
        self, *, language: str, context: str, image: bytes | None = None, mime: str = ""
    ) -> Variation:
        """What is already known about the picture; nobody looks at it."""
        return alt.suggest(context, language=language)

    def vary(
        self,
        text: str,
        *,
        language: str,
        limit_check: Fits,
        seed: int | str,
        unlike: Sequence[str] = (),
    ) -> Variation:
        """The first wording that fits and differs enough, in an order drawn from the seed."""
        language = language.casefold()[:2]
        if not text.strip():
            return self._none(WhyNot.EMPTY)
        if language not in phrases.LEAD_INS:
            return self._none(WhyNot.LANGUAGE)
        must_keep = protected.kept(text)
        others = [grams(other) for other in (text, *unlike)]
        why = WhyNot.TOO_ALIKE
        for wording in _wordings(text, language, random.Random(f"{seed}")):
            if protected.kept(wording) != must_keep or _is_alike(wording, others):
                continue
            if limit_check(wording):
                return Variation(wording, self.made_by)
            why = WhyNot.NO_ROOM
        return self._none(why)

    def _none(self, why: WhyNot) -> Variation:
        return Variation(None, self.made_by, why)


def _is_alike(wording: str, others: Sequence[frozenset[str]]) -> bool:
    own = grams(wording)
    return any(jaccard(own, other) >= ALIKE for other in others)


def _wordings(text: str, language: str, rng: random.Random) -> Iterator[str]:
    """Wordings of the text; the short lead-ins come first, as they cost the reader least."""
    lead_ins = phrases.LEAD_INS[language]
    body, tags = _without_tags(_without_lead_in(text.strip(), lead_ins))
    bodies = _bodies(body, language, rng)
    short, long = list(lead_ins[:6]), list(lead_ins[6:])
    rng.shuffle(short)
    rng.shuffle(long)
    for lead_in in [*short, *long]:
        for varied in bodies:
            yield _put_together(lead_in, varied, tags, language, rng)


def _bodies(body: str, language: str, rng: random.Random) -> list[str]:
    """Some orders of the text, the least alike first."""
    varied = [_other_words(_reorder(body, language, rng), language, rng) for _ in range(ORDERS)]
    own = grams(body)
    return sorted(dict.fromkeys(varied), key=lambda each: jaccard(grams(each), own))


def _without_lead_in(text: str, lead_ins: Sequence[str]) -> str:
    """A wording of ours may be varied again: its lead-in is not part of the text."""
    for lead_in in lead_ins:
        if text.startswith(lead_in):
            return text.removeprefix(lead_in).lstrip() or text
    return text


def _without_tags(text: str) -> tuple[str, list[str]]:
    """The text, and the hashtags at its end."""
    tags: list[str] = []
    rest = text
    while found := re.search(r"(?:^|\s+)(#\S+)\s*$", rest):
        if not protected.is_hashtag(found[1]):
            break
        tags.insert(0, found[1])
        rest = rest[: found.start()]
    return (rest, tags) if rest.strip() else (text, [])


def _put_together(
    lead_in: str, body: str, tags: list[str], language: str, rng: random.Random
) -> str:
    """Lead-in, text and hashtags; the hashtags before a call to action, or after everything."""
    gap = "\n\n" if "\n" in body else "\n"
    if not tags:
        return f"{lead_in}{gap}{body}"
    line = " ".join(rng.sample(tags, len(tags)))
    before, separator, last = body.rpartition("\n\n")
    if separator and sentences.is_call(last, language) and rng.random() < 0.5:
        return f"{lead_in}{gap}{before}\n\n{line}\n\n{last}"
    return f"{lead_in}{gap}{body}\n\n{line}"


def _reorder(text: str, language: str, rng: random.Random) -> str:
    """Statements of a paragraph and items of a list change places; everything else stays."""
    lines = text.split("\n")
    done: list[str] = []
    start = 0
    while start < len(lines):
        end = start
        sign = sentences.bullet(lines[start])
        while sign and end < len(lines) and sentences.bullet(lines[end]) == sign:
            end += 1
        if end - start > 1:
            done += _reorder_list(lines[start:end], language, rng)
        else:
            end = start + 1
            done.append(_reorder_line(lines[start], language, rng))
        start = end
    return "\n".join(done)


def _reorder_list(items: list[str], language: str, rng: random.Random) -> list[str]:
    """Another order; an item that asks for something keeps its place."""
    return _permuted(items, [n for n, item in enumerate(items) if not _asks(item, language)], rng)


def _asks(item: str, language: str) -> bool:
    return sentences.is_call(item.lstrip().removeprefix(sentences.bullet(item)), language)


def _permuted(parts: Sequence[str], free: Sequence[int], rng: random.Random) -> list[str]:
    """The parts at the free places change places among themselves."""
    placed = list(parts)
    for place, source in zip(free, rng.sample(free, len(free)), strict=True):
        placed[place] = parts[source]
    return placed


def _reorder_line(line: str, language: str, rng: random.Random) -> str:
    """Statements that stand alone change places among themselves.

    One that the next sentence may point back at keeps its place, and so does the last sentence
    when it asks for something.
    """
    parts = sentences.split_line(line)
    free = [
        n
        for n, sentence in enumerate(parts.sentences)
        if sentences.stands_alone(sentence, language)
        and (
            n + 1 == len(parts.sentences)
            or sentences.stands_alone(parts.sentences[n + 1], language)
            or sentences.is_call(parts.sentences[n + 1], language)
        )
    ]
    return str(sentences.Line(tuple(_permuted(parts.sentences, free, rng)), parts.spaces))


def _other_words(text: str, language: str, rng: random.Random) -> str:
    """Phrases that say the same, outside of addresses and hashtags."""
    for group in phrases.EQUIVALENTS[language]:
        for phrase in group:
            pattern = rf"(?<![\w#@/.-]){re.escape(phrase)}(?![\w@/-]|\.\w)"
            if re.search(pattern, text):
                other = rng.choice([each for each in group if each != phrase])
                text = re.sub(pattern, other, text)
                break
    return text
