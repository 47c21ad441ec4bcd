"""A series from a source, without AI."""

from __future__ import annotations

from socialhub.writing.writer import MAX_PARTS, Fits, MadeBy, Source, WhyNot, Written


def write(
    source: Source, *, language: str, parts: int | None, fits: Fits, fits_last: Fits
) -> Written:
    """The paragraphs of the source's text, one per part."""
    found = tuple(part.strip() for part in source.text.split("\n\n") if part.strip())
    if not found:
        return Written((), MadeBy.DETERMINISTIC, WhyNot.NOTHING_KNOWN)
    if len(found) > MAX_PARTS:
        return Written((), MadeBy.DETERMINISTIC, WhyNot.TOO_LONG)
    if not all(map(fits, found[:-1])) or not fits_last(found[-1]):
        return Written((), MadeBy.DETERMINISTIC, WhyNot.NO_ROOM)
    return Written(found, MadeBy.DETERMINISTIC)
