"""Counts that tests share: from the smallest that a formula takes to the largest."""

from __future__ import annotations

from experiments.statistics.counts import Variant

# (engagements, impressions) of two variants.
PAIRS = [
    (56, 70, 48, 80),
    (30, 1000, 45, 1100),
    (300, 10_000, 360, 10_000),
    (1, 200, 90, 300),
    (999, 1000, 900, 1000),
    (33_600, 1_120_000, 34_100, 1_100_000),
    (30_000_000, 10**9, 30_010_000, 10**9),
    (2**51, 2**53, 2**51 + 2**27, 2**53),
]
SMALL = [(1, 20, 7, 22), (0, 50, 4, 40), (3, 1000, 0, 900), (7, 8, 1, 9), (2, 10**6, 0, 10**5)]
MANY = [
    [(30, 1000), (45, 1100), (28, 900)],
    [(300, 9000), (301, 9100), (330, 9050), (280, 8800)],
    [(3000 + 30 * i, 10**5 + i) for i in range(10)],
]


def variants(*counts: tuple[int, int]) -> list[Variant]:
    return [Variant("ABCDEFGHIJ"[i], x, n) for i, (x, n) in enumerate(counts)]


def two(x0: int, n0: int, x1: int, n1: int) -> list[Variant]:
    return variants((x0, n0), (x1, n1))
