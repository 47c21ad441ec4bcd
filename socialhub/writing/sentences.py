"""Taking a text apart and putting it together again without losing a character."""

from __future__ import annotations

import re
from dataclasses import dataclass

from socialhub.writing import phrases, protected

_END = re.compile(r"(?<=[.!?…])(?P<close>[\"'»”’)]*)(?P<space>[ \t]+)(?=\S)")
_BULLET = re.compile(r"^\s*([-•*·✓✔✅→▪👉]+)\s*\S")
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
    for end in _END.finditer(line):
        before, after = line[start : end.end("close")], line[end.end() :]
        if not _starts_sentence(after) or _is_abbreviation(before):
            continue
        sentences.append(before)
        spaces.append(end["space"])
        start = end.end()
    return Line((*sentences, line[start:]), (*spaces, ""))


def _starts_sentence(text: str) -> bool:
    first = text.lstrip("\"'«“‘(¿¡")[:1]
    return bool(first) and not first.islower() and first not in ".,;:"


def _is_abbreviation(sentence: str) -> bool:
    last = sentence.split()[-1] if sentence.split() else ""
    bare = last.rstrip(".").casefold()
    return last.endswith(".") and (
        (len(bare) == 1 and bare.isalpha()) or bare in phrases.ABBREVIATIONS
    )


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
