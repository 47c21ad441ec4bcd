"""A pair of variants by the test that fits kind and design: p, difference, lift, intervals."""

from __future__ import annotations

import math

import numpy as np

from experiments.statistics import fixed, intervals, mantel, paired, per_post, rates
from experiments.statistics.counts import Variant
from experiments.statistics.intervals import Interval
from experiments.statistics.pasted import Pasted


def p_value(asked: Pasted, a: int, b: int, phi: float) -> float:
    """Of the test that fits kind and design."""
    if asked.design == "paired_slots" and asked.blocks:
        return compare_paired(asked, a, b).p
    if asked.design == "cmh" and asked.blocks and asked.kind in ("proportion", "rate"):
        return stratified(asked, a, b, phi).p
    if asked.kind == "per_post":
        return per_post.welch(asked.values[a], asked.values[b]).test.p
    control, one = (exposed(asked)[at] for at in (a, b))
    if asked.kind == "count":
        first, second = (math.floor(x.engagements / phi) for x in (control, one))
        share = control.weight / (control.weight + one.weight)
        return fixed.binomial(first, first + second, share) if first + second else 1.0
    if asked.kind == "rate":
        return rates.pair(control, one, phi=phi).p
    return fixed.pair(control, one, yates=asked.yates, phi=phi).p


Effect = tuple[float | None, Interval | None, float | None, Interval | None]


def effect(asked: Pasted, a: int, b: int, confidence: float, phi: float) -> Effect:
    """(difference, its interval, relative lift, its interval)."""
    if asked.design == "paired_slots" and asked.blocks:
        found = compare_paired(asked, a, b, confidence)
        return found.mean, found.ci, found.lift, found.lift_ci
    if asked.kind == "per_post":
        welch = per_post.welch(asked.values[a], asked.values[b], confidence)
        base = mean(asked, a)
        lift = welch.difference / base if base and welch.difference is not None else None
        return welch.difference, welch.ci, lift, None
    control, one = (exposed(asked)[at] for at in (a, b))
    if asked.kind == "count":
        # More reactions may be said, how much higher a rate may not: the ratio, no difference.
        ratio = rates.ratio_lift(control, one, confidence, phi)
        return None, None, intervals.lift(control, one), ratio
    rate0, rate1 = control.rate, one.rate
    diff = rate1 - rate0 if rate0 is not None and rate1 is not None else None
    if asked.kind == "rate":
        ci = rates.difference(control, one, confidence, phi)
        lift_ci = rates.ratio_lift(control, one, confidence, phi)
    else:
        ci = intervals.newcombe(control, one, confidence, phi)
        lift_ci = intervals.katz(control, one, confidence, phi)
    return diff, ci, intervals.lift(control, one), lift_ci


def mean(asked: Pasted, at: int) -> float | None:
    return float(np.mean(asked.values[at])) if asked.values[at] else None


def exposed(asked: Pasted) -> list[Variant]:
    """Without impressions the intended shares stand for them: counts are compared as such."""
    if asked.kind != "count":
        return list(asked.variants)
    # Shares as whole numbers that are right to a millionth.
    return [
        Variant(one.name, one.engagements, max(1, round(share * 1_000_000)), one.weight)
        for one, share in zip(asked.variants, asked.shares, strict=True)
    ]


def compare_paired(asked: Pasted, a: int, b: int, confidence: float = 0.0) -> paired.Paired:
    slots = [(row[a], row[b]) for row in asked.blocks]
    level = confidence or asked.confidence
    if asked.kind == "count":
        # Exposure is taken as equal and drops out.
        return paired.of_differences([paired.log_ratio(*slot) for slot in slots], level)
    return paired.compare(slots, level)


def stratified(asked: Pasted, a: int, b: int, phi: float) -> mantel.Stratified:
    strata = [(row[a], row[b]) for row in asked.blocks]
    return mantel.compare(strata, asked.kind, asked.confidence, phi)
