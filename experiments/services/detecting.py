"""What a test that found nothing could have found with what it has seen."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.models import ABTest, Design, MetricKind
from experiments.services import planner
from experiments.services.counting import Counted


def detectable(test: ABTest, counted: Counted, phi: float) -> float | None:
    """The smallest effect, relative to the control; None where too little was seen to say."""
    if test.kind == MetricKind.PER_POST:
        return None
    if test.design == Design.PAIRED:
        return _of_blocks(test, counted)
    return _of_counts(test, counted, phi)


def _of_counts(test: ABTest, counted: Counted, phi: float) -> float | None:
    from experiments.statistics import planning

    engaged = [x for x, _n in counted.counts]
    shown = [n or 0 for _x, n in counted.counts]
    if test.kind == MetricKind.COUNT:
        # Of numbers without impressions only their ratio matters: see planner.
        baseline, units = 1.0, float(min(engaged))
    else:
        baseline = engaged[0] / shown[0] if shown[0] else 0.0
        units = float(min(shown))
    if not 0 < baseline < (1 if test.kind == MetricKind.PROPORTION else float("inf")):
        return None
    question = planning.Question(
        baseline=baseline,
        confidence=test.confidence,
        power=test.power,
        variants=len(counted.counts),
        phi=phi,
        method="fixed" if test.ends_at is None else "hybrid",
        kind="proportion" if test.kind == MetricKind.PROPORTION else "rate",
    )
    return planning.achievable_mde(question, units)


def _of_blocks(test: ABTest, counted: Counted) -> float | None:
    """By the largest spread among the control's comparisons."""
    from experiments.statistics import blocks, paired
    from experiments.statistics.counts import Variant

    rows = [[Variant("", x, n or 0) for x, n in one.counts] for one in counted.blocks]
    variants = len(counted.counts)
    spreads: Sequence[float | None] = [
        paired.of_differences([paired.log_ratio(row[0], row[b]) for row in rows]).sd
        for b in range(1, variants)
    ]
    found = blocks.distance(len(rows), variants, test.confidence, test.power, planner.looks_of)
    if found is None or not all(spreads):
        return None
    return math.expm1(min(found * max(one for one in spreads if one), 20.0))
