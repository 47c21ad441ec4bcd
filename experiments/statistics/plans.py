"""What was fixed when a test started, and what has been seen since: the input of `evaluate`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from experiments.statistics.counts import (
    FEWEST,
    KINDS,
    MOST,
    InvalidCounts,
    Kind,
    checked_confidence,
)

Array: TypeAlias = npt.NDArray[np.float64]
Design = Literal["split", "paired_slots", "cmh", "single_post"]
DESIGNS: tuple[Design, ...] = get_args(Design)
# What makes a running test worthless.
Broken = Literal["variant_deleted", "variant_edited"]

SHORTEST, LONGEST = timedelta(days=7), timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that must not depend on the counts; index 0 of the variants is the control.

    `planned`: impressions per variant at the planned end (engagements, where the kind is
    "count"; blocks, where slots are paired). `starts_at`: when the last variant went live.
    `ends_at`: the planned end; None for an open end, where the whole error goes to the looks.
    `extended_to`: a later end; the final look stays at `ends_at`. `smallest_effect`: relative,
    0.2 for a fifth. `paired_looks`: the numbers of finished blocks at which a paired test is
    looked at, else only at the last.
    """

    variants: tuple[str, ...]
    planned: int
    starts_at: datetime
    ends_at: datetime | None
    kind: Kind = "proportion"
    design: Design = "split"
    confidence: float = 0.95
    smallest_effect: float | None = None
    weights: tuple[float, ...] = ()
    extended_to: datetime | None = None
    paired_looks: tuple[int, ...] = ()
    stopped_at: datetime | None = None
    broken_at: datetime | None = None
    broken_why: Broken | None = None

    def __post_init__(self) -> None:
        if len(self.variants) < FEWEST:
            raise InvalidCounts("too_few_variants", f"A test needs at least {FEWEST} variants.")
        if len(self.variants) > MOST:
            raise InvalidCounts("too_many_variants", f"A test has at most {MOST} variants.")
        if self.kind not in KINDS or self.design not in DESIGNS or self.design == "cmh":
            raise InvalidCounts("plan", "This metric or design cannot be followed over time.")
        checked_confidence(self.confidence)
        if self.planned < 1:
            raise InvalidCounts("plan", "The planned size must be above 0.")
        if self.weights and len(self.weights) != len(self.variants):
            raise InvalidCounts("weight", "Each variant needs a weight.")
        if not all(0 < weight < math.inf for weight in self.weights):
            raise InvalidCounts("weight", "Weights must be above 0.")
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise InvalidCounts("plan", "A test ends after it starts.")

    @property
    def alpha(self) -> float:
        """The share of tests without a difference that may end with a winner."""
        return 1 - self.confidence

    @property
    def end(self) -> datetime | None:
        """When the one ordinary test is made: a whole week has to be seen, four are enough."""
        if self.ends_at is None or self.replicated:
            return self.ends_at
        return min(max(self.ends_at, self.starts_at + SHORTEST), self.starts_at + LONGEST)

    @property
    def replicated(self) -> bool:
        """Several posts per variant, each of them one observation."""
        return self.design == "paired_slots" or self.kind == "per_post"

    @property
    def shares(self) -> Array:
        """Intended shares of the audience, summing to 1."""
        weights = np.asarray(self.weights or (1.0,) * len(self.variants), dtype=np.float64)
        return np.asarray(weights / weights.sum())


# (engagements, impressions); None where the network counts no impressions.
Count: TypeAlias = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Look:
    """The counts of all variants since their start, as known at one time."""

    at: datetime
    counts: tuple[Count, ...]
    # When the network was last asked; None: just now.
    synced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One matched slot of a paired test whose posts are all old enough to count.

    `values`: of kind "per_post", one for each variant.
    """

    at: datetime
    counts: tuple[Count, ...]
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """All looks as arrays, in order of time: `at` and `synced` in seconds, counts (looks, k)."""

    at: Array
    synced: Array
    engagements: Array
    impressions: Array
    blocks: tuple[Block, ...] = ()
    # Of kind "per_post": the values of each variant's posts.
    posts: tuple[tuple[float, ...], ...] = ()
    # Dispersion, where it was measured elsewhere; None: from the increments between looks.
    phi: float | None = None

    @classmethod
    def of(
        cls,
        looks: Iterable[Look],
        variants: int,
        *,
        blocks: Iterable[Block] = (),
        posts: Sequence[Sequence[float]] = (),
    ) -> History:
        """From looks in any order; where impressions are not known they are 0."""
        rows = sorted(looks, key=lambda look: look.at)
        for row in rows:
            if len(row.counts) != variants:
                raise InvalidCounts("plan", "Each look needs the counts of every variant.")
        shape = (len(rows), variants)
        pairs = [[(x, n or 0) for x, n in row.counts] for row in rows]
        counts = np.asarray(pairs, dtype=np.float64).reshape(*shape, 2)
        if not np.all(np.isfinite(counts)) or np.any(counts < 0):
            raise InvalidCounts("negative", "Counts are numbers from 0 up.")
        return cls(
            at=np.array([row.at.timestamp() for row in rows]),
            synced=np.array([(row.synced_at or row.at).timestamp() for row in rows]),
            engagements=counts[..., 0],
            impressions=counts[..., 1],
            blocks=tuple(sorted(blocks, key=lambda block: block.at)),
            posts=tuple(tuple(map(float, values)) for values in posts),
        )

    def until(self, now: datetime) -> History:
        """What was known then."""
        size = int(np.searchsorted(self.at, now.timestamp(), side="right"))
        return replace(
            self,
            at=self.at[:size],
            synced=self.synced[:size],
            engagements=self.engagements[:size],
            impressions=self.impressions[:size],
            blocks=tuple(block for block in self.blocks if block.at <= now),
        )
