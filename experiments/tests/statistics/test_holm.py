from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from experiments.statistics import holm


@pytest.mark.parametrize("seed", range(20))
def test_adjusted_values_agree_with_statsmodels(seed):
    rng = np.random.default_rng(seed)
    p = (rng.random(rng.integers(1, 46)) ** 3).tolist()

    assert holm.adjust(p) == pytest.approx(multipletests(p, method="holm")[1].tolist(), abs=1e-12)


def test_ties_and_ends():
    assert holm.adjust([]) == []
    assert holm.adjust([0.02, 0.02, 1.0]) == pytest.approx([0.06, 0.06, 1.0])


@pytest.mark.parametrize("seed", range(20))
def test_levels_say_the_same_as_adjusted_values(seed):
    p = (np.random.default_rng(seed).random(12) ** 4).tolist()

    by_level = [one <= level for one, level in zip(p, holm.levels(p, 0.05), strict=True)]

    assert by_level == [one <= 0.05 for one in holm.adjust(p)]
    assert by_level == multipletests(p, 0.05, method="holm")[0].tolist()
