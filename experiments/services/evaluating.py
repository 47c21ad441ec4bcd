"""Looking at running tests: count, judge the whole history, keep the look, decide once.

Several evaluators may work at once: the counting and the statistics hold no lock, the look is
written under the lock of the test's row, and one that finds a newer look than it read leaves
that one standing.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from experiments.models import ABTest, ABTestLook, ABTestState, ABTestVariant
from experiments.services import counting, detecting, exposures, following, notices, watching
from experiments.services.counting import Counted
from socialhub.services import history as record

if TYPE_CHECKING:
    from experiments.statistics.outcome import Verdict

log = logging.getLogger(__name__)

# Less than the task may take (900 s).
RUN_SECONDS = 800


def evaluate_all(now: datetime) -> dict[str, int]:
    """Look at every running test, those that waited longest first.

    Counts of tests: "looked", "decided", "broken", "failed". After RUN_SECONDS the rest is left to
    the next run.
    """
    following.follow(now)
    totals: Counter[str] = Counter()
    running = ABTest.objects.filter(state=ABTestState.RUNNING)
    started = time.monotonic()
    for test in running.order_by(F("evaluated_at").asc(nulls_first=True), "pk"):
        if time.monotonic() - started > RUN_SECONDS:
            log.warning("there are more running tests than one run can look at")
            break
        try:
            look = evaluate(test, now)
        except Exception:  # the other tests still have a turn
            totals["failed"] += 1
            log.exception("test %s could not be evaluated", test.pk)
            continue
        if look is not None:
            totals["looked"] += 1
            totals["decided"] += test.state == ABTestState.DECIDED
            totals["broken"] += test.broken_at is not None
    exposures.forget(now)
    return {name: totals[name] for name in ("looked", "decided", "broken", "failed")}


def evaluate(test: ABTest, now: datetime) -> ABTestLook | None:
    """One look at a running test, which may decide it; None when it is not running.

    A look that is not older than `now` is returned as it is: nobody looks back in time.
    """
    test.refresh_from_db()
    if test.state != ABTestState.RUNNING:
        return None
    newest = _newest(test)
    if newest is not None and newest.at >= now:
        return newest
    watching.sweep(test, now)
    counting.freeze(test, now)
    counted = counting.count(test, now)
    verdict = _judge(test, now, counted)
    look = _kept(test, now, counted, verdict, newest)
    test.refresh_from_db()
    return look


def _newest(test: ABTest) -> ABTestLook | None:
    return test.looks.order_by("-number").first()


def _judge(test: ABTest, now: datetime, counted: Counted) -> Verdict:
    from experiments.statistics.verdict import evaluate as judge

    return judge(counting.history_of(test, now, counted), counting.plan_of(test), now)


@transaction.atomic
def _kept(
    test: ABTest, now: datetime, counted: Counted, verdict: Verdict, before: ABTestLook | None
) -> ABTestLook | None:
    """Store the look and, once, the decision. Another evaluator's newer look wins."""
    if verdict.decided:
        watching.lock_waiting(test)
    locked = ABTest.objects.select_for_update().get(pk=test.pk)
    newest = _newest(locked)
    if newest is not None and (before is None or newest.number > before.number):
        return newest
    if locked.state != ABTestState.RUNNING:
        return None
    if (locked.stopped_at, locked.broken_at) != (test.stopped_at, test.broken_at):
        # It was stopped or broken while we counted: that comes first.
        verdict = _judge(locked, now, counted)
    variants = {variant.name: variant for variant in counting.variants_of(test)}
    look = ABTestLook.objects.create(
        test=locked,
        number=newest.number + 1 if newest else 1,
        at=now,
        synced_at=counted.synced_at,
        counts=[list(count) for count in counted.counts],
        blocks_done=len(counted.blocks),
        phi=verdict.phi,
        log10_p=verdict.log10_p,
        log10_bound=verdict.log10_bound,
        log10_mismatch=verdict.log10_mismatch,
        conditional_power=verdict.conditional_power,
        pairs=[_pair(pair) for pair in verdict.pairs],
        leader=variants.get(verdict.leader or ""),
        state=verdict.state,
        reason=verdict.reason,
    )
    ABTest.objects.filter(pk=locked.pk).update(evaluated_at=now)
    if verdict.decided:
        _decide(locked, look, verdict, variants, counted)
    return look


def _pair(pair: Any) -> dict[str, Any]:
    """A comparison as JSON: a and b are names, b is ahead where `difference` is above 0."""
    return asdict(pair)


def _decide(
    test: ABTest,
    look: ABTestLook,
    verdict: Verdict,
    variants: dict[str, ABTestVariant],
    counted: Counted,
) -> None:
    """The end of the test, written once with its evidence."""
    changed = ABTest.objects.filter(pk=test.pk, state=ABTestState.RUNNING).update(
        state=ABTestState.DECIDED,
        outcome=verdict.state,
        reason=verdict.reason,
        winner=variants[verdict.winner] if verdict.winner else None,
        decided_at=verdict.decided_at or look.at,
        evidence=_evidence(test, look, verdict, counted),
    )
    if not changed:
        return
    test.refresh_from_db()
    watching.call_off(test)
    record.record(test, None, "decided")
    notices.decided(test)


def _evidence(test: ABTest, look: ABTestLook, verdict: Verdict, counted: Counted) -> dict[str, Any]:
    """What the decision rests on; `look` is the index of the deciding look, or blocks.

    `detectable`: of a test that found nothing, the smallest effect it could have found.
    """
    nothing = verdict.state == "inconclusive"
    return {
        "detectable": detecting.detectable(test, counted, verdict.phi) if nothing else None,
        "state": verdict.state,
        "reason": verdict.reason,
        "winner": verdict.winner,
        "leader": verdict.leader,
        "claim_code": verdict.claim.code,
        "causal": verdict.claim.causal,
        "look": verdict.look,
        "number": look.number,
        "counts": [list(count) for count in verdict.counts],
        "blocks_done": look.blocks_done,
        "phi": verdict.phi,
        "pairs": [_pair(pair) for pair in verdict.pairs],
        "log10_p": verdict.log10_p,
        "log10_bound": verdict.log10_bound,
        "log10_mismatch": verdict.log10_mismatch,
        "confidence": test.confidence,
        "planned_size": test.planned_size,
        "kind": test.kind,
    }
