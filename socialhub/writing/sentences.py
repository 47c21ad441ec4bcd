"""Taking a text apart and putting it together again without losing a character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from socialhub.writing import phrases, protected

_END = re.compile(r"(?<=[.!?…])(?P<close>[\"'»”’)]*)(?P<space>[ \t]+)(?=\S)")
_BULLET = re.compile(r"^\s*([-•*·✓✔✅→▪👉]+)\s*\S")
_ITEM_NUMBER = re.compile(r"\s*\d{1,3}[.)]")
# So many characters around a dot tell whether a sentence ends there.
NEAR = 40
# So many words at the start tell whether a sentence points at another one.
EARLY = 6


@dataclass(frozen=True, slots=True)
class Line:
    """Sentences of one line with the space after each (the last has none)."""

    sentences: tuple[str, ...]
    spaces: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(
            sentence + space for sentence, space in zip(self.sentences, self.spaces, strict=True)
        )


def split_line(line: str) -> Line:
    """Sentences of a line; an abbreviation or a small letter afterwards ends none."""
    sentences, spaces, start = [], [], 0
    for end, after in ends(line):
        sentences.append(line[start:end])
        spaces.append(line[end:after])
        start = after
    return Line((*sentences, line[start:]), (*spaces, ""))


def ends(line: str) -> Iterator[tuple[int, int]]:
    """Where a sentence ends and where the next one starts, in the order of the line."""
    start = 0
    for found in _END.finditer(line):
        end, after = found.end("close"), found.end()
        # A few characters are enough to tell; more would be read again for each sentence.
        before = line[max(start, end - NEAR) : end]
        if _starts_sentence(line[after : after + NEAR]) and not _goes_on(before):
            yield end, after
            start = after


def _starts_sentence(text: str) -> bool:
    # "¿" and "¡" open a sentence even before a small letter.
    if text.lstrip("\"'«“‘(").startswith(("¿", "¡")):
        return True
    first = text.lstrip("\"'«“‘(")[:1]
    return bool(first) and not first.islower() and first not in ".,;:"


def _goes_on(before: str) -> bool:
    """Is the dot that of an abbreviation, or of a number in front of a list's item?"""
    last = before.split()[-1] if before.split() else ""
    bare = last.rstrip(".").casefold()
    if last.endswith(".") and (
        (len(bare) == 1 and bare.isalpha()) or bare in phrases.ABBREVIATIONS
    ):
        return True
    return bool(_ITEM_NUMBER.fullmatch(before))


def words(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return re.findall(r"[\w/]+(?:[’'][\w]+)?", text.casefold())


def stands_alone(sentence: str, language: str) -> bool:
    """Whether a statement may change places with another: it opens a thought and points at none."""
    text = sentence.strip()
    if not text.endswith((".", "!", "…")) or text.startswith("¡") or "?" in text or ":" in text:
        return False
    if protected.has_address(text) or any(quote in text for quote in '"«»“”'):
        return False
    found = words(text)
    return (
        bool(found)
        and found[0] in phrases.STANDALONE[language]
        and not phrases.POINTING[language].intersection(found[:EARLY])
    )


def is_call(paragraph: str, language: str) -> bool:
    """A question, a call to action, or a line with an address: it stays last."""
    found = words(paragraph)
    return (
        "?" in paragraph
        or protected.has_address(paragraph)
        or bool(found and found[0] in phrases.CALLS[language])
    )


def bullet(line: str) -> str:
    """The sign of a list's line, "" elsewhere. Numbers are an order and dashes a dialogue."""
    found = _BULLET.match(line)
    return found[1] if found else ""
