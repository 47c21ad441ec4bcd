"""What a test counted, checked once at the door: everything behind it may trust the numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass, replace
from numbers import Real
from typing import Literal, TypeGuard, get_args

# proportion: at most one engagement per impression. rate: any number per impression.
# per_post: the values of single posts are compared. count: no impressions are known.
Kind = Literal["proportion", "rate", "per_post", "count"]
KINDS: tuple[Kind, ...] = get_args(Kind)

FEWEST, MOST = 2, 10
# What a database column holds; beyond 2^53 a float is off by less than one part in 10^15.
LARGEST = 2**63 - 1
MOST_WEIGHT = 1e6
LEAST_CONFIDENCE, MOST_CONFIDENCE = 0.5, 0.9999


@dataclass(frozen=True, slots=True)
class Variant:
    """Counts of one variant; `weight` is its intended share of the audience, on any scale."""

    name: str
    engagements: int
    impressions: int
    weight: float = 1.0

    @property
    def rate(self) -> float | None:
        """Engagements per impression; None without impressions."""
        return self.engagements / self.impressions if self.impressions else None


class InvalidCounts(ValueError):
    """Counts that no test can be made of. `variant` is the name of the one at fault or "", `field`
    what is wrong of it, or of a plan.

    `code`: too_few_variants, too_many_variants, duplicate_name, not_a_number, negative,
    too_large, above_impressions, no_impressions, weight, kind, confidence; and of the modules
    that take more than counts: too_few_posts, too_few_blocks, plan.
    """

    def __init__(self, code: str, message: str, variant: str = "", field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.variant = variant
        self.field = field


def checked(variants: Iterable[Variant], kind: str) -> tuple[Variant, ...]:
    """The variants with counts as plain ints; InvalidCounts names what is wrong.

    Nothing is clamped. No impressions and no engagements is no error: there is no data yet.
    In kind "count" impressions are not looked at and come back as 0.
    """
    if kind not in KINDS:
        raise InvalidCounts("kind", f"The kind of a metric is one of: {', '.join(KINDS)}.")
    found = tuple(_checked(one, kind) for one in variants)
    if len(found) < FEWEST:
        raise InvalidCounts("too_few_variants", f"A test needs at least {FEWEST} variants.")
    if len(found) > MOST:
        raise InvalidCounts("too_many_variants", f"A test has at most {MOST} variants.")
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise InvalidCounts("duplicate_name", f"Two variants are called {name}.", name)
    return found


def checked_confidence(value: object) -> float:
    """A confidence level from 0.5 to 0.9999; 95 is refused, not guessed to mean 0.95."""
    if not (_is_number(value) and LEAST_CONFIDENCE <= float(value) <= MOST_CONFIDENCE):
        raise InvalidCounts(
            "confidence",
            f"Confidence is a number from {LEAST_CONFIDENCE} to {MOST_CONFIDENCE}, such as 0.95.",
            field="confidence",
        )
    return float(value)


def _checked(one: Variant, kind: str) -> Variant:
    engagements = _count(one.engagements, "engagements", one.name)
    impressions = 0 if kind == "count" else _count(one.impressions, "impressions", one.name)
    if kind == "proportion" and engagements > impressions:
        raise InvalidCounts(
            "above_impressions",
            f"{one.name} has more engagements ({engagements}) than impressions ({impressions}). "
            "Where one impression may bring several engagements, compare rates.",
            one.name,
            "engagements",
        )
    if kind == "rate" and engagements and not impressions:
        raise InvalidCounts(
            "no_impressions",
            f"{one.name} has engagements but no impressions.",
            one.name,
            "impressions",
        )
    if not (_is_number(one.weight) and 1 / MOST_WEIGHT <= one.weight <= MOST_WEIGHT):
        message = f"The weight of {one.name} must be above 0, and at most a million."
        raise InvalidCounts("weight", message, one.name, "weight")
    return replace(one, engagements=engagements, impressions=impressions, weight=float(one.weight))


def _count(value: object, what: str, name: str) -> int:
    """A whole number that is not negative. A float, a text or True is no count."""
    if value is None and what == "impressions":
        message = f"The impressions of {name} are not known."
        raise InvalidCounts("no_impressions", message, name, what)
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        message = f"The {what} of {name} must be a whole number."
        raise InvalidCounts("not_a_number", message, name, what) from None
    if number < 0:
        message = f"The {what} of {name} must not be negative."
        raise InvalidCounts("negative", message, name, what)
    if number > LARGEST:
        raise InvalidCounts("too_large", f"The {what} of {name} are above 2^63.", name, what)
    return number


def _is_number(value: object) -> TypeGuard[float]:
    # True is a number to Python, and none to a person.
    if isinstance(value, bool):
        return False
    try:
        return isinstance(value, Real) and math.isfinite(value)
    except OverflowError:
        return False
