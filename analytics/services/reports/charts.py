"""Bar charts without a script: shapes once, drawn as SVG or by the PDF library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 640
COLUMNS_HEIGHT = 150
ROW_HEIGHT = 26
LABEL_WIDTH = 150
# Room for the longest value beside a bar.
VALUE_WIDTH = 90
TITLE_HEIGHT = 24
AXIS_HEIGHT = 18
MOST_TICKS = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` None = not reported: no bar, never one of no height."""

    label: str
    value: float | None
    shown: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side over days, or one below the other with their names."""

    title: str
    bars: Sequence[Bar]
    is_columns: bool
    # What it shows, for those who cannot see it.
    description: str = ""

    @property
    def is_empty(self) -> bool:
        return all(bar.value is None for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    hint: str


@dataclass(frozen=True, slots=True)
class Words:
    """`anchor` is start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes on a page of width × height, y growing downwards."""

    width: float
    height: float
    boxes: Sequence[Box]
    words: Sequence[Words]


def draw(chart: Chart) -> Picture:
    return _columns(chart) if chart.is_columns else _rows(chart)


def _columns(chart: Chart) -> Picture:
    top = max((bar.value for bar in chart.bars if bar.value is not None), default=0) or 1
    step = WIDTH / max(len(chart.bars), 1)
    base = TITLE_HEIGHT + COLUMNS_HEIGHT
    boxes = []
    for place, bar in enumerate(chart.bars):
        if bar.value is not None:
            # A zero that was measured leaves a hairline.
            height = max(max(bar.value, 0) / top * (COLUMNS_HEIGHT - 16), 1)
            gap = min(step * 0.15, 3)
            boxes.append(Box(place * step + gap, base - height, step - 2 * gap, height, _hint(bar)))
    words = [Words(0, 14, chart.title, strong=True)]
    if chart.bars:
        highest = max(chart.bars, key=lambda bar: -1 if bar.value is None else bar.value)
        if highest.value is not None:
            words.append(Words(WIDTH, 14, f"max. {highest.shown}", "end"))
        words += _ticks(chart, step, base + 14)
    return Picture(WIDTH, base + AXIS_HEIGHT, boxes, words)


def _ticks(chart: Chart, step: float, y: float) -> list[Words]:
    """Every name while there is room for it, else the first and the last."""
    if len(chart.bars) <= MOST_TICKS:
        return [
            Words((place + 0.5) * step, y, bar.label, "middle")
            for place, bar in enumerate(chart.bars)
        ]
    return [Words(0, y, chart.bars[0].label), Words(WIDTH, y, chart.bars[-1].label, "end")]


def _rows(chart: Chart) -> Picture:
    top = max((bar.value for bar in chart.bars if bar.value is not None), default=0) or 1
    room = WIDTH - LABEL_WIDTH - VALUE_WIDTH
    boxes, words = [], [Words(0, 14, chart.title, strong=True)]
    for place, bar in enumerate(chart.bars):
        y = TITLE_HEIGHT + place * ROW_HEIGHT
        words.append(Words(0, y + 16, bar.label))
        width = 0.0
        if bar.value is not None:
            width = max(max(bar.value, 0) / top * room, 1)
            boxes.append(Box(LABEL_WIDTH, y + 4, width, ROW_HEIGHT - 10, _hint(bar)))
        words.append(Words(LABEL_WIDTH + width + 6, y + 16, bar.shown))
    return Picture(WIDTH, TITLE_HEIGHT + len(chart.bars) * ROW_HEIGHT, boxes, words)


def _hint(bar: Bar) -> str:
    return f"{bar.label}: {bar.shown}"


def svg(chart: Chart) -> SafeString:
    """Takes its colours from the page it stands in; readable without them too."""
    picture = draw(chart)
    boxes = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" rx="1" '
        'style="fill:var(--report-bar,#0e7490)"><title>{}</title></rect>',
        ((*map(_px, (box.x, box.y, box.width, box.height)), box.hint) for box in picture.boxes),
    )
    words = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}" font-size="12" font-weight="{}" '
        'style="fill:var(--report-ink,#27272a)">{}</text>',
        ((_px(w.x), _px(w.y), w.anchor, 600 if w.strong else 400, w.text) for w in picture.words),
    )
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" '
        'aria-label="{}" style="width:100%;height:auto">{}{}</svg>',
        _px(picture.width),
        _px(picture.height),
        chart.description or chart.title,
        boxes,
        words,
    )


def _px(value: float) -> str:
    return f"{value:.1f}"
