"""Declared fields and sizes of a template: what may be declared, and the clean form of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from threads.models.templates import LEAST_PIXELS, MOST_PIXELS

JSON = dict[str, Any]
TYPES = ("text", "lines", "number", "price", "date", "colour", "image")
MOST_FIELDS, MOST_SIZES = 30, 10
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
SIZE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
SOURCE = re.compile(r"([a-z_]{1,20}\.[a-z_]{1,40})?\Z")
# Names with a meaning of their own inside a template.
TAKEN = ("brand", "loop", "language", "true", "false", "none", "and", "or", "not", "in", "if")
# A price brings a second name: whether tax is in it.
NOTE = "_note"
MOST_LENGTH = 2_000
DEFAULT_LENGTH = {"text": 200, "lines": 600}
KNOWN_SIZES = {(1080, 1080): "square", (1080, 1350): "portrait", (1200, 630): "landscape"}
FIELD_KEYS = ("name", "label", "type", "required", "default", "max_length", "source")


def clean_fields(given: Any) -> tuple[list[JSON], list[str]]:
    """(declarations with every key, sentences saying what is wrong)."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        return [], [_("Fields are a list.")]
    if len(given) > MOST_FIELDS:
        return [], [_("A template has at most %(most)s fields.") % {"most": MOST_FIELDS}]
    found: list[JSON] = []
    wrong: list[str] = []
    for place, one in enumerate(given, 1):
        why = _field_problem(one, found)
        if why:
            name = one.get("name") if isinstance(one, Mapping) else None
            wrong.append(_("Field %(field)s: %(why)s") % {"field": name or place, "why": why})
        else:
            found.append(_whole(one))
    return found, wrong or _notes_taken(found)


def _field_problem(one: Any, before: Sequence[JSON]) -> str:
    if not isinstance(one, Mapping):
        return _("It needs a name and a type.")
    unknown = sorted(set(one) - set(FIELD_KEYS))
    if unknown:
        return _("“%(key)s” is not known here.") % {"key": unknown[0]}
    name = one.get("name")
    if not isinstance(name, str) or not NAME.match(name):
        return _("A name is small letters, digits and _, and begins with a letter.")
    if name in TAKEN:
        return _("This name has a meaning of its own. Choose another one.")
    if any(name == other["name"] for other in before):
        return _("There are two fields of this name.")
    if one.get("type", "text") not in TYPES:
        known = ", ".join(TYPES)
        return _("There is no such type. Choose one of: %(known)s.") % {"known": known}
    return _details_problem(one)


def _details_problem(one: Mapping[str, Any]) -> str:
    length = one.get("max_length")
    if length is not None and (
        isinstance(length, bool) or not isinstance(length, int) or not 1 <= length <= MOST_LENGTH
    ):
        return _("The longest length is a number from 1 to %(most)s.") % {"most": MOST_LENGTH}
    if not isinstance(one.get("required", False), bool):
        return _("“required” is true or false.")
    if not isinstance(one.get("label", ""), str) or len(one.get("label", "")) > 80:
        return _("A label has at most 80 characters.")
    if not isinstance(one.get("source") or "", str) or not SOURCE.match(one.get("source") or ""):
        return _("A source is written like product.title.")
    return ""


def _whole(one: Mapping[str, Any]) -> JSON:
    kind = one.get("type", "text")
    default = one.get("default")
    return {
        "name": one["name"],
        "label": one.get("label") or one["name"].replace("_", " ").capitalize(),
        "type": kind,
        "required": one.get("required", False),
        "default": "" if default is None else default,
        "max_length": one.get("max_length") or DEFAULT_LENGTH.get(kind),
        "source": one.get("source") or "",
    }


def _notes_taken(found: Sequence[JSON]) -> list[str]:
    names = {one["name"] for one in found}
    return [
        _("Field %(field)s: the price of that name brings this one with it.")
        % {"field": one["name"] + NOTE}
        for one in found
        if one["type"] == "price" and one["name"] + NOTE in names
    ]


# -- sizes ----------------------------------------------------------------------------------


def size(width: int, height: int) -> JSON:
    """A size by its pixels, with a name for it."""
    name = KNOWN_SIZES.get((width, height), f"{width}x{height}")
    return {"name": name, "width": width, "height": height}


def clean_sizes(given: Any) -> tuple[list[JSON], list[str]]:
    """(sizes, sentences saying what is wrong)."""
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        return [], [_("A template has at least one size.")]
    if len(given) > MOST_SIZES:
        return [], [_("A template has at most %(most)s sizes.") % {"most": MOST_SIZES}]
    found: list[JSON] = []
    for one in given:
        why = _size_problem(one, found)
        if why:
            return [], [why]
        found.append({key: one[key] for key in ("name", "width", "height")})
    return found, []


def _size_problem(one: Any, before: Sequence[JSON]) -> str:
    if not isinstance(one, Mapping) or set(one) != {"name", "width", "height"}:
        return _("A size has a name, a width and a height.")
    if not isinstance(one["name"], str) or not SIZE_NAME.match(one["name"]):
        return _("The name of a size is small letters, digits and -.")
    if any(one["name"] == other["name"] for other in before):
        return _("There are two sizes named %(name)s.") % {"name": one["name"]}
    for key in ("width", "height"):
        pixels = one[key]
        if isinstance(pixels, bool) or not isinstance(pixels, int):
            return _("Width and height are whole numbers.")
        if not LEAST_PIXELS <= pixels <= MOST_PIXELS:
            return _("Width and height are from %(least)s to %(most)s pixels.") % {
                "least": LEAST_PIXELS,
                "most": MOST_PIXELS,
            }
    return ""


def size_named(sizes: Sequence[JSON], name: str) -> JSON | None:
    """The size of that name; the first one without a name."""
    if not name:
        return sizes[0] if sizes else None
    return next((one for one in sizes if one["name"] == name), None)
