"""Everything a test has shown: the calculator's figures of its counts, and its own verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from experiments import wording
from experiments.models import (
    ABTest,
    ABTestLook,
    ABTestState,
    ABTestVariant,
    Design,
    MetricKind,
)
from experiments.services import counting

Answer = dict[str, Any]
LOOK_FIELDS = (
    "number",
    "at",
    "synced_at",
    "counts",
    "blocks_done",
    "phi",
    "log10_p",
    "log10_bound",
    "log10_mismatch",
    "conditional_power",
    "state",
    "reason",
)


def results(test: ABTest, now: datetime) -> Answer:
    """The answer of `calculate`, with state, looks and schedule.

    `p_raw` and `p_holm` are of these counts looked at once; status, winner, `p_sequential` and the
    intervals are the test's own, which hold however often one looks.
    """
    from experiments.statistics.calculate import calculate, finite
    from experiments.statistics.counts import InvalidCounts

    variants = counting.variants_of(test)
    looks = list(test.looks.select_related("leader").order_by("number"))
    until = min(now, test.decided_at) if test.decided_at else now
    try:
        answer = calculate(_question(test, variants, looks, until))
    except InvalidCounts:
        # A draft that has no variants to compare yet.
        answer = dict.fromkeys(("omnibus", "srm", "phi", "paired", "cmh"))
        answer |= {"pairs": [], "variants": [], "claim_code": "", "causal": None}
    answer["pairs"] = _own_pairs(test, answer["pairs"], variants, looks)
    claim = wording.claim(answer["claim_code"]) if answer["claim_code"] else ""
    return finite(
        {
            **answer,
            **_state(test, looks),
            "claim": claim,
            "phi": looks[-1].phi if looks else answer["phi"],
            "looks": [_look(look) for look in _telling(test, looks)],
            "schedule": _schedule(test),
        }
    )


# -- the question -----------------------------------------------------------------------------


def _question(
    test: ABTest, variants: Sequence[ABTestVariant], looks: Sequence[ABTestLook], until: datetime
) -> Answer:
    blocks = counting.blocks_of(test, until) if test.design == Design.PAIRED else ()
    counts = _counts(test, looks, len(variants))
    question: Answer = {
        "kind": test.kind,
        "design": test.design,
        "confidence": test.confidence,
        "tuning_total_n": 2 * test.planned_size if test.planned_size else None,
        "variants": [
            {
                "name": one.name,
                "engagements": count[0],
                "impressions": count[1] or 0,
                "weight": float(one.weight) if test.design == Design.SPLIT else 1.0,
            }
            for one, count in zip(variants, counts, strict=True)
        ],
    }
    if test.kind == MetricKind.PER_POST:
        values = list(zip(*(block.values for block in blocks), strict=True))
        values = values or list(counting.values_of(test, until)) or [()] * len(variants)
        for one, own in zip(question["variants"], values, strict=True):
            one["values"] = list(own)
    elif blocks:
        question["blocks"] = [_cells(block.counts) for block in blocks]
    else:
        question["looks"] = [_cells(look.counts) for look in looks]
    return question


def _cells(counts: Any) -> list[list[int]]:
    """Where impressions are not known there are none."""
    return [[engagements, impressions or 0] for engagements, impressions in counts]


def _counts(test: ABTest, looks: Sequence[ABTestLook], variants: int) -> list[Any]:
    """Those the decision rests on, else of the last look that is not behind its impressions."""
    decided = (test.evidence or {}).get("counts")
    if decided and all(_fits(test.kind, *count) for count in decided):
        return list(decided)
    for look in reversed(looks):
        if all(_fits(test.kind, *count) for count in look.counts):
            return list(look.counts)
    return [[0, 0]] * variants


def _fits(kind: str, engagements: int, impressions: int | None) -> bool:
    if kind == MetricKind.PROPORTION:
        return engagements <= (impressions or 0)
    return kind != MetricKind.RATE or bool(impressions) or not engagements


# -- the test's own verdict -------------------------------------------------------------------


def _state(test: ABTest, looks: Sequence[ABTestLook]) -> Answer:
    if test.state == ABTestState.DECIDED:
        status = test.outcome
    else:
        status = looks[-1].state if looks else "insufficient_data"
    return {
        "status": status,
        "winner": test.winner.name if test.winner else None,
        "state": test.state,
        "outcome": test.outcome or None,
        "reason": (test.reason or (looks[-1].reason if looks else "")) or None,
        "started_at": test.started_at,
        "ends_at": test.ends_at,
        "extended_to": test.extended_to,
        "evaluated_at": test.evaluated_at,
        "decided_at": test.decided_at,
        "planned_size": test.planned_size,
        "evidence": test.evidence or None,
    }


def _own_pairs(
    test: ABTest,
    pairs: list[Answer],
    variants: Sequence[ABTestVariant],
    looks: Sequence[ABTestLook],
) -> list[Answer]:
    """The pairs with the intervals of the test that decides, and its p under `judged`."""
    if not looks:
        return pairs
    judged = test.evidence.get("pairs") if test.state == ABTestState.DECIDED else looks[-1].pairs
    own = {(one["a"], one["b"]): one for one in judged or []}
    seen = {(one["a"], one["b"]): one for one in _sequential(looks)}
    rates = {one.name: rate for one, rate in zip(variants, _rates(test, looks), strict=True)}
    found = []
    for pair in pairs:
        key = pair["a"], pair["b"]
        one, sequential = own.get(key), seen.get(key)
        ends = _ends(one)
        found.append(
            {
                **pair,
                "p_sequential": sequential["p"] if sequential else pair["p_sequential"],
                "ci": None if test.kind == MetricKind.COUNT else ends,
                "lift_ci": _lift_ends(test, ends, rates[pair["a"]]),
                "judged": one,
            }
        )
    return found


def _sequential(looks: Sequence[ABTestLook]) -> list[Answer]:
    """Pairs of the last look under the always-valid test; the planned end has an ordinary one."""
    return next((look.pairs for look in reversed(looks) if look.reason != "planned_end"), [])


def _ends(pair: Answer | None) -> list[float] | None:
    if pair is None or pair["low"] is None or pair["high"] is None:
        return None
    return [pair["low"], pair["high"]]


def _rates(test: ABTest, looks: Sequence[ABTestLook]) -> list[float | None]:
    counts = _counts(test, looks, len(looks[-1].counts))
    return [count[0] / count[1] if count[1] else None for count in counts]


def _lift_ends(test: ABTest, ends: list[float] | None, base: float | None) -> list[float] | None:
    """The same interval as a relative effect, where the scale allows it."""
    if ends is None or test.kind == MetricKind.PER_POST:
        return None
    if test.design == Design.PAIRED:
        return [math.expm1(min(end, 700.0)) for end in ends]
    if test.kind == MetricKind.COUNT:
        # b's share of both above a half.
        return [_odds(end) for end in ends]
    return [end / base for end in ends] if base else None


def _odds(above: float) -> float:
    share = min(max(0.5 + above, 0.0), 1.0)
    return math.inf if share == 1 else share / (1 - share) - 1


# -- looks and schedule -----------------------------------------------------------------------


def _telling(test: ABTest, looks: Sequence[ABTestLook]) -> list[ABTestLook]:
    """All; of a paired test, which takes months, those that saw another slot finished."""
    if test.design != Design.PAIRED:
        return list(looks)
    firsts = {look.blocks_done: look for look in reversed(looks)}
    return sorted({*firsts.values(), *looks[-1:]}, key=lambda look: look.number)


def _look(look: ABTestLook) -> Answer:
    return {
        **{name: getattr(look, name) for name in LOOK_FIELDS},
        "leader": look.leader.name if look.leader else None,
    }


def _schedule(test: ABTest) -> list[Answer]:
    rows = test.publications.select_related("variant", "publication").order_by(
        "due_at", "block", "order"
    )
    return [
        {
            "publication": row.publication_id,
            "account": row.account_id,
            "variant": row.variant.name,
            "block": row.block,
            "order": row.order,
            "due_at": row.due_at,
            "status": row.publication.status if row.publication else None,
            "published_at": row.publication.published_at if row.publication else None,
            "counted_at": row.counted_at,
            "engagements": row.engagements,
            "impressions": row.impressions,
            "value": None if row.value is None else float(row.value),
        }
        for row in rows
    ]
