"""Text that fits its box: the largest font size at which nothing of an element overflows.

`data-fit="24 72"` on an element with a fixed box asks for it. The sizes come from pytakumi's
layout and go into the page, so that both renderers draw with the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from threads.rendering import markup
from threads.rendering.pages import Overflow

ATTRIBUTE, FIELDS = "data-fit", "data-fields"
# Pixels by which lines are rounded, and by which the two renderers may differ.
SLACK = 2.0
# A space at the end of a line hangs over the edge; at least so much of the line's height.
SPACE = 0.15
# Widths that no template has name the markers, so that their parents are found in the layout.
MARK = 900_000
# pytakumi reads "!important" after sizes, not after colours: a selector that says its name thrice.
RED = "box-shadow: inset 0 0 0 6px #e11d48; overflow: visible;"

Layout = dict[str, Any]
# (html, css) -> the layout of pytakumi.
Measure = Callable[[str, str], Layout]


@dataclass(frozen=True, slots=True)
class Fitted:
    html: str
    css: str
    overflow: tuple[Overflow, ...]


@dataclass(slots=True)
class Box:
    """An element to fit, by where it stands in the HTML, and the search for its size."""

    element: markup.Element
    number: int
    low: int
    high: int
    # The room inside: its corner from that of the box, and how large it is.
    left: float = 0.0
    top: float = 0.0
    width: float = 0.0
    height: float = 0.0
    # Line height ÷ height of a line of text.
    leading: float = 1.0
    best: int | None = None
    inside: int = 0

    @property
    def name(self) -> str:
        return f"fit-{self.number}"

    @property
    def trial(self) -> int:
        return (self.low + self.high + 1) // 2

    @property
    def size(self) -> int:
        return self.best if self.best is not None else self.low


def sizes(value: str) -> tuple[int, int] | None:
    """Smallest and largest size of an attribute, or None when it does not say that."""
    words = value.split()
    if len(words) != 2 or not all(word.isascii() and word.isdigit() for word in words):
        return None
    low, high = int(words[0]), int(words[1])
    return (low, high) if 1 <= low <= high <= 1000 else None


def fit(html: str, css: str, measure: Measure) -> Fitted:
    """The page with the sizes that fit written into it."""
    boxes = list(_boxes(html)) if ATTRIBUTE in html else []
    if not boxes:
        return Fitted(html, css, ())
    html = markup.splice(html, ((b.element.start, b.element.open_end, _tag(b)) for b in boxes))
    # Places have moved.
    for box, element in zip(boxes, _fit_elements(html), strict=True):
        box.element = element
    _measure_boxes(html, css, boxes, measure)
    _search(html, css, boxes, measure)
    rules = "\n".join(_rule(box, box.size, framed=box.best is None) for box in boxes)
    return Fitted(html, f"{css}\n{rules}", tuple(_overflow(b) for b in boxes if b.best is None))


def _fit_elements(html: str) -> list[markup.Element]:
    return [found for found in markup.elements(html) if sizes(found.get(ATTRIBUTE) or "")]


def _boxes(html: str) -> Iterator[Box]:
    end = -1
    for number, element in enumerate(_fit_elements(html)):
        # The check refuses one inside another.
        if element.start < end:
            continue
        end = element.close_start
        low, high = sizes(element.get(ATTRIBUTE) or "") or (0, 0)
        yield Box(element, number, low, high)


def _tag(box: Box) -> str:
    names = f"{box.element.get('class') or ''} {box.name}".strip()
    return markup.start_tag(box.element, class_=names)


def _rule(box: Box, size: int, *, framed: bool = False) -> str:
    rule = f".{box.name} {{ font-size: {size}px !important; }}"
    return f"{rule} {f'.{box.name}' * 3} {{ {RED} }}" if framed else rule


def _marker(box: Box) -> str:
    width = MARK + box.number
    # A span, for a paragraph would end before a div.
    return f'<span style="display:block;position:absolute;width:{width}px;height:0"></span>'


def _measure_boxes(html: str, css: str, boxes: list[Box], measure: Measure) -> None:
    """The room inside each box, and how close its lines are: with other content in it."""
    css += "\n" + "\n".join(_rule(box, box.low) for box in boxes)

    content = (
        '<span style="display:block;width:100%;height:100%"><span style="display:block">x</span>'
        "</span>"
    )
    places = ((b.element.open_end, b.element.close_start, content + _marker(b)) for b in boxes)
    nodes = _marked(measure(markup.splice(html, places), css))
    for box in boxes:
        if node := nodes.get(box.number):
            inner = node["children"][0]
            row = next(iter(inner["children"]), inner)
            box.left, box.top = _offset(node, inner)
            box.width = inner["width"]
            # Where the box grows with its content, the canvas is what it must stay in.
            grows = inner["height"] <= row["height"] < node["height"]
            box.height = node["height"] if grows else inner["height"]
            text = next((run["height"] for run in row["runs"]), 0.0)
            box.leading = row["height"] / text if text else 1.0


def _search(html: str, css: str, boxes: list[Box], measure: Measure) -> None:
    """Halve the range of all boxes at once: boxes are fixed, so none depends on another."""
    places = ((b.element.close_start, b.element.close_start, _marker(b)) for b in boxes)
    html = markup.splice(html, places)
    open_boxes = boxes
    while open_boxes := [box for box in open_boxes if box.low < box.high]:
        trial = {box.number: box.trial for box in open_boxes}
        _try(html, css, boxes, trial, measure)
        for box in open_boxes:
            if box.best == trial[box.number]:
                box.low = trial[box.number]
            else:
                box.high = trial[box.number] - 1
    # What fitted at no size but perhaps at the smallest.
    if last := {box.number: box.low for box in boxes if box.best is None}:
        _try(html, css, boxes, last, measure)


def _try(html: str, css: str, boxes: list[Box], trial: dict[int, int], measure: Measure) -> None:
    rules = "\n".join(_rule(box, trial.get(box.number, box.size)) for box in boxes)
    nodes = _marked(measure(html, f"{css}\n{rules}"))
    for box in boxes:
        if box.number in trial and box.number in nodes and _fits(box, nodes[box.number]):
            box.best = trial[box.number]


def _fits(box: Box, node: Layout) -> bool:
    """Whether every line of a laid-out box is inside; notes how many characters are."""
    whole, box.inside, all_in, bottom, line = 0, 0, True, 0.0, 0.0
    for x, y, run in _runs(node, -box.left, -box.top):
        width, text = run["width"], run["text"]
        line = run["height"] * min(1.0, box.leading)
        # Ascent and descent of a font reach over its line where lines are close.
        overhang = (run["height"] - line) / 2 + SLACK
        if text.endswith(" "):
            width -= SPACE * run["height"]
        fits = (
            y >= -overhang
            and y + run["height"] <= box.height + overhang
            and x >= -SLACK
            and x + width <= box.width + SLACK
        )
        whole += _letters(text)
        all_in = all_in and fits
        bottom = max(bottom, y + run["height"])
        if fits:
            box.inside += len(text)
        elif x + width > box.width + SLACK and y + run["height"] <= box.height + overhang:
            box.inside += int(len(text) * (box.width - x) / width)
    # Lines below the canvas are not in the layout at all.
    lost = whole < _letters(box.element.text) and bottom + 1.5 * line > box.height
    return all_in and not lost


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)


def _overflow(box: Box) -> Overflow:
    fields = tuple((box.element.get(FIELDS) or "").split())
    text = " ".join(box.element.text.split())
    return Overflow(fields, max(1, len(text) - box.inside))


# -- pytakumi's layout ----------------------------------------------------------------


def _marked(node: Layout) -> dict[int, Layout]:
    """The nodes that hold a marker, by the marker's number."""
    found: dict[int, Layout] = {}
    for child in node["children"]:
        if child["width"] >= MARK:
            found[round(child["width"]) - MARK] = node
        found |= _marked(child)
    return found


def _runs(node: Layout, x: float, y: float) -> Iterator[tuple[float, float, Layout]]:
    """Each run of text with its place in the box."""
    for run in node["runs"]:
        yield x + run["x"], y + run["y"], run
    for child in node["children"]:
        if child["width"] < MARK:
            right, down = _offset(node, child)
            yield from _runs(child, x + right, y + down)


def _offset(node: Layout, child: Layout) -> tuple[float, float]:
    """Where a child stands in its parent, whatever turns both."""
    a, b, c, d, e, f = node["transform"]
    *_, right, down = child["transform"]
    right, down, area = right - e, down - f, a * d - b * c
    if not area:
        return 0.0, 0.0
    return (d * right - c * down) / area, (a * down - b * right) / area
