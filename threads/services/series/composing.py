"""The text of a part as it goes out: number and call to action around what was written."""

from __future__ import annotations

from collections.abc import Sequence

from threads.models import Mode, Numbering

_MARKS = {
    Numbering.SLASH: "{position}/{total}",
    Numbering.BRACKETS: "({position}/{total})",
    Numbering.OPEN: "{position}/",
    Numbering.DOT: "{position}.",
}


def mark(position: int, total: int, numbering: str) -> str:
    """The number of a part; "" for none, and where there is only one part."""
    if total < 2 or numbering == Numbering.NONE:
        return ""
    return _MARKS[Numbering(numbering)].format(position=position, total=total)


def text_of(
    text: str,
    position: int,
    total: int,
    *,
    numbering: str,
    numbers_first: bool,
    closing: str,
) -> str:
    """What readers see of part `position` of `total`; the last one ends with the closing."""
    text = text.strip()
    if closing.strip() and position == total:
        text = f"{text}\n\n{closing.strip()}".strip()
    number = mark(position, total, numbering)
    words = [number, text] if numbers_first else [text, number]
    return " ".join(word for word in words if word)


def numbering_on(mode: str, numbering: str) -> str:
    """Posts of their own always carry numbers: nothing else says that they belong together."""
    if mode == Mode.NUMBERED and numbering == Numbering.NONE:
        return Numbering.SLASH
    return numbering


def texts_of(
    texts: Sequence[str], *, mode: str, numbering: str, numbers_first: bool, closing: str
) -> list[str]:
    """Every part as it goes out on an account with this mode."""
    return [
        text_of(
            text,
            position,
            len(texts),
            numbering=numbering_on(mode, numbering),
            numbers_first=numbers_first,
            closing=closing,
        )
        for position, text in enumerate(texts, 1)
    ]
