"""The answer to "what has this test shown by now?", with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from experiments.statistics.claims import Claim, claim
from experiments.statistics.pairs import Comparison, Ranking
from experiments.statistics.plans import Broken, Plan
from experiments.statistics.replay import Wait

State = Literal[
    "insufficient_data",
    "running",
    "winner",
    "no_meaningful_difference",
    "inconclusive",
    "invalid",
    "stopped",
]
Reason = Literal[
    Wait,
    Broken,
    "between_looks",
    "sequential",
    "equivalence",
    "planned_end",
    "extended_end",
    "too_few_posts",
    "mismatch",
    "stopped",
]
DECIDED = ("winner", "no_meaningful_difference", "inconclusive", "invalid", "stopped")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` says what decided, or what is waited for. `look` is the index of the evidence.

    `log10_p` is the leader's largest p after Holm of the test that is looked at again and again;
    it wins when that falls to `log10_bound`. None where nothing was compared. `log10_mismatch` is
    of the always-valid p of the split. `conditional_power` is the chance that the final look names
    the leader if the trend goes on; a hint, it decides nothing.
    """

    state: State
    reason: Reason
    winner: str | None
    claim: Claim
    decided_at: datetime | None
    look: int | None
    counts: tuple[tuple[int, int], ...]
    phi: float
    pairs: tuple[Comparison, ...]
    log10_mismatch: float
    conditional_power: float | None
    leader: str | None = None
    log10_p: float | None = None
    log10_bound: float | None = None

    @property
    def decided(self) -> bool:
        return self.state in DECIDED


class Event(NamedTuple):
    """Something that ends a test, at a time and a look."""

    at: float
    look: int
    state: State
    reason: Reason
    ranking: Ranking | None = None


def unmeasured(plan: Plan, event: Event) -> Verdict:
    """A verdict of which nothing has been counted."""
    decided = event.state in DECIDED
    return Verdict(
        state=event.state,
        reason=event.reason,
        winner=None,
        claim=claim(plan.design, plan.kind),
        decided_at=datetime.fromtimestamp(event.at, UTC) if decided else None,
        look=None,
        counts=(),
        phi=1.0,
        pairs=(),
        log10_mismatch=0.0,
        conditional_power=None,
    )
