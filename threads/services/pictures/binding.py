"""Values of a product, a post, a number … for the fields of a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from socialhub import money, registries
from socialhub.models import Organisation
from socialhub.registries import DataItem, DataSource
from socialhub.services.errors import Invalid
from threads.models import ImageTemplate, ImageTemplateVersion
from threads.services.pictures.values import MISSING

JSON = dict[str, Any]
# One stands for the other: both are offers with a price.
ALIKE = {"product", "service"}


def bind(
    template: ImageTemplate | ImageTemplateVersion, source_name: str, key: str, user: Any
) -> JSON:
    """Data for the template's fields from one item: by their source, else by equal names.

    Raises Invalid when there is no such source or item for this person.
    """
    return values_of(template.fields, source_name, item(source_name, key, user))


def source(name: str) -> DataSource:
    """The source of that name. Raises Invalid."""
    found = registries.data_source(name)
    if found is None:
        known = ", ".join(one.name for one in registries.data_sources())
        message = _("There is no such source. Choose one of: %(known)s.") % {"known": known}
        raise Invalid("no_such_source", message, {"source": [message]})
    return found


def item(source_name: str, key: str, user: Any) -> DataItem:
    """The item of a source. Raises Invalid."""
    found = source(source_name).get(user, key)
    if found is None:
        message = _("“%(key)s” is not there.") % {"key": key[:40]}
        raise Invalid("no_such_item", message, {"ids": [message]})
    return found


def values_of(fields: Sequence[JSON], source_name: str, found: DataItem) -> JSON:
    """Data by field name; fields that the item knows nothing about are absent."""
    data = {}
    for one in fields:
        name = _name(one, source_name, found.values)
        if name is not None:
            value = _value(one, name, found.values)
            if value is not None:
                data[one["name"]] = value
    return data


def _name(one: JSON, source_name: str, values: Mapping[str, Any]) -> str | None:
    kind, _dot, name = str(one["source"]).partition(".")
    if kind:
        fits = kind == source_name or {kind, source_name} <= ALIKE
        return name if fits and name in values else None
    return one["name"] if one["name"] in values else None


def _value(one: JSON, name: str, values: Mapping[str, Any]) -> Any:
    value, kind = values[name], one["type"]
    if value is None:
        # A number nobody reported is told apart from one that was not typed.
        return MISSING if kind == "number" else None
    if kind == "price":
        told = {
            "currency": values.get("currency") or "",
            "tax_included": values.get("tax_included"),
        }
        return {"amount": str(value), **told}
    if kind == "image":
        return value
    if isinstance(value, Decimal) and name == "price" and kind == "text":
        language = Organisation.get().language
        return money.price(value, values.get("currency") or Organisation.get().currency, language)
    if isinstance(value, date):
        return value.isoformat()
    if kind == "lines":
        return [line.strip() for line in str(value).splitlines() if line.strip()]
    return _short(str(value), one["max_length"]) if name == "text" else str(value)


def _short(text: str, most: int | None) -> str:
    """A description is cut between words; a title never is."""
    if not most or len(text) <= most:
        return text
    return f"{text[: most - 1].rsplit(' ', 1)[0].rstrip(' ,;:.-')}…"[:most]
