"""Tests of proportions that look once: chi-square, or Fisher's exact test where counts are small.

Unit: one impression, which engages or not. They assume that impressions are independent; divide
by the dispersion phi where they are not. Used hourly they are wrong: see `sequential`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import chdtrc, gammaln, ndtr, pdtr, pdtrc

from experiments.statistics.counts import Variant

Method = Literal[
    "none",
    "chi_square",
    "chi_square_yates",
    "fisher_exact",
    "fisher_monte_carlo",
    "poisson_chi_square",
    "poisson_score",
    "poisson_monte_carlo",
    "binomial_exact",
    "welch",
    "welch_anova",
]

# Below this expected count chi-square is no good guide (Cochran 1954, Biometrics 10:417).
LEAST_EXPECTED = 5.0
DRAWS, SEED = 20_000, 20_260_101
# Beyond, log factorials lose too many digits, and numpy draws no hypergeometric numbers.
EXACT_UP_TO = 10**9
# Tables as likely as the one seen count as such in spite of rounding.
SAME = 1 + 1e-7


@dataclass(frozen=True, slots=True)
class Test:
    """`p` is two-sided; 1 with method "none": nothing to compare yet."""

    method: Method
    statistic: float | None
    dof: float | None
    p: float


NO_TEST = Test("none", None, None, 1.0)


def omnibus(variants: Sequence[Variant], *, yates: bool = False, phi: float = 1.0) -> Test:
    """Is there any difference among the variants? It is shown and never decides.

    X² = sum (O - E)² / (phi E) over the k x 2 table, k - 1 degrees of freedom (Pearson 1900,
    Phil. Mag. 50:157). Yates' correction only when asked and k = 2: it is over-conservative
    (Campbell 2007, Stat. Med. 26:3661). An expected count below 5: Fisher, for k > 2 in 20,000
    drawn tables with a fixed seed.
    """
    table = _Table.of(variants)
    if table is None:
        return NO_TEST
    test = table.chi_square(yates, phi)
    if table.least_expected >= LEAST_EXPECTED:
        return test
    if len(variants) == 2:
        return not_below(test, Test("fisher_exact", None, None, table.fisher()), phi)
    if table.total > EXACT_UP_TO:
        return test
    return not_below(test, Test("fisher_monte_carlo", None, None, table.drawn()), phi)


def pair(a: Variant, b: Variant, *, yates: bool = False, phi: float = 1.0) -> Test:
    """Do two variants differ? Chi-square 2 x 2, which is the pooled z-test squared, or Fisher."""
    return omnibus((a, b), yates=yates, phi=phi)


def not_below(rough: Test, exact: Test, phi: float) -> Test:
    """An exact test knows no phi: with clustering the larger of both p-values."""
    if phi <= 1 or exact.p >= rough.p:
        return exact
    return Test(exact.method, exact.statistic, exact.dof, rough.p)


@dataclass(frozen=True, slots=True)
class _Table:
    """The k x 2 table: x engaged and y not, of n; every row and column has something in it."""

    n: np.ndarray[Any, Any]
    x: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any]
    total: int
    engaged: int

    @classmethod
    def of(cls, variants: Sequence[Variant]) -> _Table | None:
        n, x = [one.impressions for one in variants], [one.engagements for one in variants]
        total, engaged = sum(n), sum(x)
        if not all(n) or not 0 < engaged < total:
            return None
        y = [size - count for size, count in zip(n, x, strict=True)]
        columns = [np.array(some, float) for some in (n, x, y)]
        return cls(columns[0], columns[1], columns[2], total, engaged)

    @property
    def least_expected(self) -> float:
        rarer = min(self.engaged, self.total - self.engaged)
        return float(self.n.min()) * rarer / self.total

    def chi_square(self, yates: bool, phi: float) -> Test:
        # Of what is rarer, so that a share next to 1 loses no digits.
        rarer = min(self.engaged, self.total - self.engaged)
        rate = rarer / self.total
        count = self.x if rarer == self.engaged else self.y
        off = np.abs(count - self.n * rate)
        corrected = yates and len(self.n) == 2
        if corrected:
            off = off - np.minimum(0.5, off)
        statistic = float((off**2 / (self.n * (rate * (1 - rate)))).sum()) / phi
        dof = len(self.n) - 1
        method: Method = "chi_square_yates" if corrected else "chi_square"
        return Test(method, statistic, dof, float(chdtrc(dof, statistic)))

    def fisher(self) -> float:
        """Sum of the chances of all tables with these margins that are no likelier than this one
        (Fisher 1922; Agresti 1992, Stat. Sci. 7:131), p of the 2 x 2 table."""
        n, x = [int(v) for v in self.n], int(self.x[0])
        if self.total > EXACT_UP_TO:
            return self._nearly_binomial()
        low, high = max(0, self.engaged - n[1]), min(n[0], self.engaged)
        first = np.arange(low, high + 1, dtype=float)
        log = -sum(
            gammaln(first * sign + shift + 1)
            for sign, shift in (
                (1, 0),
                (-1, n[0]),
                (-1, self.engaged),
                (1, n[1] - self.engaged),
            )
        )
        chance = np.exp(log - log.max())
        return float(chance[chance <= chance[x - low] * SAME].sum() / chance.sum())

    def _nearly_binomial(self) -> float:
        """An expected count below 5 of N makes the smallest margin less than √(5 N): what it has
        in common with a row or column is binomial, but for a share of 1e-4."""
        n, x = self.n, self.x
        engaged = (self.engaged, x[0], n[0] / self.total)
        others = (self.total - self.engaged, n[0] - x[0], n[0] / self.total)
        rows = [(n[i], x[i], self.engaged / self.total) for i in (0, 1)]
        margin, count, share = min(engaged, others, *rows)
        return binomial(int(count), int(margin), float(share))

    def drawn(self) -> float:
        """The same for k x 2, over drawn tables; the seen one counts as one of them."""
        rng = np.random.default_rng(SEED)
        tables = rng.multivariate_hypergeometric(
            self.n.astype(np.int64), self.engaged, size=DRAWS, method="marginals"
        )
        log = _log_chance(tables, self.n)
        seen = float(_log_chance(self.x[None, :], self.n)[0])
        return float((1 + (log <= seen + math.log(SAME)).sum()) / (DRAWS + 1))


def binomial(count: int, of: int, share: float) -> float:
    """Two-sided exact binomial test: all outcomes that are no likelier than this one.

    Beyond a billion, where chances of single outcomes lose their digits, its limits: normal, or
    twice the smaller tail of Poisson where less than 5 are expected.
    """
    if of > EXACT_UP_TO:
        rarer, seen = (share, count) if share <= 0.5 else (1 - share, of - count)
        expected = of * rarer
        if expected < LEAST_EXPECTED:
            above = float(pdtrc(seen - 1, expected)) if seen else 1.0
            return min(1.0, 2 * min(float(pdtr(seen, expected)), above))
        z = abs(seen - expected) / math.sqrt(expected * (1 - rarer))
        return 2 * float(ndtr(-z))
    # Takes a second to import, and is needed where counts are small.
    from scipy.stats import binomtest

    return float(binomtest(count, of, share).pvalue)


def _log_chance(x: np.ndarray[Any, Any], n: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Of each table in the rows of x, but for a constant."""
    found: np.ndarray[Any, Any] = -(gammaln(x + 1) + gammaln(n - x + 1)).sum(axis=1)
    return found
