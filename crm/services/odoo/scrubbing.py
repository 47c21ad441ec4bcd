"""Odoo's messages may quote what a person told us: taken out before anything is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from crm.models import Lead
from crm.odoo import errors

# Shorter values are found in every sentence.
SHORTEST = 3
MARK = "…"


@contextmanager
def scrubbed(texts: Iterable[str]) -> Iterator[None]:
    """What the block raises names none of `texts`."""
    try:
        yield
    except errors.OdooError as exc:
        exc.message = without(exc.message, texts)
        exc.args = (exc.message,)
        raise


def without(message: str, texts: Iterable[str]) -> str:
    """`message` with the texts replaced, the longest first; line breaks count as spaces."""
    known = {" ".join(text.split()) for text in texts}
    for text in sorted(known, key=len, reverse=True):
        if len(text) >= SHORTEST:
            message = message.replace(text, MARK)
    return message


def personal(lead: Lead) -> list[str]:
    """What a lead says of a person, and the parts a message could quote alone."""
    whole = [lead.name, lead.contact_name, lead.email, lead.phone, lead.company]
    return [*whole, *lead.contact_name.split(), *lead.message.splitlines()]
