"""Rates: engagements per impression that may exceed 1, such as likes and comments and shares.

Assumption: counts are Poisson with variance phi times their mean. Unit: engagements per
impression (0.03 is 3 for each hundred).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import chdtrc, gammaln, ndtr

from experiments.statistics.counts import Variant
from experiments.statistics.fixed import (
    DRAWS,
    EXACT_UP_TO,
    LEAST_EXPECTED,
    NO_TEST,
    SAME,
    SEED,
    Test,
    binomial,
    not_below,
)
from experiments.statistics.intervals import Interval, critical, mover


def omnibus(variants: Sequence[Variant], *, phi: float = 1.0) -> Test:
    """Is there any difference? X² = sum (x - n r)² / (phi n r), r the pooled rate, k - 1 degrees
    of freedom (Potthoff & Whittinghill 1966, Biometrika 53:183).

    An expected count below 5: given their sum, counts are multinomial with shares n / N; exact
    for k = 2, else in 20,000 drawn ones with a fixed seed.
    """
    n = np.array([one.impressions for one in variants], float)
    x = np.array([one.engagements for one in variants], float)
    engaged = sum(one.engagements for one in variants)
    if not n.all() or not engaged:
        return NO_TEST
    expected = engaged * (n / n.sum())
    statistic = float(((x - expected) ** 2 / expected).sum()) / phi
    dof = len(n) - 1
    rough = Test("poisson_chi_square", statistic, dof, float(chdtrc(dof, statistic)))
    if expected.min() >= LEAST_EXPECTED:
        return rough
    if len(n) == 2:
        p = binomial(variants[1].engagements, engaged, float(n[1] / n.sum()))
        return not_below(rough, Test("binomial_exact", None, None, p), phi)
    if engaged > EXACT_UP_TO:
        return rough
    rng = np.random.default_rng(SEED)
    log_shares = np.log(n / n.sum())
    drawn = rng.multinomial(engaged, n / n.sum(), size=DRAWS)
    log = drawn @ log_shares - gammaln(drawn + 1).sum(axis=1)
    seen = float(x @ log_shares - gammaln(x + 1).sum())
    p = float((1 + (log <= seen + math.log(SAME)).sum()) / (DRAWS + 1))
    return not_below(rough, Test("poisson_monte_carlo", None, None, p), phi)


def pair(control: Variant, one: Variant, *, phi: float = 1.0) -> Test:
    """Do two rates differ? Score test z = (r1 - r0) / √(phi r (1/n1 + 1/n0)), r pooled (Ng & Tang
    2005, Stat. Med. 24:955, W2A), or exact: x1 binomial of x0 + x1 with share n1 / (n0 + n1)
    (Przyborowski & Wilenski 1940, Biometrika 31:313) where less than 5 are expected.
    """
    x0, n0, x1, n1 = control.engagements, control.impressions, one.engagements, one.impressions
    if not (n0 and n1 and x0 + x1):
        return NO_TEST
    pooled = (x0 + x1) / (n0 + n1)
    z = (x1 / n1 - x0 / n0) / math.sqrt(phi * pooled * (1 / n1 + 1 / n0))
    rough = Test("poisson_score", z, None, 2 * float(ndtr(-abs(z))))
    if pooled * min(n0, n1) >= LEAST_EXPECTED:
        return rough
    p = binomial(x1, x0 + x1, n1 / (n0 + n1))
    return not_below(rough, Test("binomial_exact", None, None, p), phi)


def score(one: Variant, confidence: float = 0.95, phi: float = 1.0) -> Interval | None:
    """Of one rate: (x + z²/2 ± z √(x + z²/4)) / n, z² times phi (Rao's score for a Poisson mean;
    Wilson's interval for counts). None without impressions."""
    if not one.impressions:
        return None
    x, z2 = one.engagements, phi * critical(confidence) ** 2
    half = math.sqrt(z2 * (x + z2 / 4))
    # Rounding must not move an end that is exactly 0.
    low = max(0.0, x + z2 / 2 - half) if x else 0.0
    return Interval(low / one.impressions, (x + z2 / 2 + half) / one.impressions)


def difference(
    control: Variant, one: Variant, confidence: float = 0.95, phi: float = 1.0
) -> Interval | None:
    """Of r1 - r0, from the score interval of each (MOVER: Li, Tang & Wong 2014, Stat. Methods
    Med. Res. 23:230). None without impressions."""
    ends0, ends1 = score(control, confidence, phi), score(one, confidence, phi)
    if ends0 is None or ends1 is None:
        return None
    rate0 = control.engagements / control.impressions
    return mover(rate0, ends0, one.engagements / one.impressions, ends1)


def ratio_lift(
    control: Variant, one: Variant, confidence: float = 0.95, phi: float = 1.0
) -> Interval | None:
    """Of r1 / r0 - 1: all ratios that the score test would not refuse, the roots m of
    (x1 - x0 m)² = z² phi (x0 + x1) m, divided by n1 / n0 (Ng & Tang 2005). None where x0 = 0.
    """
    x0, x1 = control.engagements, one.engagements
    if not (x0 and control.impressions and one.impressions):
        return None
    z2 = phi * critical(confidence) ** 2
    # x0² m² - 2 b m + x1² = 0, all divided by x0 x0 to keep large counts apart.
    ratio = x1 / x0
    b = ratio + z2 * (1 + ratio) / (2 * x0)
    # (b² - ratio²) without the loss of digits.
    spread = z2 * (1 + ratio) / (2 * x0)
    high = b + math.sqrt(spread * (b + ratio))
    low = ratio * ratio / high
    exposure = one.impressions / control.impressions
    return Interval(low / exposure - 1, high / exposure - 1)
