"""What a template may not contain: anything that runs, fetches, or costs too much.

The renderers make no request whatever a page says. This check tells people why something would
not work, and keeps what could become dangerous out of the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

from jinja2 import TemplateSyntaxError

from threads.rendering import styles, templates
from threads.rendering.fitting import ATTRIBUTE, sizes
from threads.rendering.markup import VOID, Attributes
from threads.rendering.styles import local_address
from threads.rendering.templates import (
    FIELD_TYPES,
    MARKER,
    NAME,
    NOTE,
    STATEMENT,
    TAKEN,
    VALUE,
    TemplateProblem,
)

MOST_BYTES, MOST_DEPTH, MOST_ELEMENTS, MOST_FIELDS = 100_000, 60, 2_000, 40
TEXT = """
    div span p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd b i em strong small s u br hr blockquote cite q
    figure figcaption section article header footer main aside nav table thead tbody tfoot tr td
    th caption time mark sub sup code pre address abbr img
"""
DRAWING = """
    svg g path circle rect ellipse line polyline polygon defs lineargradient radialgradient stop
    clippath mask use text tspan symbol pattern
"""
TEXT_TAGS, DRAWING_TAGS = frozenset(TEXT.split()), frozenset(DRAWING.split())
SHARED = {"class", "id", "lang", "dir", "title", "role", "alt", "width", "height"}
SHARED |= {"style", "src", "colspan", "rowspan", "datetime"}
LINKS = {"href", "xlink:href"}
UNCLEAR = {
    # A value may not become the name of an element.
    "field_in_tag": re.compile(f"<[/!?\\s]*[{VALUE}{STATEMENT}]"),
    "markup": re.compile(r"<[a-zA-Z/!?][^>]*$|<!(?!--)|<\?"),
}
Found = Iterator[TemplateProblem]


def problems(html: str, css: str, fields: Sequence[Mapping[str, Any]]) -> list[TemplateProblem]:
    """Everything wrong with a template; an empty list means that it can be filled and drawn."""
    if len(html.encode()) + len(css.encode()) > MOST_BYTES:
        return [TemplateProblem("too_long", {"most": MOST_BYTES})]
    found = list(_field_problems(fields))
    known = {} if found else templates.names(fields)
    in_language = templates.problems(html, known)
    # Names that are wrong in the list of fields are not reported once more.
    found += [p for p in in_language if not (found and p.code == "undeclared_field")]
    if not in_language:
        found += _in_html(html, known)
    return found + list(styles.sheet_problems(css))


def _field_problems(fields: Sequence[Mapping[str, Any]]) -> Found:
    def problem(code: str, **params: str | int) -> TemplateProblem:
        return TemplateProblem(code, params, where="fields")

    if len(fields) > MOST_FIELDS:
        yield problem("too_many_fields", most=MOST_FIELDS)
    seen: set[str] = set()
    for one in fields:
        name, kind = str(one.get("name", "")), str(one.get("type", ""))
        if not NAME.fullmatch(name) or name in TAKEN:
            yield problem("field_name", name=name)
        elif name in seen:
            yield problem("field_twice", name=name)
        elif kind not in FIELD_TYPES:
            yield problem("field_type", name=name, type=kind)
        seen |= {name, f"{name}{NOTE}"} if kind == "price" else {name}


def _in_html(html: str, known: Mapping[str, str]) -> list[TemplateProblem]:
    if any(mark in html for mark in (VALUE, STATEMENT)):
        return [TemplateProblem("private_characters")]
    try:
        text = templates.masked(html)
    except TemplateSyntaxError as exc:
        return [TemplateProblem("not_allowed", {"what": "raw"}, exc.lineno)]
    reader = _Reader(known)
    reader.feed(text)
    reader.close()
    return reader.found + list(_unclear(text))


def _unclear(text: str) -> Found:
    """Beginnings of tags that browsers and parsers read differently."""
    for code, pattern in UNCLEAR.items():
        if found := pattern.search(text):
            yield TemplateProblem(code, {}, text.count("\n", 0, found.start()) + 1)


class _Reader(HTMLParser):
    """Walks through the masked HTML and notes what is wrong."""

    def __init__(self, known: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self.known = known
        self.found: list[TemplateProblem] = []
        self.open: list[tuple[str, bool]] = []
        self.elements = 0

    def add(self, code: str, **params: str | int) -> None:
        problem = TemplateProblem(code, params, self.getpos()[0])
        if problem not in self.found:
            self.found.append(problem)

    # -- elements ---------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self._element(tag, attrs)
        if tag not in VOID:
            self.open.append((tag, any(name == ATTRIBUTE for name, _ in attrs)))
            if len(self.open) == MOST_DEPTH + 1:
                self.add("too_deep", most=MOST_DEPTH)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self._element(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self.open]
        if tag in names:
            del self.open[len(names) - 1 - names[::-1].index(tag) :]

    def _element(self, tag: str, attributes: Attributes) -> None:
        self.elements += 1
        if self.elements == MOST_ELEMENTS + 1:
            self.add("too_many_elements", most=MOST_ELEMENTS)
        if STATEMENT in tag or VALUE in tag:
            self.add("field_in_tag")
        elif tag not in TEXT_TAGS and tag not in DRAWING_TAGS:
            self.add("element", tag=tag[:40])
        elif tag == "img" and not any(name == "src" and value for name, value in attributes):
            self.add("image_is_one_field")
        self._check_quotes()
        for name, value in attributes:
            self._attribute(tag, name, value or "")

    def _check_quotes(self) -> None:
        """A value or a statement in a tag stands between quotes."""
        outside = re.sub(r"\"[^\"]*\"|'[^']*'", "", self.get_starttag_text() or "")
        if VALUE in outside or STATEMENT in outside:
            self.add("field_in_tag")

    # -- attributes -------------------------------------------------------------------

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if STATEMENT in name or VALUE in name:
            return  # said already
        if name.startswith("on"):
            self.add("event_attribute", name=name[:40])
        elif name == "style":
            self._style(value)
        elif name == "src" and tag == "img":
            self._source(value)
        elif name in LINKS and tag in DRAWING_TAGS:
            if not value.startswith("#"):
                self.add("remote_address", address=value[:100])
        elif name == ATTRIBUTE:
            self._fit(value)
        elif not _may_have(tag, name):
            self.add("attribute", name=name[:40], tag=tag[:40])
        elif tag in DRAWING_TAGS and name not in SHARED:
            # Paint such as fill="url(#gradient)".
            self._css_value(value, name)

    def _style(self, value: str) -> None:
        if STATEMENT in value:
            self.add("statement_in_style")
            return
        for marker in MARKER.findall(value):
            if self.known.get(marker) != "colour":
                self.add("field_in_style", name=marker)
        self._report(styles.block_problems(MARKER.sub("#000000", value)))

    def _css_value(self, value: str, name: str) -> None:
        self._report(styles.value_problems(MARKER.sub("#000000", value), name))

    def _report(self, found: Found) -> None:
        for problem in found:
            self.add(problem.code, **problem.params)

    def _source(self, value: str) -> None:
        """An image is exactly one field, the logo, or a small one written into the page."""
        marker = MARKER.fullmatch(value.strip())
        if marker:
            name = marker[1]
            if name != "brand.logo" and self.known.get(name) != "image":
                self.add("not_an_image", name=name)
        elif VALUE in value or STATEMENT in value:
            self.add("image_is_one_field")
        elif code := local_address(value):
            self.add(code, address=value[:100])

    def _fit(self, value: str) -> None:
        if sizes(value) is None:
            self.add("fit", value=value[:40])
        elif any(fits for _, fits in self.open):
            self.add("fit_nested")

    def handle_comment(self, data: str) -> None:
        # Browsers and parsers disagree about where some comments end.
        if any(mark in data for mark in ("<", ">", VALUE, STATEMENT)):
            self.add("markup")


def _may_have(tag: str, name: str) -> bool:
    if name.startswith(("data-", "aria-")):
        return True
    if tag in DRAWING_TAGS:
        return name == "xmlns" or not (name in LINKS or name == "src" or name.startswith("xml"))
    return name in SHARED and name != "src"
