"""How many matched slots a winner takes."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.statistics import blocks, planning
from experiments.statistics.counts import InvalidCounts


def once(_slots: int) -> int:
    return 1


def test_two_variants_looked_at_once_take_the_slots_of_the_paired_t():
    for effect in (0.1, 0.3, 1.0):
        needed = blocks.needed(np.log1p(effect) / 0.5, 2, 0.95, 0.8, once)

        assert needed == max(4, planning.paired_slots(0.5, effect))


def test_looks_and_variants_take_more():
    one = blocks.needed(0.6, 2, 0.95, 0.8, once)

    assert blocks.needed(0.6, 2, 0.95, 0.8, lambda slots: 3 if slots >= 16 else 1) > one
    assert blocks.needed(0.6, 4, 0.95, 0.8, once) > one


def test_what_is_found_shrinks_with_the_slots():
    found = [blocks.distance(slots, 3, 0.95, 0.8, once) for slots in (3, 4, 8, 50)]

    assert found[0] is None
    assert found[1] > found[2] > found[3] > 0


def test_too_small_an_effect_is_out_of_reach():
    assert blocks.needed(0.01, 2, 0.95, 0.8, once) is None
    with pytest.raises(InvalidCounts):
        blocks.needed(0.0, 2, 0.95, 0.8, once)
