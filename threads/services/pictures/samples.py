"""Stand-in values for previews and for the picture of a template in the gallery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from PIL import Image

from socialhub.models import Organisation
from threads.services.pictures import brand, values
from threads.services.pictures.values import Values

JSON = dict[str, Any]
# Begins the name of a stand-in for a picture that was not chosen yet.
PREFIX = "sample:"
PIXELS = 640


def wanted(fields: Sequence[JSON], data: Mapping[str, Any]) -> list[JSON]:
    """The fields to stand in for: all at first, then those that are needed.

    What may stay empty is shown as empty once somebody fills in the rest.
    """
    is_first = all(values.is_empty(value) for value in data.values())
    return [one for one in fields if is_first or one["required"]]


def completed(fields: Sequence[JSON], data: Mapping[str, Any], language: str) -> JSON:
    """The data with something to look at in each field that is empty."""
    found = dict(data)
    with translation.override(language):
        for one in fields:
            name = one["name"]
            is_empty = values.is_empty(found.get(name)) and values.is_empty(one["default"])
            if is_empty and one["type"] != "image":
                found[name] = _value(one)
    return found


def _value(one: JSON) -> Any:
    kind = one["type"]
    if kind == "lines":
        return [_("First line"), _("Second line"), _("Third line")]
    if kind == "number":
        return "1234"
    if kind == "price":
        currency = Organisation.get().currency
        return {"amount": "19.99", "currency": currency, "tax_included": True}
    if kind == "date":
        return timezone.localdate().isoformat()
    if kind == "colour":
        return brand.current()[0].colours[0]
    return str(one["label"])[: one["max_length"] or None]


def stand_ins(fields: Sequence[JSON], found: Values, design: str) -> dict[str, bytes]:
    """Pictures for image fields without one, by the names that are put into the values."""
    empty = [
        one["name"] for one in fields if one["type"] == "image" and not found.shown.get(one["name"])
    ]
    if not empty:
        return {}
    ours, colours = pictures_of(design), brand.current()[0].colours
    images = {}
    for name in empty:
        found.shown[name] = PREFIX + name
        images[PREFIX + name] = ours.get(name) or picture(*colours[:2])
    return images


def picture(first: str, second: str) -> bytes:
    """A quiet diagonal of two colours as PNG."""
    ramp = Image.linear_gradient("L").resize((PIXELS, PIXELS))
    slope = Image.blend(ramp, ramp.rotate(90), 0.5)
    size = (PIXELS, PIXELS)
    out = BytesIO()
    Image.composite(Image.new("RGB", size, second), Image.new("RGB", size, first), slope).save(
        out, "PNG"
    )
    return out.getvalue()


def of_design(design: str, language: str) -> JSON:
    """What the starter design of that name shows in the gallery; {} for others."""
    found = _design(design)
    return dict(found.sample.get(language) or found.sample.get("en") or {}) if found else {}


def pictures_of(design: str) -> dict[str, bytes]:
    """Pictures by field of the starter design of that name; {} for others."""
    found = _design(design)
    return found.pictures() if found else {}


def _design(slug: str) -> Any:
    from threads import gallery

    return next((one for one in gallery.designs() if one.slug == slug), None) if slug else None
