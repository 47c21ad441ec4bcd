"""From what a person names to what a writer gets. For the worker: an address is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from socialhub import money, registries
from socialhub.models import Organisation
from socialhub.services.errors import Invalid
from socialhub.services.writing import pages
from socialhub.writing import Source, SourceKind

# Far more than 25 parts hold.
LONGEST_TEXT = 200_000
LONGEST_TOPIC = 1_000


def source_of(user: Any, kind: str, value: str, *, language: str | None = None) -> Source:
    """The source of that kind: a topic, a text, an address, or the id of something of ours.

    A price is written as `language` writes it. Raises Invalid.
    """
    language = language or Organisation.get().language
    try:
        wanted = SourceKind(kind)
    except ValueError:
        message = _("There is no source of this kind.")
        raise Invalid("bad_source", message, {"source": [message]}) from None
    value = value.strip()
    if not value:
        raise _bad("empty", _("Say what the series is to be written from."))
    if wanted == SourceKind.TOPIC:
        return Source(wanted, title=_at_most(value, LONGEST_TOPIC), language=language)
    if wanted == SourceKind.TEXT:
        return Source(wanted, text=_at_most(value, LONGEST_TEXT), language=language)
    if wanted == SourceKind.URL:
        return _of_page(pages.read(value))
    return _of_item(user, wanted, value, language)


def _bad(code: str, message: str) -> Invalid:
    return Invalid(code, message, {"value": [message]})


def _at_most(text: str, limit: int) -> str:
    if len(text) > limit:
        message = _("This is longer than %(limit)s characters.") % {"limit": limit}
        raise _bad("too_long", message)
    return text


def _of_page(page: pages.PageText) -> Source:
    return Source(
        SourceKind.URL,
        title=page.title,
        text=page.text[:LONGEST_TEXT],
        facts=(page.description,) if page.description else (),
        url=page.url,
        language=page.language,
    )


def _of_item(user: Any, kind: SourceKind, key: str, language: str) -> Source:
    """Something of an app above; what this person may not see is not there."""
    found = registries.data_source(kind)
    item = found.get(user, key) if found else None
    if item is None:
        raise _bad("not_there", _("This does not exist, or you may not see it."))
    values = item.values
    return Source(
        kind,
        title=str(values.get("title") or item.label),
        text=str(values.get("text") or ""),
        price=price(values, language),
        url=str(values.get("url") or ""),
        language=language,
    )


def price(values: Mapping[str, Any], language: str) -> str:
    """ "19,99 €, IVA incluido"; "" when no price is told."""
    amount = values.get("price")
    if not isinstance(amount, Decimal):
        return ""
    currency = values.get("currency") or Organisation.get().currency
    # A post is searched and copied: with an ordinary space.
    told = money.price(amount, currency, language).replace("\xa0", " ")
    note = money.tax_note(values.get("tax_included"), language)
    if not note:
        return told
    return f"{told}, {note}" if values["tax_included"] else f"{told} {note}"
