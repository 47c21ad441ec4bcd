"""The small language of templates: fields, `if`, and `for` over a field of lines. Nothing else.

Jinja2 reads it in its immutable sandbox; every node it finds must be on our list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

FIELD_TYPES = ("text", "lines", "number", "price", "date", "colour", "image")
BRAND = ("name", "logo")
LOOP = ("index", "first", "last")
# Names that templates use for something else.
TAKEN = {"brand", "loop", "true", "false", "none", "not", "and", "or", "if", "else", "for", "in"}
NOTE = "_note"
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# One `for` inside another, not more: with lists of 50 that is 2,500 times.
MOST_LOOPS_DEEP = 2

# What stands in the masked text for a value, and for a statement.
VALUE, VALUE_END, STATEMENT = "\ue000", "\ue001", "\ue002"
MARKER = re.compile(f"{VALUE}([^{VALUE_END}]*){VALUE_END}")

Params = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """Why a template is refused: a code and what its sentence needs, in html, css or fields."""

    code: str
    params: Params = field(default_factory=dict)
    line: int = 0
    where: str = "html"


ENVIRONMENT = ImmutableSandboxedEnvironment(autoescape=True, auto_reload=False, cache_size=0)
ENVIRONMENT.globals.clear()


def names(fields: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Every name a template may use, with its type; a price brings its note along."""
    known: dict[str, str] = {}
    for one in fields:
        known[str(one["name"])] = str(one["type"])
        if one["type"] == "price":
            known[f"{one['name']}{NOTE}"] = "text"
    return known


def problems(html: str, known: Mapping[str, str]) -> list[TemplateProblem]:
    """What the language does not allow, by line."""
    try:
        tree = ENVIRONMENT.parse(html)
    except TemplateSyntaxError as exc:
        return [TemplateProblem("syntax", {"detail": str(exc.message)}, exc.lineno)]
    except RecursionError:
        return [TemplateProblem("too_deep")]
    return list(_walk(tree.body, _Scope(known)))


@dataclass(frozen=True, slots=True)
class _Scope:
    known: Mapping[str, str]
    loops: int = 0

    def inside(self, name: str) -> _Scope:
        """Inside a loop its variable is a text."""
        return _Scope({**self.known, name: "text"}, self.loops + 1)


def _walk(body: Sequence[nodes.Node], scope: _Scope) -> Iterator[TemplateProblem]:
    for node in body:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                if not isinstance(part, nodes.TemplateData):
                    yield from _value(part, scope)
        elif isinstance(node, nodes.If):
            yield from _condition(node.test, scope)
            yield from _walk([*node.body, *node.elif_, *node.else_], scope)
        elif isinstance(node, nodes.For):
            yield from _loop(node, scope)
        else:
            yield _refused(node)


def _value(node: nodes.Node, scope: _Scope) -> Iterator[TemplateProblem]:
    if isinstance(node, nodes.Name):
        if node.name not in scope.known:
            yield TemplateProblem("undeclared_field", {"name": node.name}, node.lineno)
        elif scope.known[node.name] == "lines":
            yield TemplateProblem("lines_need_for", {"name": node.name}, node.lineno)
    elif not _is_attribute(node, scope):
        yield _refused(node)


def _condition(node: nodes.Node, scope: _Scope) -> Iterator[TemplateProblem]:
    if isinstance(node, nodes.Not):
        yield from _condition(node.node, scope)
    elif isinstance(node, nodes.And | nodes.Or):
        yield from _condition(node.left, scope)
        yield from _condition(node.right, scope)
    elif isinstance(node, nodes.Name):
        if node.name not in scope.known:
            yield TemplateProblem("undeclared_field", {"name": node.name}, node.lineno)
    elif not _is_attribute(node, scope):
        yield _refused(node)


def _loop(node: nodes.For, scope: _Scope) -> Iterator[TemplateProblem]:
    over, target = node.iter, node.target
    if not isinstance(over, nodes.Name) or not isinstance(target, nodes.Name):
        yield _refused(node)
    elif over.name not in scope.known:
        yield TemplateProblem("undeclared_field", {"name": over.name}, node.lineno)
    elif scope.known[over.name] != "lines":
        yield TemplateProblem("for_needs_lines", {"name": over.name}, node.lineno)
    elif node.test or node.recursive or target.name in TAKEN or target.name in scope.known:
        yield _refused(node)
    elif scope.loops >= MOST_LOOPS_DEEP:
        yield TemplateProblem("too_many_loops", {"most": MOST_LOOPS_DEEP}, node.lineno)
    else:
        yield from _walk(node.body, scope.inside(target.name))
        yield from _walk(node.else_, scope)


def _is_attribute(node: nodes.Node, scope: _Scope) -> bool:
    """`brand.name`, `brand.logo`, and inside a loop `loop.index`, `loop.first`, `loop.last`."""
    if not isinstance(node, nodes.Getattr) or not isinstance(node.node, nodes.Name):
        return False
    if node.node.name == "loop":
        return scope.loops > 0 and node.attr in LOOP
    return node.node.name == "brand" and node.attr in BRAND


def _refused(node: nodes.Node) -> TemplateProblem:
    return TemplateProblem("not_allowed", {"what": type(node).__name__.lower()}, node.lineno)


def masked(html: str) -> str:
    """The HTML with each value as a marker that names it and each statement as another one.

    Made from Jinja's own tokens, so that what we look at is what it will write.
    """
    out: list[str] = []
    value: list[str] | None = None
    for _line, kind, text in ENVIRONMENT.lex(html):
        # Lines stay countable.
        breaks = "\n" * text.count("\n")
        if kind == "data":
            out.append(text)
        elif kind == "variable_begin":
            value = []
        elif kind == "variable_end":
            out.append(f"{VALUE}{''.join(value or [])}{VALUE_END}")
            value = None
        elif kind == "block_begin":
            out.append(STATEMENT)
        elif kind == "raw_begin":
            raise TemplateSyntaxError("raw is not allowed", _line)
        elif value is not None:
            value.append(text.strip())
        if kind != "data":
            out.append(breaks)
    return "".join(out)


@lru_cache(maxsize=32)
def compiled(html: str) -> Template:
    return ENVIRONMENT.from_string(html)


@lru_cache(maxsize=32)
def used(html: str) -> frozenset[str]:
    """The names that stand somewhere in the template; "brand.logo" for the logo."""
    found: set[str] = set()
    for node in ENVIRONMENT.parse(html).find_all((nodes.Name, nodes.Getattr)):
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            found.add(f"{node.node.name}.{node.attr}")
        elif isinstance(node, nodes.Name):
            found.add(node.name)
    return frozenset(found)
