"""How many matched slots a test needs whose winner must beat every other variant.

The error is shared by the looks at it (Bonferroni), as `replicated` does, and by the comparisons
(Holm): the least certain of the leader's k - 1 among m pairs is held against alpha / (m - k + 2).
For all of them to hold together with the power, each has to hold with its (k - 1)-th root: too
much by a little, as they share the leader.
"""

from __future__ import annotations

from collections.abc import Callable

from experiments.statistics import planning
from experiments.statistics.counts import InvalidCounts
from experiments.statistics.replicated import FEWEST

# Number of slots planned → how many times the test is looked at.
LooksOf = Callable[[int], int]


def distance(
    slots: int, variants: int, confidence: float, power: float, looks_of: LooksOf
) -> float | None:
    """The smallest difference found, in standard deviations of one slot's; None: too few slots."""
    if slots < FEWEST:
        return None
    pairs = variants * (variants - 1) // 2
    alpha = (1 - confidence) / looks_of(slots) / (pairs - variants + 2)
    return planning.paired_distance(slots, alpha, power ** (1 / (variants - 1)))


def needed(
    wanted: float, variants: int, confidence: float, power: float, looks_of: LooksOf
) -> int | None:
    """The fewest slots that find a difference of so many standard deviations; None: not 1,000."""
    if not wanted > 0:
        raise InvalidCounts("plan", "The effect must be above 0.", field="relative_mde")

    def enough(slots: int) -> bool:
        found = distance(slots, variants, confidence, power, looks_of)
        return found is not None and found <= wanted

    # More looks take some of the error, so the answer is not monotone where their number changes.
    return next((slots for slots in range(FEWEST, planning.MOST_SLOTS + 1) if enough(slots)), None)
