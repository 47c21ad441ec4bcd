"""Where values of a picture come from, as the pages offer it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from socialhub import registries

# Names of values, in the order they are offered.
NAMES = {
    "title": _("title"),
    "text": _("text"),
    "price": _("price"),
    "image": _("picture"),
    "url": _("link"),
    "date": _("date"),
}
OF_GOODS = ("title", "text", "price", "image", "url")
OF_POSTS = ("title", "text", "image", "url", "date")
OF_METRICS = {
    "label": _("what is counted"),
    "number": _("number"),
    "change": _("change"),
    "date": _("date"),
}


def choices(used: Iterable[str]) -> list[dict[str, Any]]:
    """Groups for a select of "product.title"; what is `used` already is never left out."""
    groups = []
    known = set()
    for source in registries.data_sources():
        found = [
            (f"{source.name}.{name}", f"{source.label}: {label}")
            for name, label in _values(source.name)
        ]
        known |= {value for value, _label in found}
        groups.append({"label": source.label, "choices": found})
    others = sorted({one for one in used if one and one not in known})
    if others:
        groups.append({"label": _("Other"), "choices": [(one, one) for one in others]})
    return groups


def _values(source: str) -> list[tuple[str, Any]]:
    if source == "metric":
        return list(OF_METRICS.items())
    return [(name, NAMES[name]) for name in (OF_POSTS if source == "post" else OF_GOODS)]


def usual(fields: Iterable[dict[str, Any]]) -> str:
    """The source most fields name; "" when none does."""
    named = [one["source"].partition(".")[0] for one in fields if one["source"]]
    return max(named, key=named.count, default="")
