"""A template and values become a page: HTML with everything in it that a renderer needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError

from threads.rendering import markup, templates
from threads.rendering.fitting import ATTRIBUTE, FIELDS
from threads.rendering.pages import Page

# Of the filled HTML.
MOST_CHARACTERS = 1_000_000
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
PLAIN_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# Used as long as the organisation has chosen none.
COLOURS = ("#1d4ed8", "#f59e0b", "#f1f5f9")
EXPRESSION = re.compile(r"{[{%](.*?)[}%]}", re.DOTALL)

Field = Mapping[str, Any]


class NotFilled(ValueError):
    """The template cannot be filled; `code` and `params` are those of a TemplateProblem."""

    def __init__(self, code: str, params: templates.Params | None = None) -> None:
        super().__init__(code)
        self.code, self.params = code, params or {}


@dataclass(frozen=True, slots=True)
class Brand:
    """`logo` is the name of an image; up to three colours as #rrggbb."""

    name: str = ""
    logo: str = ""
    colours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """A page but for the bytes of its images."""

    html: str
    css: str
    width: int
    height: int
    image_names: tuple[str, ...]
    language: str

    def page(self, images: Mapping[str, bytes]) -> Page:
        return Page(self.html, self.css, self.width, self.height, images, self.language)


def fill(
    html: str,
    css: str,
    fields: Sequence[Field],
    values: Mapping[str, Any],
    brand: Brand,
    size: Mapping[str, Any],
    language: str = "en",
) -> Filled:
    """Write values into a template. `size` has name, width and height.

    Values are texts as they shall be read, lists of texts for lines, names of images for images;
    a price's note is under its name and "_note". What is missing is empty.
    """
    known = templates.names(fields)
    if found := _problems(html, tuple(sorted(known.items()))):
        raise NotFilled(found[0].code, found[0].params)
    context = {name: _clean(kind, values.get(name)) for name, kind in known.items()}
    context["brand"] = {"name": brand.name, "logo": brand.logo}
    body = _written(_with_fields(html, tuple(known)), context)
    name = re.sub(r"[^a-z0-9-]+", "-", str(size["name"]).lower())
    page = f'<div class="canvas canvas--{name}" lang="{language}">{body}</div>'
    rules = f"{_variables(known, context, brand, size)}\n{css}"
    images = _images(html, known, context)
    return Filled(page, rules, int(size["width"]), int(size["height"]), images, language)


@lru_cache(maxsize=32)
def _problems(html: str, known: tuple[tuple[str, str], ...]) -> list[templates.TemplateProblem]:
    return templates.problems(html, dict(known))


def _clean(kind: str, value: Any) -> Any:
    if kind == "lines":
        lines = value if isinstance(value, list | tuple) else str(value or "").splitlines()
        return [str(line) for line in lines if str(line).strip()]
    text = "" if value is None else str(value)
    if kind == "colour" and not COLOUR.fullmatch(text):
        return ""
    return text


def _written(html: str, context: Mapping[str, Any]) -> str:
    parts, size = [], 0
    try:
        for part in templates.compiled(html).generate(context):
            size += len(part)
            if size > MOST_CHARACTERS:
                raise NotFilled("output_too_long", {"most": MOST_CHARACTERS})
            parts.append(part)
    except TemplateError as exc:
        raise NotFilled("syntax", {"detail": str(exc)}) from None
    return "".join(parts)


@lru_cache(maxsize=32)
def _with_fields(html: str, known: tuple[str, ...]) -> str:
    """The template with each box to fit naming the fields inside, for the message if it is full."""
    if ATTRIBUTE not in html:
        return html
    edits = []
    for element in markup.elements(html):
        if element.get(ATTRIBUTE) is None:
            continue
        inside = " ".join(EXPRESSION.findall(html[element.open_end : element.close_start]))
        words = dict.fromkeys(re.findall(r"\w+", inside))
        here = " ".join(word for word in words if word in known)
        tag = markup.start_tag(element, **{FIELDS: here})
        edits.append((element.start, element.open_end, tag))
    return markup.splice(html, edits)


def _images(html: str, known: Mapping[str, str], context: Mapping[str, Any]) -> tuple[str, ...]:
    used = templates.used(html)
    shown = [context[name] for name, kind in known.items() if kind == "image" and name in used]
    if "brand.logo" in used:
        shown.append(context["brand"]["logo"])
    return tuple(dict.fromkeys(name for name in shown if name))


def _variables(
    known: Mapping[str, str], context: Mapping[str, Any], brand: Brand, size: Mapping[str, Any]
) -> str:
    """The canvas with its size, brand colours, and colours and numbers among the fields."""
    width, height = int(size["width"]), int(size["height"])
    rules = {"width": f"{width}px", "height": f"{height}px"}
    rules |= {"--w": f"{width}px", "--h": f"{height}px"}
    own = [colour for colour in brand.colours if COLOUR.fullmatch(colour)]
    for number, colour in enumerate([*own, *COLOURS[len(own) :]][:3], 1):
        rules |= {f"--brand-{number}": colour, f"--on-brand-{number}": text_colour(colour)}
    for name, kind in known.items():
        value = context[name]
        if (kind == "colour" and value) or (kind == "number" and PLAIN_NUMBER.fullmatch(value)):
            rules[f"--field-{name.replace('_', '-')}"] = value
            if kind == "colour":
                rules[f"--on-field-{name.replace('_', '-')}"] = text_colour(value)
    return f".canvas {{ {' '.join(f'{key}: {value};' for key, value in rules.items())} }}"


def text_colour(background: str) -> str:
    """Black or white, whichever reads better on a colour (WCAG relative luminance)."""
    digits = background.lstrip("#")
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(c * w for c, w in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))
    # Equal contrast to black and to white.
    return "#000000" if luminance > 0.179 else "#ffffff"
