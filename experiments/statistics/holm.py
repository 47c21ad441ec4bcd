"""Several comparisons at once: p-values and levels such that *any* false finding is rare.

Holm 1979, Scand. J. Stat. 6:65. Nothing is assumed about how the tests depend on each other.
Always-valid p-values stay so after it, at whatever moment somebody stops.
"""

from __future__ import annotations

from collections.abc import Sequence


def adjust(p_values: Sequence[float]) -> list[float]:
    """adj_(i) = max over j <= i of min(1, (m - j + 1) p_(j)), in the order given."""
    adjusted, highest, m = [1.0] * len(p_values), 0.0, len(p_values)
    for rank, index in enumerate(_smallest_first(p_values)):
        highest = max(highest, min(1.0, (m - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def levels(p_values: Sequence[float], alpha: float) -> list[float]:
    """The level each comparison was held against: an interval with confidence 1 - level says the
    same as its adjusted p-value.

    alpha / (m - j + 1) up to the first that fails; all later ones fail with it, at its level.
    """
    found, m, level, going = [alpha] * len(p_values), len(p_values), alpha, True
    for rank, index in enumerate(_smallest_first(p_values)):
        if going:
            level = alpha / (m - rank)
            going = p_values[index] <= level
        found[index] = level
    return found


def _smallest_first(p_values: Sequence[float]) -> list[int]:
    return sorted(range(len(p_values)), key=lambda index: p_values[index])
