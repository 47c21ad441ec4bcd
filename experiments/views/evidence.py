"""What a test measured, ready to be shown: effects around the control, lines and intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from experiments.models import ABTest, ABTestLook, ABTestVariant, Design, MetricKind
from experiments.verdicts import Effect, percents

# As many points as a line can show; a test of four weeks has 672 looks.
MOST_POINTS = 200
WIDTH, HEIGHT = 600, 160


def effects(
    test: ABTest, variants: Sequence[ABTestVariant], pairs: Sequence[Mapping[str, Any]], counts: Any
) -> list[Effect]:
    """Every pair as a relative effect, with the interval of the test that was made."""
    places = {one.name: at for at, one in enumerate(variants)}
    found = []
    for pair in pairs:
        if pair["a"] not in places or pair["b"] not in places:
            continue
        scale = _scale(test, variants, places[pair["a"]], places[pair["b"]], counts)
        ends = [scale(pair.get(name)) for name in ("difference", "low", "high")]
        found.append(Effect(pair["b"], pair["a"], *ends))
    return found


Scale = Callable[[float | None], float | None]


def _scale(test: ABTest, variants: Sequence[ABTestVariant], a: int, b: int, counts: Any) -> Scale:
    """From the scale a pair is compared on to "a fifth more than a"."""
    if test.design == Design.PAIRED and test.kind != MetricKind.PER_POST:
        return lambda value: None if value is None else math.expm1(min(value, 700.0))
    if test.kind == MetricKind.COUNT:
        intended = variants[b].weight / (variants[a].weight + variants[b].weight)
        return lambda value: _odds(value, intended)
    base = _rate(counts, a)
    if test.kind == MetricKind.PER_POST or not base:
        return lambda value: None
    return lambda value: None if value is None else value / base


def _rate(counts: Any, place: int) -> float | None:
    if not counts or place >= len(counts) or not counts[place][1]:
        return None
    return float(counts[place][0] / counts[place][1])


def _odds(value: float | None, intended: float) -> float | None:
    """b's share of both above the intended one → how much more than a it gets."""
    if value is None:
        return None
    share = intended + value
    if share >= 1:
        return None
    return max(share, 0.0) / (1 - share) * (1 - intended) / intended - 1


def detectable(
    test: ABTest, variants: Sequence[ABTestVariant], pairs: Sequence[Mapping[str, Any]], counts: Any
) -> float | None:
    """The smallest lift over the control that data like this finds with the power planned.

    half · (1 + z_power / z_error): an interval reaches z_error standard errors from its middle.
    Normal, so a little low for few slots. The largest of those of all variants.
    """
    places = {one.name: at for at, one in enumerate(variants)}
    normal = NormalDist()
    reach = 1 + normal.inv_cdf(test.power) / normal.inv_cdf(1 - _error(test) / 2)
    found = []
    for pair in pairs:
        low, high = pair.get("low"), pair.get("high")
        if low is None or high is None or places.get(pair["a"]) != 0:
            continue
        scale = _scale(test, variants, 0, places[pair["b"]], counts)
        found.append(scale((high - low) / 2 * reach))
    known = [one for one in found if one is not None]
    return max(known) if known and len(known) == len(found) else None


def _error(test: ABTest) -> float:
    """Of the test at the end, for one comparison."""
    alpha = 1 - test.confidence
    if test.design == Design.PAIRED:
        return alpha / len({*test.paired_looks, test.planned_size})
    # As experiments.statistics.planning.FINAL_SHARE, which would bring numpy along.
    return 0.8 * alpha


# -- intervals around the control ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A variant on the plot, in percent of its width; without ends nothing is drawn."""

    effect: Effect
    dot: float | None
    start: float | None
    width: float | None
    clipped: bool
    # The interval leaves the control out.
    clear: bool
    words: str


@dataclass(frozen=True, slots=True)
class Plot:
    rows: list[Row]
    control: str
    zero: float
    ticks: list[tuple[float, str]]


def plot(control: str, found: Sequence[Effect]) -> Plot | None:
    """Those compared with the control; None where nothing is known yet."""
    mine = [one for one in found if one.against == control and one.effect is not None]
    if not mine:
        return None
    reach = [value for one in mine for value in (one.effect, one.low, one.high) if value]
    # Half as wide again as the effects: an interval without an end in sight is cut off.
    most = max((abs(one.effect or 0.0) for one in mine), default=0.0)
    limit = max(0.1, min(max(map(abs, reach), default=0.1) * 1.08, max(4 * most, 1.0)))
    low = max(-limit, -1.0)
    place = _places(low, limit)
    rows = [_row(one, low, limit, place) for one in mine]
    return Plot(
        rows,
        control,
        place(0.0),
        [(place(t), percents(t) if t else "0") for t in _ticks(low, limit)],
    )


def _places(low: float, high: float) -> Callable[[float], float]:
    return lambda value: round(100 * (value - low) / (high - low), 2)


def _row(one: Effect, low: float, high: float, place: Callable[[float], float]) -> Row:
    def cut(value: float) -> float:
        return min(max(value, low), high)

    dot = place(cut(one.effect)) if one.effect is not None else None
    if one.low is None or one.high is None:
        return Row(one, dot, None, None, False, False, percents(one.effect))
    start, end = place(cut(one.low)), place(cut(one.high))
    clipped = one.low < low or one.high > high
    clear = one.low > 0 or one.high < 0
    words = f"{percents(one.effect)} ({percents(one.low)} … {percents(one.high)})"
    return Row(one, dot, start, max(round(end - start, 2), 0.4), clipped, clear, words)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers, at most seven."""
    step = 10 ** math.floor(math.log10(high - low))
    while (high - low) / step < 3:
        step /= 2
    while (high - low) / step > 6:
        step *= 2
    first, last = math.ceil(low / step), math.floor(high / step)
    return [n * step for n in range(first, last + 1)]


# -- evidence over time -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Point:
    at: datetime
    log10_p: float
    bound: float | None

    @property
    def p(self) -> str:
        return p_words(self.log10_p)

    @property
    def line(self) -> str:
        return p_words(self.bound)


@dataclass(frozen=True, slots=True)
class Line:
    """The always-valid p on a log scale; it decides when it falls to the line."""

    points: list[Point]
    curve: str
    bound: float | None
    bound_words: str
    marks: list[tuple[float, str]]
    start: datetime
    end: datetime
    width: int = WIDTH
    height: int = HEIGHT


def line(test: ABTest) -> Line | None:
    """From the looks that could compare; None for fewer than two."""
    rows = ABTestLook.objects.filter(test=test, log10_p__isnull=False).order_by("number")
    points = [Point(*row) for row in rows.values_list("at", "log10_p", "log10_bound")]
    if len(points) < 2:
        return None
    bounds = [one.bound for one in points if one.bound is not None]
    bound = bounds[-1] if bounds else None
    deepest = min(*(one.log10_p for one in points), bound or 0.0, -1.0) * 1.1
    start = test.starts_at or points[0].at
    end = max(points[-1].at, test.extended_to or test.ends_at or points[-1].at)
    if test.decided_at is not None:
        end = points[-1].at
    span = max((end - start).total_seconds(), 1.0)

    def y(value: float) -> float:
        return round(HEIGHT * value / deepest, 1)

    shown = points[:: max(1, len(points) // MOST_POINTS)]
    if shown[-1] is not points[-1]:
        shown.append(points[-1])
    curve = " ".join(
        f"{WIDTH * (one.at - start).total_seconds() / span:.1f},{y(one.log10_p)}" for one in shown
    )
    marks = [(round(100 * n / deepest, 2), p_words(n)) for n in _marks(deepest)]
    return Line(
        points=points,
        curve=curve,
        bound=None if bound is None else y(bound),
        bound_words=p_words(bound),
        marks=marks,
        start=start,
        end=end,
    )


def _marks(deepest: float) -> list[int]:
    step = max(1, math.ceil(-deepest / 5))
    return list(range(0, math.ceil(deepest) - 1, -step))


def p_words(log10_p: float | None) -> str:
    """-2 → "0.01", -12 → "10⁻¹²"."""
    if log10_p is None:
        return "–"
    if log10_p >= -4:
        shown = float(f"{10**log10_p:.2g}")
        return str(formats.number_format(int(shown) if shown == 1 else shown))
    digits = str(round(log10_p)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{digits}"


def by_day(points: Sequence[Point]) -> list[Point]:
    """The last look of each day, newest first: what the table shows."""
    days = {timezone.localtime(one.at).date(): one for one in points}
    return list(reversed(days.values()))


def p_of(value: float | None) -> str:
    """A p in words of its size."""
    if value is None:
        return "–"
    return p_words(math.log10(value)) if value > 0 else _("below 10⁻³⁰⁰")
