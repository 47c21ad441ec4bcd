"""Finding elements in HTML by place, so that single tags can be changed and the rest kept."""

from __future__ import annotations

import html as entities
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"}
VOID |= {"param", "source", "track", "wbr"}
Attributes = list[tuple[str, str | None]]


@dataclass(slots=True)
class Element:
    """A start tag from `start` to `open_end`, its content up to `close_start`."""

    tag: str
    attributes: Attributes
    start: int
    open_end: int
    self_closed: bool = False
    close_start: int = -1
    text: str = ""
    depth: int = 0

    def get(self, name: str) -> str | None:
        """The first value of an attribute, as browsers take it; "" when it has none."""
        return next((value or "" for key, value in self.attributes if key == name), None)


@dataclass(slots=True)
class _State:
    open: list[Element] = field(default_factory=list)
    found: list[Element] = field(default_factory=list)


class _Finder(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.state = _State()
        self.lines = [0]
        # html.parser counts lines by "\\n" alone.
        for line in html.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)

    def place(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self._open(tag, attrs, self_closed=False)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self._open(tag, attrs, self_closed=True)

    def _open(self, tag: str, attrs: Attributes, *, self_closed: bool) -> None:
        start = self.place()
        end = start + len(self.get_starttag_text() or "")
        element = Element(tag, attrs, start, end, self_closed, depth=len(self.state.open) + 1)
        self.state.found.append(element)
        if tag in VOID or self_closed:
            element.close_start = end
        else:
            self.state.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        stack = self.state.open
        if any(element.tag == tag for element in stack):
            while stack:
                element = stack.pop()
                element.close_start = self.place()
                if element.tag == tag:
                    break

    def handle_data(self, data: str) -> None:
        for element in self.state.open:
            element.text += data


def elements(html: str) -> list[Element]:
    """Every element of a fragment in the order of the start tags."""
    finder = _Finder(html)
    finder.feed(html)
    finder.close()
    for element in finder.state.open:
        element.close_start = len(html)
    return finder.state.found


def start_tag(element: Element, **changed: str) -> str:
    """The start tag written anew, with attributes added or replaced ("class_" is "class")."""
    new = {name.rstrip("_").replace("_", "-"): value for name, value in changed.items()}
    kept = [(name, value) for name, value in element.attributes if name not in new]
    words = [element.tag]
    for name, value in [*kept, *new.items()]:
        words.append(name if value is None else f'{name}="{entities.escape(value)}"')
    return f"<{' '.join(words)}{'/' if element.self_closed else ''}>"


def splice(html: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """The text with each (start, end, replacement) made; they must not overlap."""
    parts, place = [], 0
    for start, end, new in sorted(edits):
        parts += [html[place:start], new]
        place = end
    return "".join([*parts, html[place:]])
