"""Where a value stands among others. Without numpy: web requests ask for it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


def percentile(scale: Sequence[float], value: float) -> float:
    """0 to 100: the share of the sorted values that this one is not below."""
    if not scale:
        return 0.0
    # The same number, computed in another order, may differ in its last bit.
    return 100.0 * bisect_right(scale, value * (1 + 1e-12)) / len(scale)
