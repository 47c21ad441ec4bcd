"""Every figure of a test from its counts, as plain numbers: the calculator and the test page.

Index 0 of the variants is the control. In each pair `b` is compared with `a`, which stands nearer
to the control; `diff` and `lift` above 0 mean that b is ahead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import numpy as np

from experiments.statistics import (
    bayes,
    dispersion,
    effects,
    fixed,
    holm,
    intervals,
    mismatch,
    paired,
    per_post,
    rates,
    sequential,
)
from experiments.statistics.claims import claim
from experiments.statistics.intervals import Interval
from experiments.statistics.outcome import Verdict
from experiments.statistics.pasted import Pasted, Rows, read
from experiments.statistics.plans import Array, History, Plan
from experiments.statistics.replay import LEAST_EACH, LEAST_IMPRESSIONS, Replay, replay
from experiments.statistics.verdict import errors_of, evaluate

Answer = dict[str, Any]
# Looks without times are put into one week that starts when a test is old enough.
FIRST, WEEK = datetime(2026, 1, 5, tzinfo=UTC), timedelta(days=7)


def calculate(question: Mapping[str, Any]) -> Answer:
    """The whole answer. InvalidCounts where the counts cannot be.

    Without `looks` the counts are judged once, at the full error. With them the hybrid goes
    through all of them; its planned end is look number `planned_looks`, without which every look
    shares the error and there is no final test.
    """
    asked = read(question)
    phi = _phi(asked)
    course, verdict = _followed(asked, phi)
    pairs = _pairs(asked, phi or 1.0, course)
    said = claim(asked.design, asked.kind)
    status, winner = _status(asked, pairs, verdict)
    return {
        "status": status,
        "winner": winner,
        "claim": said.sentence,
        "claim_code": said.code,
        "causal": said.causal,
        "omnibus": _omnibus(asked, phi or 1.0),
        "pairs": pairs,
        "variants": _variants(asked, phi or 1.0),
        "srm": _mismatch(asked, course),
        "phi": phi,
        "paired": _by_pair(asked, _paired),
        "cmh": _by_pair(asked, lambda asked, a, b: _cmh(asked, a, b, phi or 1.0)),
        "looks": _looks(asked, course),
    }


# -- dispersion, the split, the variants ----------------------------------------------------


def _phi(asked: Pasted) -> float | None:
    """From hourly increments, else from enough looks; None where it is not known."""
    if len(asked.hourly) >= dispersion.FEWEST_INCREMENTS:
        return dispersion.estimate(*_arrays(asked.hourly), asked.kind)
    if len(asked.looks) >= dispersion.FEWEST_INCREMENTS:
        return float(dispersion.running(*_arrays(asked.looks), asked.kind)[0][-1])
    return None


def _arrays(rows: Rows) -> tuple[Array, Array]:
    counts = [[(one.engagements, one.impressions) for one in row] for row in rows]
    table = np.asarray(counts, dtype=np.float64).reshape(len(rows), -1, 2)
    return table[..., 0], table[..., 1]


def _mismatch(asked: Pasted, course: Replay | None) -> Answer | None:
    """`p_sequential` may be looked at as often as one likes. Only a split can be broken by it."""
    if asked.kind in ("count", "per_post"):
        return None
    impressions = np.array([one.impressions for one in asked.variants], dtype=np.float64)
    log_p = float(mismatch.log_p(impressions, asked.shares))
    if course is not None:
        log_p = min(log_p, float(course.mismatch_log_p.min()))
    return {
        **asdict(mismatch.fixed(impressions, asked.shares)),
        "p_sequential": math.exp(log_p),
        "enforced": asked.design == "split",
    }


def _variants(asked: Pasted, phi: float) -> list[Answer]:
    counted = asked.kind in ("proportion", "rate")
    beliefs = bayes.panel(asked.variants, asked.kind, asked.prior, phi) if counted else None
    return [
        {
            "name": one.name,
            "engagements": one.engagements,
            "impressions": None if asked.kind == "count" else one.impressions,
            "rate": effects.mean(asked, at) if asked.kind == "per_post" else one.rate,
            "wilson": _ends(_own_interval(asked, at, phi)),
            "p_best": beliefs[at].p_best if beliefs else None,
            "expected_loss": beliefs[at].expected_loss if beliefs else None,
        }
        for at, one in enumerate(asked.variants)
    ]


def _own_interval(asked: Pasted, at: int, phi: float) -> Interval | None:
    if asked.kind == "per_post":
        return per_post.mean_interval(asked.values[at], asked.confidence)
    if asked.kind == "count":
        return None
    interval = intervals.wilson if asked.kind == "proportion" else rates.score
    return interval(asked.variants[at], asked.confidence, phi)


def _omnibus(asked: Pasted, phi: float) -> Answer:
    if asked.kind == "per_post":
        enough = min(map(len, asked.values)) >= per_post.FEWEST_POSTS
        return asdict(per_post.omnibus(asked.values) if enough else fixed.NO_TEST)
    if asked.kind == "proportion":
        return asdict(fixed.omnibus(asked.variants, yates=asked.yates, phi=phi))
    return asdict(rates.omnibus(effects.exposed(asked), phi=phi))


# -- pairs ----------------------------------------------------------------------------------


def _pairs(asked: Pasted, phi: float, course: Replay | None) -> list[Answer]:
    numbers = list(combinations(range(len(asked.variants)), 2))
    raw = [effects.p_value(asked, a, b, phi) for a, b in numbers]
    adjusted, levels = holm.adjust(raw), holm.levels(raw, asked.alpha)
    found = []
    for at, (a, b) in enumerate(numbers):
        rejected = adjusted[at] < asked.alpha
        diff, ci, lift, lift_ci = effects.effect(asked, a, b, 1 - levels[at], phi)
        found.append(
            {
                "a": asked.variants[a].name,
                "b": asked.variants[b].name,
                "p_raw": raw[at],
                "p_holm": adjusted[at],
                "diff": diff,
                # At the level Holm held the pair against; left out where it says the opposite.
                "ci": _ends(intervals.consistent(ci, rejected)),
                "lift": lift,
                "lift_ci": _ends(intervals.consistent(lift_ci, rejected)),
                "p_sequential": _p_sequential(asked, a, b, phi, course),
            }
        )
    return found


def _p_sequential(asked: Pasted, a: int, b: int, phi: float, course: Replay | None) -> float | None:
    """The smallest always-valid p of all looks; of the counts alone where there are none."""
    if asked.kind == "per_post" or asked.design == "paired_slots":
        return None
    if course is None:
        history = _history(asked, [asked.variants], phi)
        course = replay(history, _plan(asked, 1), sequential.LOOKS_SHARE * asked.alpha)
        return math.exp(float(course.single_log_p[-1, a, b]))
    return math.exp(float(min(course.log_p[-1, a, b], course.log_p[-1, b, a])))


# -- blocks ---------------------------------------------------------------------------------


def _by_pair(asked: Pasted, of: Callable[[Pasted, int, int], Answer]) -> Answer | None:
    """Index 1 against the control, and below `pairs` every pair; None without blocks."""
    if not asked.blocks or asked.kind == "per_post":
        return None
    pairs = [
        {"a": asked.variants[a].name, "b": asked.variants[b].name, **of(asked, a, b)}
        for a, b in combinations(range(len(asked.variants)), 2)
    ]
    return {**pairs[0], "pairs": pairs}


def _paired(asked: Pasted, a: int, b: int) -> Answer:
    return _plain(asdict(effects.compare_paired(asked, a, b)))


def _cmh(asked: Pasted, a: int, b: int, phi: float) -> Answer:
    if asked.kind == "count":
        return {}
    return _plain(asdict(effects.stratified(asked, a, b, phi)))


# -- looks ----------------------------------------------------------------------------------


def _followed(asked: Pasted, phi: float | None) -> tuple[Replay | None, Verdict | None]:
    """All looks and the hybrid's verdict on them."""
    if not asked.looks or asked.kind == "per_post" or asked.design in ("paired_slots", "cmh"):
        return None, None
    history = _history(asked, asked.looks, _known(asked, phi))
    plan = _plan(asked, len(asked.looks))
    course = replay(history, plan, errors_of(plan).looks)
    return course, evaluate(history, plan, FIRST + 2 * WEEK)


def _known(asked: Pasted, phi: float | None) -> float | None:
    """Between hourly looks φ is measured at each of them; few looks are taken at φ = 1."""
    if len(asked.hourly) < dispersion.FEWEST_INCREMENTS <= len(asked.looks):
        return None
    return phi or 1.0


def _history(asked: Pasted, rows: Rows, phi: float | None) -> History:
    engagements, impressions = _arrays(rows)
    step = WEEK.total_seconds() / max(len(rows), asked.planned_looks or 0)
    at = FIRST.timestamp() + step * np.arange(1, len(rows) + 1, dtype=np.float64)
    return History(at, at, engagements, impressions, phi=phi)


def _plan(asked: Pasted, looks: int) -> Plan:
    """Looks come in the second week; the planned end is exactly at its look."""
    planned = asked.planned_looks
    step = WEEK / max(looks, planned or 0)
    counted = [
        one.engagements if asked.kind == "count" else one.impressions for one in asked.variants
    ]
    usual = 2 * sum(counted) / len(counted) * max(1.0, (planned or looks) / looks)
    return Plan(
        variants=tuple(one.name for one in asked.variants),
        planned=max(1, math.ceil((asked.tuning or usual) / 2)),
        starts_at=FIRST - WEEK,
        # Half a step early, so that rounding of times does not miss the look.
        ends_at=FIRST + step * (planned - 0.5) if planned else None,
        kind=asked.kind,
        design="split" if asked.design == "cmh" else asked.design,
        confidence=asked.confidence,
        weights=tuple(one.weight for one in asked.variants),
    )


def _looks(asked: Pasted, course: Replay | None) -> list[Answer]:
    if course is None:
        return []
    numbers = list(combinations(range(len(asked.variants)), 2))
    running = np.exp(np.minimum(course.log_p, course.log_p.transpose(0, 2, 1)))
    return [
        {
            "look": look + 1,
            "usable": bool(course.guards.usable[look]),
            "waits_for": course.guards.reason(look),
            "phi": float(course.phi[look]),
            "leader": asked.variants[int(course.leader[look])].name,
            "p_sequential": [float(running[look, a, b]) for a, b in numbers],
            "srm_p_sequential": math.exp(float(course.mismatch_log_p[: look + 1].min())),
        }
        for look in range(len(asked.looks))
    ]


# -- the verdict ----------------------------------------------------------------------------


def _status(
    asked: Pasted, pairs: Sequence[Answer], verdict: Verdict | None
) -> tuple[str, str | None]:
    if verdict is not None:
        return verdict.state, verdict.winner
    if asked.design == "split" and asked.kind in ("proportion", "rate"):
        impressions = np.array([one.impressions for one in asked.variants], dtype=np.float64)
        if mismatch.fixed(impressions, asked.shares).p < mismatch.LIMIT:
            return "invalid", None
    if _too_few(asked):
        return "insufficient_data", None
    leader = _leader(asked)
    mine = [pair["p_holm"] for pair in pairs if leader in (pair["a"], pair["b"])]
    return ("winner", leader) if max(mine) < asked.alpha else ("inconclusive", None)


def _too_few(asked: Pasted) -> bool:
    """The guards that need no times."""
    if asked.design in ("paired_slots", "cmh") and asked.kind != "per_post":
        return len(asked.blocks) < per_post.ENOUGH_POSTS
    if asked.kind == "per_post":
        return min(map(len, asked.values)) < per_post.ENOUGH_POSTS
    for one in asked.variants:
        if one.engagements < LEAST_EACH:
            return True
        if asked.kind != "count" and one.impressions < LEAST_IMPRESSIONS:
            return True
        if asked.kind == "proportion" and one.impressions - one.engagements < LEAST_EACH:
            return True
    return False


def _leader(asked: Pasted) -> str:
    if asked.kind == "per_post":
        level = [float(np.mean(own)) for own in asked.values]
    elif asked.design in ("paired_slots", "cmh"):
        logs = [[paired.log_rate(one) for one in row] for row in asked.blocks]
        level = np.mean(np.array(logs), axis=0).tolist()
    else:
        level = [one.engagements / one.impressions for one in effects.exposed(asked)]
    return asked.variants[int(np.argmax(level))].name


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _plain(found: Answer) -> Answer:
    """Intervals as lists."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in found.items()
    }


def finite(value: Any) -> Any:
    """JSON has no infinity, such as the lift over almost nothing: None, it cannot be said."""
    if isinstance(value, dict):
        return {name: finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
