"""Alt text from what is known about a picture."""

from __future__ import annotations

from socialhub.writing.writer import MadeBy, Variation, WhyNot


def suggest(context: str, *, language: str) -> Variation:
    """The context itself, where there is one."""
    known = " ".join(context.split())
    why = None if known else WhyNot.NOTHING_KNOWN
    return Variation(known or None, MadeBy.DETERMINISTIC, why)
