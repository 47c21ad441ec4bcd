"""Graph's `fields` with what nests in them, as Facebook takes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from socialhub.tests.support.standins.meta_containers import error

NAME = re.compile(r"\w+")
MODIFIER = re.compile(r"\.(\w+)\(([^)]*)\)")


@dataclass
class Field:
    """One field: `modifiers` as in "comments.limit(5)", `inner` as in "from{id,name}"."""

    modifiers: dict[str, str] = field(default_factory=dict)
    inner: dict[str, Field] = field(default_factory=dict)


def parsed(text: str) -> dict[str, Field]:
    """What is asked for. Raises Refusal for what Graph could not read."""
    found, end = _read(text, 0)
    if end != len(text):
        raise _syntax(text, end)
    return found


def _read(text: str, at: int) -> tuple[dict[str, Field], int]:
    found: dict[str, Field] = {}
    while True:
        name = NAME.match(text, at)
        if name is None:
            raise _syntax(text, at)
        one, at = Field(), name.end()
        while match := MODIFIER.match(text, at):
            one.modifiers[match[1]] = match[2]
            at = match.end()
        if text[at : at + 1] == "{":
            one.inner, at = _read(text, at + 1)
            if text[at : at + 1] != "}":
                raise _syntax(text, at)
            at += 1
        found[name[0]] = one
        if text[at : at + 1] != ",":
            return found, at
        at += 1


def _syntax(text: str, at: int) -> Exception:
    return error(400, 2500, f"Syntax error at character {at} of the fields: {text[at:][:20]}")
