"""Shortening without AI: what matters least is left out."""

from __future__ import annotations

from socialhub.writing.writer import Fits, MadeBy, Variation, WhyNot


def shorten(text: str, *, language: str, fits: Fits) -> Variation:
    """The longest beginning in whole paragraphs that fits."""
    paragraphs = text.strip().split("\n\n")
    for end in range(len(paragraphs), 0, -1):
        if fits(short := "\n\n".join(paragraphs[:end])):
            return Variation(short, MadeBy.DETERMINISTIC)
    return Variation(None, MadeBy.DETERMINISTIC, WhyNot.NO_ROOM)
