"""Slot by slot: what each matched slot showed, and the mean so far."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from experiments.models import ABTest, ABTestPublication, ABTestVariant, Design, MetricKind
from experiments.verdicts import percents

WIDTH, HEIGHT = 600, 160
# Two slots make no line.
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Slot:
    """A finished slot: how much more than the control there, and on the mean until then."""

    number: int
    at: datetime
    own: str
    mean: str


@dataclass(frozen=True, slots=True)
class Course:
    """A variant against the control, slot after slot, on a log scale in units of the drawing."""

    name: str
    control: str
    slots: list[Slot]
    dots: list[tuple[float, float]]
    curve: str
    zero: float
    marks: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT


def courses(
    test: ABTest, variants: Sequence[ABTestVariant], rows: Iterable[ABTestPublication]
) -> list[Course]:
    """One per variant but the control; [] where nothing is paired or too little is counted."""
    if test.design != Design.PAIRED or test.kind == MetricKind.PER_POST:
        return []
    blocks: dict[tuple[int, int], dict[int, ABTestPublication]] = defaultdict(dict)
    for row in rows:
        if row.counted_at is not None and row.engagements is not None:
            blocks[row.block, row.account_id][row.variant_id] = row
    done = sorted(
        (block for block in blocks.values() if len(block) == len(variants)),
        key=lambda block: max(row.counted_at for row in block.values() if row.counted_at),
    )
    if len(done) < FEWEST:
        return []
    control = variants[0]
    return [_course(one, control, done) for one in variants[1:]]


def _course(
    variant: ABTestVariant, control: ABTestVariant, done: Sequence[dict[int, ABTestPublication]]
) -> Course:
    gaps = [_log_rate(block[variant.pk]) - _log_rate(block[control.pk]) for block in done]
    means = [sum(gaps[:n]) / n for n in range(1, len(gaps) + 1)]
    most = max(0.1, *map(abs, gaps)) * 1.1
    step = WIDTH / len(gaps)

    def place(n: int, gap: float) -> tuple[float, float]:
        return round((n + 0.5) * step, 1), round(HEIGHT * (1 - gap / most) / 2, 1)

    slots = [
        Slot(
            number=block[control.pk].block + 1,
            at=max(row.counted_at for row in block.values() if row.counted_at),
            own=percents(math.expm1(gap)),
            mean=percents(math.expm1(mean)),
        )
        for block, gap, mean in zip(done, gaps, means, strict=True)
    ]
    curve = " ".join("{},{}".format(*place(n, mean)) for n, mean in enumerate(means))
    marks = [(100 * (1 - sign) / 2, percents(math.expm1(sign * most))) for sign in (0.9, -0.9)]
    dots = [place(n, gap) for n, gap in enumerate(gaps)]
    return Course(variant.name, control.name, slots, dots, curve, HEIGHT / 2, [*marks, (50, "0")])


def _log_rate(row: ABTestPublication) -> float:
    """As experiments.statistics.paired.log_rate, which would bring numpy along."""
    return math.log(((row.engagements or 0) + 0.5) / ((row.impressions or 0) + 1))
