"""What the CSS of a template may not contain; read by a parser that knows escapes and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import tinycss2
from tinycss2.ast import Node

from threads.rendering.templates import TemplateProblem
from threads.rendering.typefaces import FAMILIES

CONDITIONS = {"media", "supports", "container", "layer"}
# Functions that name a file or an element, or run something.
FETCHING = {"url", "src", "image", "image-set", "-webkit-image-set", "cross-fade", "element"}
FETCHING |= {"expression", "paint", "-moz-element"}
BINDINGS = {"behavior", "-moz-binding"}
MOST_DATA_BYTES = 32_000
FONTS = [family.lower() for family in FAMILIES]
FONTS += ["serif", "monospace", "inherit", "initial", "unset", "revert", "var("]
# A blur reads every pixel again.
MOST_FILTERS = 20
FILTERS = {"blur", "drop-shadow"}
DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml)[;,]", re.IGNORECASE)

Found = Iterator[TemplateProblem]


def local_address(address: str) -> str:
    """ "" for a place in the page or a small image in the address itself, else the code why not."""
    address = address.strip()
    if re.fullmatch(r"#[\w-]+", address):
        return ""
    if DATA_IMAGE.match(address):
        return "data_too_large" if len(address) > MOST_DATA_BYTES else ""
    return "remote_address"


def sheet_problems(css: str) -> Found:
    """Of a whole style sheet."""
    if "{{" in css or "{%" in css:
        yield TemplateProblem("field_in_css", where="css")
        return
    counter = _Filters()
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    yield from _rules(rules, counter)
    if counter.count > MOST_FILTERS:
        yield _problem("too_many_filters", None, most=MOST_FILTERS)


def block_problems(css: str) -> Found:
    """Of a style attribute."""
    yield from _block(tinycss2.parse_blocks_contents(css), _Filters())


def value_problems(css: str, name: str) -> Found:
    """Of one value, as in an attribute of a drawing."""
    yield from _values(tinycss2.parse_component_value_list(css), _Filters())


class _Filters:
    def __init__(self) -> None:
        self.count = 0


def _rules(rules: Sequence[Node], counter: _Filters) -> Found:
    for rule in rules:
        if rule.type == "error":
            yield _problem("css_syntax", rule, detail=rule.message)
        elif rule.type == "at-rule":
            yield from _at_rule(rule, counter)
        elif rule.type == "qualified-rule":
            yield from _block(tinycss2.parse_blocks_contents(rule.content), counter)


def _at_rule(rule: Any, counter: _Filters) -> Found:
    if rule.lower_at_keyword not in CONDITIONS:
        yield _problem("at_rule", rule, name=rule.lower_at_keyword[:40])
        return
    yield from _values(rule.prelude, counter)
    if rule.content is not None:
        inner = tinycss2.parse_blocks_contents(rule.content)
        yield from _block(inner, counter)


def _block(content: Sequence[Node], counter: _Filters) -> Found:
    """Declarations, and rules among them."""
    for node in content:
        if node.type == "declaration":
            if node.lower_name in BINDINGS:
                yield _problem("property", node, name=node.lower_name)
            if node.lower_name in ("font-family", "font") and not _known_font(node.value):
                yield _problem("font", node, name=tinycss2.serialize(node.value).strip()[:60])
            yield from _values(node.value, counter)
        elif node.type in ("error", "at-rule", "qualified-rule"):
            yield from _rules([node], counter)


def _known_font(value: Sequence[Node]) -> bool:
    """Whether a list of fonts has one that is there: without, digits come from the emoji."""
    text = tinycss2.serialize(value).lower()
    return any(name in text for name in FONTS)


def _values(values: Sequence[Any], counter: _Filters) -> Found:
    for value in values:
        if value.type == "url":
            yield from _address(value, value.value)
        elif value.type == "error":
            yield _problem("css_syntax", value, detail=value.message)
        elif value.type == "function":
            yield from _function(value, counter)
        elif value.type in ("() block", "[] block", "{} block"):
            yield from _values(value.content, counter)


def _function(value: Any, counter: _Filters) -> Found:
    if value.lower_name in FILTERS:
        counter.count += 1
    if value.lower_name == "url":
        address = "".join(part.value for part in value.arguments if part.type == "string")
        yield from _address(value, address)
    elif value.lower_name in FETCHING:
        yield _problem("remote_address", value, address=f"{value.lower_name}()")
    yield from _values(value.arguments, counter)


def _address(node: Any, address: str) -> Found:
    if code := local_address(address):
        yield _problem(code, node, address=address[:100])


def _problem(code: str, node: Any, **params: str | int) -> TemplateProblem:
    return TemplateProblem(code, params, node.source_line if node else 0, "css")
